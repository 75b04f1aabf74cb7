"""What somebody is answered who asks what he may do."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import UsageError
from isthmus.security.authorization.permission import Permission, user_permission
from isthmus.security.authorization.questions import has_privileges, user_privileges
from isthmus.security.authorization.role import Role
from isthmus.security.privileges.cluster import CLUSTER
from isthmus.security.roles.parsing import parse_role
from isthmus.security.roles.reserved import reserved_roles


def no_actions(_application: str, _name: str) -> tuple[str, ...] | None:
    return None


def permission(**body: Any) -> Permission:
    return user_permission([parse_role("r", body)])


def index_answer(may: Permission, name: str, privilege: str, **more: Any) -> bool:
    asked = {"index": [{"names": name, "privileges": privilege, **more}]}
    return bool(has_privileges(may, "jo", asked, no_actions)["index"][name][privilege])


def test_the_answer_has_a_yes_or_no_for_each_privilege() -> None:
    may = permission(
        cluster=["monitor"],
        indices=[{"names": ["logs-*"], "privileges": ["read"]}],
        applications=[{"application": "app", "privileges": ["see"], "resources": ["space/*"]}],
    )
    asked = {
        "cluster": ["monitor", "manage"],
        "index": [{"names": ["logs-a*", "other"], "privileges": ["read", "write"]}],
        "application": [{"application": "app", "privileges": ["see", "edit"], "resources": ["space/1"]}],
    }
    assert has_privileges(may, "jo", asked, no_actions) == {
        "username": "jo",
        "has_all_requested": False,
        "cluster": {"manage": False, "monitor": True},
        "index": {"logs-a*": {"read": True, "write": False}, "other": {"read": False, "write": False}},
        "application": {"app": {"space/1": {"edit": False, "see": True}}},
    }


@pytest.mark.parametrize(
    ("has", "asked", "does"),
    [
        ("all", "read_security", True),
        ("manage", "monitor", True),
        ("manage", "manage_security", False),
        ("manage_security", "read_security", True),
        ("manage_api_key", "manage_own_api_key", True),
        ("read_security", "manage_own_api_key", False),
        ("monitor", "cluster:monitor/main", True),
        ("cluster:*", "all", False),
    ],
)
def test_a_privilege_over_the_cluster_contains_others(has: str, asked: str, does: bool) -> None:
    assert has_privileges(permission(cluster=has), "jo", {"cluster": [asked]}, no_actions)["cluster"][asked] is does


def test_the_superuser_has_every_privilege() -> None:
    may = user_permission([reserved_roles()["superuser"]])
    assert has_privileges(may, "elastic", {"cluster": list(CLUSTER)}, no_actions)["has_all_requested"]
    assert index_answer(may, "*", "all")


def test_the_superuser_only_reads_restricted_indices() -> None:
    may = user_permission([reserved_roles()["superuser"]])
    assert index_answer(may, "*", "read", allow_restricted_indices=True)
    assert not index_answer(may, "*", "write", allow_restricted_indices=True)


def test_privileges_and_names_of_several_groups_add_up() -> None:
    may = permission(
        indices=[
            {"names": ["a*"], "privileges": ["read"]},
            {"names": ["a*"], "privileges": ["indices:admin/mapping/auto_put", "indices:data/write/*"]},
            {"names": ["b*"], "privileges": ["read"]},
        ]
    )
    assert index_answer(may, "ab", "write")
    assert index_answer(may, "/[ab]x/", "read")
    assert not index_answer(may, "*", "read")


def test_restricted_indices_are_asked_about_only_when_one_says_so() -> None:
    may = permission(indices=[{"names": "*", "privileges": "all"}])
    assert index_answer(may, "*", "read")
    assert not index_answer(may, "*", "read", allow_restricted_indices=True)
    assert not index_answer(may, ".security-7", "read")


@pytest.mark.parametrize(
    "body", [{}, {"cluster": []}, {"clutser": ["all"]}, {"index": [{"names": "a"}]}, [], {"cluster": ["alll"]}]
)
def test_a_wrong_question_is_refused(body: Any) -> None:
    with pytest.raises(UsageError):
        has_privileges(permission(), "jo", body, no_actions)


def test_all_that_one_may_is_listed_with_like_groups_as_one() -> None:
    group = {"names": ["b", "a"], "privileges": ["read"]}
    may = permission(
        cluster=["monitor", "all"],
        run_as="x",
        indices=[{**group, "query": "{}", "field_security": {"grant": ["f"]}}, {**group, "query": '{"x":1}'}],
    )
    assert user_privileges(may) == {
        "cluster": ["all", "monitor"],
        "global": [],
        "indices": [
            {
                "names": ["a", "b"],
                "privileges": ["read"],
                "query": ["{}", '{"x":1}'],
                "allow_restricted_indices": False,
            }
        ],
        "applications": [],
        "run_as": ["x"],
    }
    with pytest.raises(UsageError, match="Cannot retrieve privileges for API keys with assigned role descriptors"):
        user_privileges(Permission([Role([]), Role([])]))


@pytest.mark.parametrize(
    ("given", "asked", "has"),
    [
        (["p2"], "p2", True),
        (["p2"], "data:read/x", True),
        (["p2"], "action:login", True),
        (["p2"], "reader", True),
        (["reader"], "p2", False),
        (["data:*"], "reader", True),
        (["p2"], "unknown", False),
        (["unknown"], "unknown", True),
        (["unknown"], "data:read/x", False),
        (["*"], "unknown", True),
    ],
)
def test_a_privilege_of_an_application_grants_the_actions_that_it_names(
    given: list[str], asked: str, has: bool
) -> None:
    known = {"p2": ("data:read/*", "action:login"), "reader": ("data:read/*",)}
    may = permission(applications=[{"application": "app", "privileges": given, "resources": ["a*"]}])
    question = {"application": [{"application": "app", "privileges": [asked], "resources": ["a1", "b"]}]}
    told = has_privileges(
        may, "jo", question, lambda application, name: known.get(name) if application == "app" else None
    )
    assert told["application"]["app"] == {"a1": {asked: has}, "b": {asked: False}}
