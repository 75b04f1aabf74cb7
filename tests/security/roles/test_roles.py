"""Roles: read as Elasticsearch reads them, shown as it shows them, and refused by name."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import ConfigError, IsthmusError, UsageError
from isthmus.security.roles.descriptor import FieldSecurity, render_role
from isthmus.security.roles.file import parse_roles_yml
from isthmus.security.roles.parsing import parse_new_role, parse_role
from isthmus.security.roles.reserved import check_not_reserved, reserved_roles, service_account_roles
from isthmus.security.service_accounts.accounts import ACCOUNTS

# What Elasticsearch 8.19.0 renders of its own roles, without their descriptions.
REAL = json.loads((Path(__file__).parent / "elasticsearch-8.19.json").read_text())

texts = st.sampled_from(
    ["a", "*", "logs-*", "/a.*/", "/(/", "read", "all", "monitor", "", "cluster:x", "indices:data/*"]
)
lists = st.one_of(texts, st.lists(texts, max_size=3), st.none(), st.integers())
fields = st.fixed_dictionaries({}, optional={"grant": lists, "except": lists, "odd": lists})
groups: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"names": lists, "privileges": lists},
    optional={
        "field_security": st.one_of(fields, texts),
        "query": st.one_of(texts, st.just({"match_all": {}})),
        "allow_restricted_indices": st.booleans(),
        "clusters": lists,
    },
)
applications = st.fixed_dictionaries({}, optional={"application": texts, "privileges": lists, "resources": lists})
bodies = st.fixed_dictionaries(
    {},
    optional={
        "cluster": lists,
        "run_as": lists,
        "indices": st.lists(groups, max_size=3),
        "remote_indices": st.lists(groups, max_size=2),
        "remote_cluster": st.lists(
            st.fixed_dictionaries({}, optional={"clusters": lists, "privileges": lists}), max_size=2
        ),
        "applications": st.lists(applications, max_size=2),
        "metadata": st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        "global": st.dictionaries(texts, groups, max_size=1),
        "description": texts,
    },
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.one_of(bodies, anything))
def test_any_body_is_a_role_that_is_shown_as_it_was_read_or_is_refused(body: Any) -> None:
    try:
        role = parse_role("r", body)
    except IsthmusError:
        return
    assert parse_role("r", render_role(role)) == role


def test_a_text_stands_for_a_list_of_one_and_an_object_for_its_json() -> None:
    role = parse_role(
        "r",
        {
            "cluster": "monitor",
            "indices": [
                {
                    "names": "logs-*",
                    "privileges": "read",
                    "query": {"term": {"a": 1}},
                    "field_security": {"grant": "a*", "except": "ab"},
                }
            ],
        },
    )
    (group,) = role.indices
    assert (role.cluster, group.names, group.query) == (("monitor",), ("logs-*",), '{"term":{"a":1}}')
    assert group.field_security == FieldSecurity(("a*",), ("ab",))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"indeces": []}, r"failed to parse role \[r\]. unexpected field \[indeces\] \(did you mean \[indices\]"),
        ({"indices": [{"privileges": ["read"]}]}, r"indices privileges for role \[r\]. missing required \[names\]"),
        ({"indices": [{"names": [], "privileges": ["read"]}]}, r"\[names\] cannot be an empty array"),
        ({"indices": [{"names": ["a"], "privileges": ["raed"]}]}, r"unknown index privilege \[raed\].*\[read\]"),
        ({"cluster": ["al"]}, r"unknown cluster privilege \[al\].*\[all\]"),
        (
            {"indices": [{"names": "a", "privileges": "read", "field_security": {"grant": ["a"], "except": ["b"]}}]},
            "must be a subset of the granted fields but b is not a subset of a",
        ),
        ({"remote_indices": [{"names": "a", "privileges": "read"}]}, r"remote indices.*required \[clusters\]"),
        (
            {"remote_indices": [{"names": "a", "privileges": "read", "clusters": []}]},
            r"\[clusters\] cannot be an empty",
        ),
        ({"remote_cluster": [{"clusters": "*", "privileges": "all"}]}, r"\[all\] is not one of \[monitor_enrich"),
        ({"indices": [{"names": "/a(/", "privileges": "read"}]}, "cannot be read"),
        ({"transient_metadata": {"enabled": False}}, r"\[transient_metadata\] tells that a role counts"),
        ({"metadata": {"_reserved": True}}, r"metadata keys may not start with \[_\]"),
        ({"description": "x" * 1001}, "Role description must be less than 1000"),
        ({"cluster": ["monitor"] * 1001}, r"\[cluster\] has at most 1000"),
        ([], "expected an object"),
    ],
)
def test_a_wrong_role_is_refused_in_words(body: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_new_role("r", body)


@pytest.mark.parametrize("name", ["", " a", "a" * 508, "ä"])
def test_what_cannot_name_a_role_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="Role names must be"):
        parse_new_role(name, {})


def test_the_built_in_roles_are_those_of_elasticsearch() -> None:
    assert {name: render_role(role) for name, role in reserved_roles().items()} == REAL["roles"]
    with pytest.raises(UsageError, match=r"Role \[superuser\] is reserved"):
        check_not_reserved("superuser")


def test_each_service_account_has_the_role_that_it_has_in_elasticsearch() -> None:
    ours = {name: render_role(role) for name, role in service_account_roles().items()}
    assert {name: ours[name] for name in REAL["services"]} == REAL["services"]
    assert ours.keys() == set(ACCOUNTS)


ROLES_YML = """
# who may what
clicks_admin:
  run_as: [ 'clicks_watcher_1' ]
  cluster: [ 'monitor' ]
  indices:
  - names: [ 'events-*' ]
    privileges: [ 'read' ]
    field_security:
      grant: ['category', '@timestamp', 'message' ]
    query: '{"match": {"category": "click"}}'
    allow_restricted_indices: true
broken:
  cluster: [ 'mange' ]
superuser:
  cluster: [ 'all' ]
empty:
"""


def test_the_roles_of_a_file_are_read_and_wrong_ones_named_with_their_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        roles = parse_roles_yml(ROLES_YML, "/conf/roles.yml")
    assert list(roles) == ["clicks_admin", "empty"]
    (group,) = roles["clicks_admin"].indices
    assert group.allow_restricted_indices
    assert group.query == '{"match": {"category": "click"}}'
    told = [record.getMessage() for record in caplog.records]
    assert told[0].startswith("/conf/roles.yml:13: the role [broken] is left out: ")
    assert "Role [superuser] is reserved" in told[1]


@pytest.mark.parametrize(
    "text", ["- a", "a: [", "a: &x [b]\nc: *x", "a: !!python/none x", "a: " + "[" * 40, "just text"]
)
def test_a_file_that_is_no_map_of_roles_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_roles_yml(text, "/conf/roles.yml")


def test_an_empty_file_has_no_roles() -> None:
    assert parse_roles_yml("# nothing\n", "/conf/roles.yml") == {}
