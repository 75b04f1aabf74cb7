"""Which rules hold for whom, as a real Elasticsearch 8.19 was seen to decide."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.pki.distinguished import normal_name, parse_distinguished_name
from isthmus.security.role_mappings.orders import new_role_mapping
from isthmus.security.role_mappings.rules import MAX_DEPTH, MAX_RULES, Person, RuleError, parse_rules

JO = 'CN=jo, OU=Web, O="Shops, Inc.", C=DE'
ANN = "EMAILADDRESS=ann@example.com, CN=Ann Lee, OU=Ops + UID=77, DC=example, DC=com"


def person(username: str, dn: str) -> Person:
    fields = {"username": username, "dn": dn, "groups": (), "metadata.pki_dn": dn, "realm.name": "pki1"}
    return Person(fields, normal_name(parse_distinguished_name(dn, "test")))


def field(name: str, value: Any) -> dict[str, Any]:
    return {"field": {name: value}}


def holds(rules: dict[str, Any], username: str = "jo", dn: str = JO) -> bool:
    return parse_rules(rules, "test").holds(person(username, dn))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (field("dn", JO), True),
        (field("dn", "cn=JO,ou=web,o=Shops\\, Inc.,c=de"), True),
        (field("dn", "*,ou=web,o=Shops\\, Inc.,c=de"), True),
        (field("dn", "*,o=Shops\\, Inc.,c=de"), True),
        (field("dn", "*,cn=jo,ou=web,o=Shops\\, Inc.,c=de"), False),
        (field("dn", "CN=j*"), True),
        (field("dn", "cn=j*"), True),
        (field("dn", "/.*OU=Web.*/"), True),
        (field("dn", None), False),
        (field("username", "jo"), True),
        (field("username", "JO"), False),
        (field("username", "j?"), False),
        (field("username", "?*"), True),
        (field("username", ["a", "jo"]), True),
        (field("username", 5), False),
        (field("metadata.pki_dn", "CN=jo*"), True),
        (field("metadata.pki_dn", "cn=jo*"), False),
        (field("realm.name", "pki1"), True),
        (field("groups", None), False),
        (field("groups", "*"), False),
        (field("metadata.x", None), True),
        ({"all": []}, True),
        ({"any": []}, False),
        ({"any": [field("username", "zz"), field("username", "j*")]}, True),
        ({"all": [field("username", "*"), {"except": field("dn", "CN=jo*")}]}, False),
        ({"all": [field("realm.name", "pki1"), {"except": {"any": [field("username", "zz")]}}]}, True),
    ],
)
def test_rules_hold_for_jo_as_in_elasticsearch(rules: dict[str, Any], expected: bool) -> None:
    assert holds(rules) is expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (field("dn", "emailAddress=ann@example.com,CN=Ann Lee,UID=77+OU=Ops,DC=example,DC=com"), True),
        (field("dn", "*,dc=example,dc=com"), True),
        (field("dn", "OU=Ops+UID=77"), False),
    ],
)
def test_attributes_of_one_part_may_come_in_any_order(rules: dict[str, Any], expected: bool) -> None:
    assert holds(rules, "Ann Lee", ANN) is expected


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"fild": {"username": "x"}}, "field [fild] is not recognised in object [m2]"),
        ({"field": {"username": "x", "dn": "y"}}, "object [field] contains multiple fields"),
        ({"field": {"username": {}}}, "expected a field value but found [START_OBJECT] instead"),
        ({}, "object [m2] does not contain any fields"),
        ({"except": field("username", "x")}, "object [except] is only allowed in the list of [all]"),
        ({"any": [{"except": field("username", "x")}]}, "object [except] is only allowed"),
        ({"all": field("username", "x")}, "field [all] requires an array"),
        (field("username", "/x"), "must end with [/]"),
    ],
)
def test_what_is_no_rule_is_refused_by_name(rules: dict[str, Any], told: str) -> None:
    with pytest.raises(IsthmusError) as refused:
        new_role_mapping("m2", {"roles": ["a"], "enabled": True, "rules": rules})
    assert told in str(refused.value)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"rules": field("username", "x"), "enabled": True}, "missing field [roles]"),
        ({"roles": ["a"], "enabled": True}, "missing field [rules]"),
        ({"roles": ["a"], "rules": field("username", "x")}, "missing field [enabled]"),
        ({"roles": [], "rules": field("username", "x"), "enabled": True}, "cannot both be missing or empty"),
        ({"roles": ["a"], "metadata": {"_x": 1}, "rules": {"all": []}, "enabled": True}, "may not start with [_]"),
        ({"roles": ["a"], "foo": 1, "rules": {"all": []}, "enabled": True}, "unknown field [foo]"),
        ({"role_templates": [{}], "rules": {"all": []}, "enabled": True}, "[role_templates] of a role mapping"),
        ({"roles": ["a"], "role_templates": [{}], "rules": {"all": []}, "enabled": True}, "cannot have both roles"),
    ],
)
def test_a_mapping_that_lacks_something_or_has_too_much_is_refused(body: dict[str, Any], told: str) -> None:
    with pytest.raises(IsthmusError) as refused:
        new_role_mapping("m2", body)
    assert told in str(refused.value)
    assert refused.value.status == 400


def test_rules_are_bounded_in_depth_and_number() -> None:
    deep: dict[str, Any] = field("username", "x")
    for _ in range(MAX_DEPTH):
        deep = {"all": [deep]}
    for rules in (deep, {"any": [field("username", "x")] * MAX_RULES}):
        with pytest.raises(RuleError, match="at most"):
            parse_rules(rules, "m")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["all", "any", "except", "field", "username", "dn"]), inner, max_size=2)
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_is_given_as_rules_is_read_or_refused(body: Any) -> None:
    try:
        rules = parse_rules(body, "m")
    except IsthmusError:
        return
    assert rules.holds(person("jo", JO)) in (True, False)
