"""Which API keys, users and roles a query finds."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import UsageError
from isthmus.query.parsing import Bounds
from isthmus.security import searched
from isthmus.security.api_keys.stored import ApiKey
from isthmus.security.roles.parsing import parse_role
from isthmus.security.searching import parse_search, search
from isthmus.security.subject import RealmRef, User

DAY = 24 * 60 * 60 * 1000
NOW = 20_000 * DAY


def key(id_: str, name: str, creation: int, **more: Any) -> ApiKey:
    realm = RealmRef("default_native", "native")
    return ApiKey(id=id_, name=name, hash="", creator=User(username="jo"), realm=realm, creation=creation, **more)


KEYS = [
    key("1", "nightly", NOW - 3 * DAY, metadata={"env": {"name": "prod"}, "tags": ["a", "b"], "on": True}),
    key("2", "weekly", NOW - 2 * DAY, expiration=NOW + DAY, metadata={"env.name": "test"}),
    key("3", "night/shift", NOW - DAY, invalidation=NOW, type="cross_cluster"),
]


def found(query: Any, **more: Any) -> list[str]:
    wanted = parse_search({"query": query, **more}, "api_key", Bounds())
    return [one.id for one, _ in search(KEYS, searched.KEYS, wanted, NOW).page]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"match_all": {}}, "123"),
        ({"match_none": {}}, ""),
        ({"ids": {"values": ["2", "x"]}}, "2"),
        ({"term": {"name": "nightly"}}, "1"),
        ({"match": {"type": "cross_cluster"}}, "3"),
        ({"terms": {"name": ["nightly", "weekly"]}}, "12"),
        ({"prefix": {"name": "night"}}, "13"),
        ({"wildcard": {"name": "*ly"}}, "12"),
        ({"wildcard": {"name": "*/s?ift"}}, "3"),
        ({"regexp": {"name": "(night|week)ly"}}, "12"),
        ({"exists": {"field": "expiration"}}, "2"),
        ({"term": {"invalidated": True}}, "3"),
        ({"term": {"username": "jo"}}, "123"),
        ({"term": {"realm_name": "file"}}, ""),
        ({"range": {"creation": {"gte": "now-2d/d"}}}, "23"),
        ({"range": {"creation": {"lt": NOW - 2 * DAY}}}, "1"),
        ({"range": {"expiration": {"gt": "now"}}}, "2"),
        ({"term": {"metadata.env.name": "prod"}}, "1"),
        ({"term": {"metadata.env.name": "test"}}, "2"),
        ({"term": {"metadata.tags": "b"}}, "1"),
        ({"term": {"metadata.on": True}}, "1"),
        ({"term": {"metadata": "prod"}}, "1"),
        ({"bool": {"must_not": {"exists": {"field": "metadata"}}}}, "3"),
        ({"bool": {"should": [{"term": {"name": "weekly"}}, {"ids": {"values": ["3"]}}]}}, "23"),
        ({"bool": {"filter": {"prefix": {"name": "n"}}, "should": {"term": {"name": "weekly"}}}}, "13"),
        ({"constant_score": {"filter": {"term": {"name": "weekly"}}}}, "2"),
    ],
)
def test_a_query_finds(query: Any, ids: str) -> None:
    assert found(query) == list(ids)


def test_keys_without_a_value_come_last_whatever_the_direction() -> None:
    for order in ("asc", "desc"):
        assert found({"match_all": {}}, sort=[{"expiration": {"order": order}}])[0] == "2"
    assert found({"match_all": {}}, sort=[{"creation": "desc"}], size=2) == ["3", "2"]
    assert found({"match_all": {}}, sort=["name"], **{"from": 1}) == ["1", "2"]
    assert found({"match_all": {}}, sort=["name"], search_after=["night/shift"]) == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"query": {"term": {"hash": 1}}}, r"Field \[hash\] is not allowed"),
        ({"query": {"term": {"role_descriptors": 1}}}, "role_descriptors"),
        ({"query": {"fuzzy": {"name": "x"}}}, r"Query type \[fuzzy\] is not currently supported"),
        ({"query": {"query_string": {"query": "x"}}}, r"\[query_string\]"),
        ({"query": {"range": {"name": {"gt": "x"}}}}, r"\[range\] on \[name\]"),
        ({"query": {"range": {"creation": {"gt": "x"}}}}, "creation"),
        ({"query": {"bool": {"should": [{"match_all": {}}], "minimum_should_match": 1}}}, "minimum_should_match"),
        ({"sort": ["hash"]}, r"\[hash\]"),
        ({"sort": ["name"], "search_after": [1]}, "search_after"),
        ({"search_after": ["x"]}, "search_after"),
        ({"from": 10_000, "size": 1}, "Result window is too large"),
        ({"aggs": {}}, r"\[aggs\]"),
        ({"foo": 1}, r"unknown field \[foo\]"),
    ],
)
def test_what_is_not_served_is_refused_by_name(body: Any, named: str) -> None:
    with pytest.raises(UsageError, match=named):
        search(KEYS, searched.KEYS, parse_search(body, "api_key", Bounds()), NOW)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"term": {"roles": "b"}}, ["jo"]),
        ({"wildcard": {"email": "*@example.org"}}, ["al"]),
        ({"exists": {"field": "full_name"}}, ["jo"]),
        ({"term": {"enabled": False}}, ["al"]),
        ({"ids": {"values": ["al"]}}, ["al"]),
    ],
)
def test_users_are_found(query: Any, names: list[str]) -> None:
    users = [
        User(username="jo", roles=("a", "b"), full_name="Jo"),
        User(username="al", email="al@example.org", enabled=False),
    ]
    wanted = parse_search({"query": query}, "user", Bounds())
    assert [one.username for one, _ in search(users, searched.USERS, wanted, NOW).page] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"term": {"applications.application": "app"}}, ["a"]),
        ({"term": {"applications.privileges": "read"}}, ["a"]),
        ({"match": {"description": "tells"}}, ["b"]),
        ({"term": {"metadata.team": "x"}}, ["b"]),
    ],
)
def test_roles_are_found(query: Any, names: list[str]) -> None:
    application = {"application": "app", "privileges": ["read"], "resources": ["*"]}
    roles = [
        parse_role("a", {"applications": [application]}),
        parse_role("b", {"description": "tells", "metadata": {"team": "x"}}),
    ]
    wanted = parse_search({"query": query}, "role", Bounds())
    assert [one.name for one, _ in search(roles, searched.ROLES, wanted, NOW).page] == names
