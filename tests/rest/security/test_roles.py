"""Many roles at once, the search of them, and privileges of applications, over HTTP: answers as 8.19 gave them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.client import Client
from tests.security.doubles import PASSWORD, basic

ROLE = "/_security/role"
PRIVILEGE = "/_security/privilege"
READ = {"actions": ["data:read/*"]}


async def test_many_roles_are_put_and_each_is_told_of(elastic: Client) -> None:
    roles = {"r1": {"cluster": ["monitor"]}, "r2": {"cluster": ["nope"]}, "superuser": {"cluster": ["all"]}}
    told = (await elastic.send("POST", ROLE, {"roles": roles})).json
    assert told["created"] == ["r1"]
    assert told["errors"]["count"] == 2
    assert "unknown cluster privilege [nope]" in told["errors"]["details"]["r2"]["reason"]
    assert "reserved" in told["errors"]["details"]["superuser"]["reason"]
    again = {"roles": {"r1": {"cluster": ["monitor"]}, "r3": {"description": "x"}}}
    assert (await elastic.send("POST", ROLE, again)).json == {"noop": ["r1"], "created": ["r3"]}
    changed = {"roles": {"r1": {"cluster": ["all"]}, "r3": {"description": "x"}}}
    assert (await elastic.send("POST", ROLE, changed)).json == {"updated": ["r1"], "noop": ["r3"]}


async def test_many_roles_are_deleted_and_each_is_told_of(elastic: Client) -> None:
    await elastic.send("PUT", f"{ROLE}/r1", {})
    told = (await elastic.send("DELETE", ROLE, {"names": ["r1", "zz", "superuser"]})).json
    assert (told["deleted"], told["not_found"]) == (["r1"], ["zz"])
    assert told["errors"]["details"]["superuser"] == {
        "type": "illegal_argument_exception",
        "reason": "role [superuser] is reserved and cannot be deleted",
    }


@pytest.mark.parametrize(
    ("method", "body", "reason"),
    [
        ("POST", {"role": {}}, "[bulk_update_roles_request_payload] unknown field [role] did you mean [roles]?"),
        ("POST", {"roles": []}, "[roles] is an object"),
        ("DELETE", {"names": [1]}, "names"),
    ],
)
async def test_orders_for_many_roles_that_cannot_be_read_are_refused(
    elastic: Client, method: str, body: Any, reason: str
) -> None:
    refused = await elastic.send(method, ROLE, body)
    assert (refused.status, reason in refused.reason) == (400, True), refused.text


async def test_roles_and_users_are_searched(elastic: Client) -> None:
    application = {"application": "app", "privileges": ["p2"], "resources": ["a*"]}
    await elastic.send("PUT", f"{ROLE}/a", {"applications": [application]})
    await elastic.send("PUT", f"{ROLE}/b", {"description": "x"})
    for name in ("jo", "al"):
        await elastic.send("PUT", f"/_security/user/{name}", {"password": PASSWORD, "roles": ["a"]})
    found = (await elastic.send("POST", "/_security/_query/role", {"sort": [{"name": "desc"}]})).json
    assert [(role["name"], role["_sort"]) for role in found["roles"]] == [("b", ["b"]), ("a", ["a"])]
    by_application = {"query": {"term": {"applications.application": "app"}}}
    assert (await elastic.send("POST", "/_security/_query/role", by_application)).json["total"] == 1
    users = (await elastic.send("GET", "/_security/_query/user", {"sort": ["username"]})).json
    assert [user["username"] for user in users["users"]] == ["al", "jo"]
    refused = await elastic.send("POST", "/_security/_query/user", {"query": {"term": {"password_hash": "x"}}})
    assert (refused.status, refused.reason) == (400, "Field [password_hash] is not allowed for querying or aggregation")


async def test_privileges_of_applications_are_put_shown_and_deleted(elastic: Client) -> None:
    body = {"app": {"p1": {**READ, "metadata": {"a": 1}}, "p2": READ}, "app-2": {"p1": READ}}
    told = (await elastic.send("PUT", PRIVILEGE, body)).json
    assert told["app"] == {"p1": {"created": True}, "p2": {"created": True}}
    assert (await elastic.send("PUT", PRIVILEGE, {"app": {"p1": READ}})).json == {"app": {"p1": {"created": False}}}
    p1 = {"application": "app", "name": "p1", "actions": ["data:read/*"], "metadata": {}}
    assert (await elastic.get(f"{PRIVILEGE}/app/p1,zz")).json == {"app": {"p1": p1}}
    assert set((await elastic.get(PRIVILEGE)).json) == {"app", "app-2"}
    assert set((await elastic.get(f"{PRIVILEGE}/app-*")).json) == {"app-2"}
    assert (await elastic.get(f"{PRIVILEGE}/zz")).json == {}
    assert (await elastic.get(f"{PRIVILEGE}/zz/p1")).status == 404
    gone = await elastic.send("DELETE", f"{PRIVILEGE}/app/p1,p0")
    assert (gone.status, gone.json) == (200, {"app": {"p1": {"found": True}, "p0": {"found": False}}})
    assert (await elastic.send("DELETE", f"{PRIVILEGE}/app/p1")).status == 404


async def test_what_a_privilege_of_an_application_grants_is_told(elastic: Client) -> None:
    await elastic.send("PUT", PRIVILEGE, {"app": {"p2": READ}})
    application = {"application": "app", "privileges": ["p2"], "resources": ["a*"]}
    await elastic.send("PUT", f"{ROLE}/a", {"applications": [application]})
    await elastic.send("PUT", "/_security/user/jo", {"password": PASSWORD, "roles": ["a"]})
    question = {"application": [{"application": "app", "privileges": ["data:read/x", "nope"], "resources": ["a1"]}]}
    told = await elastic.send(
        "POST", "/_security/user/_has_privileges", question, headers={"Authorization": basic("jo", PASSWORD)}
    )
    assert told.json["application"] == {"app": {"a1": {"data:read/x": True, "nope": False}}}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"app": {"P1": READ}}, "Application privilege names must match the pattern"),
        ({"app": {"p1": {"actions": ["read"]}}}, "action [read] must contain one of [ '/' , '*' , ':' ]"),
        ({"app": {"p1": {}}}, "Application privileges must have at least one action"),
        ({"App": {"p1": READ}}, "An application name prefix must match the pattern"),
        ({"ap": {"p1": READ}}, "must be at least 3 characters long"),
        ({"app": {"p1": {**READ, "application": "other"}}}, "application [other] in source does not match"),
        ({"app": {"p1": {**READ, "name": "x"}}}, "privilege name [x] in source does not match"),
        ({"app": {"p1": {**READ, "foo": "x"}}}, "[application-privilege] unknown field [foo]"),
        ({"app": {"p1": {**READ, "metadata": {"_x": 1}}}}, "metadata keys may not start with [_]"),
        ({}, "At least one application privilege must be provided"),
        ([], "an object of applications is expected"),
    ],
)
async def test_a_privilege_that_cannot_be_is_refused(elastic: Client, body: Any, reason: str) -> None:
    refused = await elastic.send("PUT", PRIVILEGE, body)
    assert (refused.status, reason in refused.reason) == (400, True), refused.text


async def test_service_accounts_are_shown_with_what_they_may(elastic: Client) -> None:
    told = (await elastic.get("/_security/service")).json
    assert {"elastic/fleet-server", "elastic/kibana", "isthmus/console"} <= set(told)
    assert set((await elastic.get("/_security/service/isthmus")).json) == {"isthmus/console"}
    assert set((await elastic.get("/_security/service/elastic/fleet-server")).json) == {"elastic/fleet-server"}
    assert (await elastic.get("/_security/service/elastic/fleet")).json == {}
