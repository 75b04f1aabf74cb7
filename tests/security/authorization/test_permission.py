"""What roles let somebody do and see."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.security.authorization.access import IndexAccess
from isthmus.security.authorization.permission import Permission, api_key_permission, user_permission
from isthmus.security.authorization.role import Role
from isthmus.security.roles.descriptor import FieldSecurity, RoleDescriptor
from isthmus.security.roles.parsing import parse_role
from isthmus.security.roles.reserved import reserved_roles

SEARCH = "indices:data/read/search"
MONITOR = "indices:monitor/stats"


def role(name: str = "r", /, **body: Any) -> RoleDescriptor:
    return parse_role(name, body)


def indices(names: Any, privileges: Any = "read", **more: Any) -> RoleDescriptor:
    return role(indices=[{"names": names, "privileges": privileges, **more}])


def test_a_role_grants_its_actions_on_its_names_only() -> None:
    permission = user_permission([indices(["logs-*", "one"]), role("c", cluster=["monitor"], run_as=["b*"])])
    assert permission.allows_index(SEARCH, "logs-a")
    assert permission.allows_index(SEARCH, "one")
    assert not permission.allows_index(SEARCH, "one2")
    assert not permission.allows_index("indices:data/write/index", "one")
    assert permission.allows_some_index(SEARCH)
    assert not permission.allows_some_index("indices:admin/delete")
    assert permission.allows_cluster("cluster:monitor/main")
    assert not permission.allows_cluster("cluster:admin/settings/update")
    assert permission.allows_run_as("bea")
    assert not permission.allows_run_as("al")


def test_nobody_without_roles_may_anything() -> None:
    for nothing in (user_permission([]), Permission([])):
        assert not nothing.allows_index(SEARCH, "a")
        assert not nothing.allows_cluster("cluster:monitor/main")
        assert not nothing.allows_run_as("a")
        assert not nothing.access(["a"]).sees("f")
        assert nothing.access(["a"]).documents == ((),)


@pytest.mark.parametrize("name", [".security-7", ".security", ".isthmus-state"])
def test_restricted_indices_need_a_group_that_says_so(name: str) -> None:
    assert not user_permission([indices("*", "all"), indices("/.*/", "all")]).allows_index(SEARCH, name)
    assert user_permission([indices("*", "all", allow_restricted_indices=True)]).allows_index(SEARCH, name)
    assert user_permission([reserved_roles()["superuser"]]).allows_index(SEARCH, name)


def test_who_manages_his_own_keys_does_not_touch_those_of_others() -> None:
    permission = user_permission([role(cluster=["manage_own_api_key"])])
    assert permission.cluster_access("cluster:admin/xpack/security/api_key/get") == "own"
    assert permission.cluster_access("cluster:admin/xpack/security/api_key/grant") == "none"
    assert (
        user_permission([role(cluster=["manage_api_key"])]).cluster_access("cluster:admin/xpack/security/api_key/get")
        == "all"
    )


def test_managing_the_cluster_is_not_managing_security() -> None:
    permission = user_permission([role(cluster=["manage"])])
    assert permission.allows_cluster("cluster:admin/settings/update")
    assert not permission.allows_cluster("cluster:admin/xpack/security/user/put")


def test_documents_are_those_of_any_role_and_all_with_a_role_without_a_query() -> None:
    limited = [indices("a", query='{"term":{"x":1}}'), indices("a*", query='{"term":{"y":1}}')]
    assert user_permission(limited).access(["a"]).documents == (('{"term":{"x":1}}', '{"term":{"y":1}}'),)
    assert user_permission(limited).access(["ab"]).documents == (('{"term":{"y":1}}',),)
    assert user_permission([*limited, indices("*")]).access(["a"]).documents == ()


def test_a_role_that_only_monitors_does_not_lift_the_limits_of_one_that_reads() -> None:
    permission = user_permission([indices("a", query="{}"), indices("*", "monitor")])
    assert permission.access(["a"]).documents == (("{}",),)
    assert permission.access(["a"], MONITOR).documents == ()


def test_an_alias_lifts_the_limits_of_its_index_for_whoever_asks_by_it() -> None:
    permission = user_permission([indices("index", query="{}"), indices("alias")])
    assert permission.access(["index"]).documents == (("{}",),)
    assert permission.access(["index", "alias"]).documents == ()


def test_fields_are_those_of_any_role() -> None:
    permission = user_permission(
        [
            indices("a", field_security={"grant": ["name", "address.*"], "except": ["address.street"]}),
            indices("a", field_security={"grant": ["age"]}),
        ]
    )
    access = permission.access(["a"])
    assert [
        path for path in ("name", "name.raw", "address.city", "address.street", "age", "pay") if access.sees(path)
    ] == [
        "name",
        "address.city",
        "age",
    ]
    assert access.sees("_id")
    assert user_permission([indices("a", field_security={"grant": "*"})]).access(["a"]) == IndexAccess()


def test_excepted_fields_are_hidden_from_whoever_sees_all_others() -> None:
    access = IndexAccess(fields=((FieldSecurity(None, ("pay*",)),),))
    assert access.sees("name")
    assert not access.sees("pay.sum")


def test_an_api_key_has_no_more_than_it_was_given_and_its_owner_might() -> None:
    given_to_it = msgspec.json.encode({"r": {"indices": [{"names": "a*", "privileges": "read", "query": "{}"}]}})
    owner = {
        "o": {"indices": [{"names": "ab", "privileges": "all", "query": '{"x":1}', "field_security": {"grant": "f"}}]}
    }
    permission = api_key_permission(given_to_it, msgspec.json.encode(owner))
    assert permission.allows_index(SEARCH, "ab")
    assert not permission.allows_index(SEARCH, "ac")
    assert not permission.allows_index("indices:data/write/index", "ab")
    assert permission.access(["ab"]).documents == (("{}",), ('{"x":1}',))
    assert api_key_permission(b"{}", msgspec.json.encode(owner)).allows_index("indices:data/write/index", "ab")
    assert not api_key_permission(b"{}", None).allows_some_index(SEARCH)


names = st.sampled_from(["a", "ab", "b", ".security-7"])
roles = st.builds(
    indices,
    st.lists(st.sampled_from(["a", "a*", "*", "b", "/a|b/", ".s*"]), min_size=1, max_size=2),
    st.lists(st.sampled_from(["read", "write", "all", "monitor"]), min_size=1, max_size=2),
    allow_restricted_indices=st.booleans(),
    query=st.sampled_from([None, "{}", '{"x":1}']),
    field_security=st.sampled_from([None, {"grant": ["f"]}, {"grant": ["f", "g"], "except": ["f"]}]),
)
actions = st.sampled_from([SEARCH, MONITOR, "indices:data/write/index", "indices:admin/delete"])


@given(st.lists(roles, max_size=3), roles, actions, names, st.sampled_from(["f", "g", "h", "_id"]))
def test_one_role_more_never_allows_less(
    some: list[RoleDescriptor], more: RoleDescriptor, action: str, name: str, path: str
) -> None:
    before, after = user_permission(some), user_permission([*some, more])
    assert after.allows_index(action, name) >= before.allows_index(action, name)
    less, seen = before.access([name], action), after.access([name], action)
    assert seen.sees(path) >= less.sees(path)
    assert not seen.documents or (less.documents and set(less.documents[0]) <= set(seen.documents[0]))


@given(st.lists(roles, max_size=3), st.lists(roles, max_size=3), actions, names, st.sampled_from(["f", "g", "_id"]))
def test_one_layer_more_never_allows_more(
    some: list[RoleDescriptor], limit: list[RoleDescriptor], action: str, name: str, path: str
) -> None:
    both = Permission([Role(some), Role(limit)])
    for one in (user_permission(some), user_permission(limit)):
        assert both.allows_index(action, name) <= one.allows_index(action, name)
        assert both.access([name], action).sees(path) <= one.access([name], action).sees(path)
        assert set(one.access([name], action).documents) <= set(both.access([name], action).documents)
