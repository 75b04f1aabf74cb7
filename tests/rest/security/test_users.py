"""Users over HTTP: what the documentation's requests do, and what is refused in the words that users know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.client import Answered, Client
from tests.security.doubles import PASSWORD, basic

SECRET = "l0ng-r4nd0m-p@ssw0rd"
JO: dict[str, Any] = {"password": SECRET, "roles": ["admin", "other_role1"], "full_name": "Jack Nicholson"}


async def put(client: Client, name: str, body: Any) -> Answered:
    return await client.send("POST", f"/_security/user/{name}", body)


async def who(client: Client, authorization: str) -> Answered:
    return await client.send("GET", "/_security/_authenticate", headers={"Authorization": authorization})


async def test_a_user_that_was_made_can_log_in_and_is_told_who_he_is(elastic: Client) -> None:
    assert (await put(elastic, "jacknich", JO | {"metadata": {"intelligence": 7}})).json == {"created": True}
    answer = await who(elastic, basic("jacknich", SECRET))
    assert answer.json == {
        "username": "jacknich",
        "roles": ["admin", "other_role1"],
        "full_name": "Jack Nicholson",
        "email": None,
        "metadata": {"intelligence": 7},
        "enabled": True,
        "authentication_realm": {"name": "default_native", "type": "native"},
        "lookup_realm": {"name": "default_native", "type": "native"},
        "authentication_type": "realm",
    }


async def test_users_are_listed_by_name_and_all(elastic: Client) -> None:
    await put(elastic, "jacknich", JO)
    assert list((await elastic.get("/_security/user")).json) == ["elastic", "jacknich"]
    found = (await elastic.get("/_security/user/jacknich,nobody")).json
    assert found["jacknich"]["roles"] == ["admin", "other_role1"]
    missing = await elastic.get("/_security/user/nobody")
    assert (missing.status, missing.json) == (404, {})


async def test_a_change_without_a_password_keeps_it(elastic: Client) -> None:
    await put(elastic, "jacknich", JO)
    assert (await put(elastic, "jacknich", {"roles": []})).json == {"created": False}
    answer = await who(elastic, basic("jacknich", SECRET))
    assert (answer.json["roles"], answer.json["full_name"]) == ([], None)


async def test_a_new_password_holds_at_once_and_the_old_one_no_more(elastic: Client) -> None:
    await put(elastic, "jacknich", JO)
    changed = await elastic.send("PUT", "/_security/user/jacknich/_password", {"password": "another one"})
    assert (changed.status, changed.json) == (200, {})
    assert (await who(elastic, basic("jacknich", "another one"))).status == 200
    assert (await who(elastic, basic("jacknich", SECRET))).status == 401


async def test_ones_own_password_is_changed_without_a_name(elastic: Client) -> None:
    await elastic.send("PUT", "/_security/user/_password", {"password": "another one"})
    assert (await who(elastic, basic("elastic", "another one"))).status == 200


async def test_a_disabled_user_does_not_get_in_until_he_is_enabled(elastic: Client) -> None:
    await put(elastic, "jacknich", JO)
    for action, status in (("_disable", 401), ("_enable", 200)):
        assert (await elastic.send("PUT", f"/_security/user/jacknich/{action}")).json == {}
        assert (await who(elastic, basic("jacknich", SECRET))).status == status


async def test_a_deleted_user_is_gone(elastic: Client) -> None:
    await put(elastic, "jacknich", JO)
    assert (await elastic.send("DELETE", "/_security/user/jacknich")).json == {"found": True}
    gone = await elastic.send("DELETE", "/_security/user/jacknich")
    assert (gone.status, gone.json) == (404, {"found": False})
    assert (await who(elastic, basic("jacknich", SECRET))).status == 401


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("elastic", JO, "user [elastic] is reserved and only the password can be changed"),
        ("jo", {"password": "short", "roles": []}, "passwords must be at least [6] characters long"),
        ("jo", {"password": "x" * 73, "roles": []}, "passwords must be at most [72] bytes long"),
        ("jo", {"password": "long enough"}, "Validation Failed: 1: roles are missing;"),
        ("jo", {"roles": []}, "1: password must be specified unless you are updating an existing user;"),
        ("jo", JO | {"metadata": {"_reserved": True}}, "metadata keys may not start with [_]"),
        ("jo", JO | {"rolse": []}, "unexpected field [rolse] (did you mean [roles]?)"),
        ("jo", JO | {"username": "jim"}, "the body is of user [jim], the path of user [jo]"),
        ("jo", JO | {"password_hash": "$2a$10$x"}, "password_hash and password can't both be provided"),
        ("jo", {"password_hash": "$2a$10$x", "roles": []}, "not a valid hash of bcrypt"),
        ("%20jo", JO, "Leading or trailing whitespace is not allowed"),
        ("jo", [], "a JSON object is expected"),
        ("jo", JO | {"roles": [1]}, "expected field [roles] to be an array"),
    ],
)
async def test_what_makes_no_user_is_refused_in_words(elastic: Client, name: str, body: Any, words: str) -> None:
    answer = await put(elastic, name, body)
    assert answer.status == 400
    assert words in answer.reason
    assert "x" * 73 not in answer.text


async def test_what_cannot_be_changed_is_refused(elastic: Client) -> None:
    for method, path, body in (
        ("DELETE", "/_security/user/elastic", None),
        ("PUT", "/_security/user/elastic/_disable", None),
        ("PUT", "/_security/user/nobody/_enable", None),
        ("PUT", "/_security/user/nobody/_password", {"password": "another one"}),
        ("PUT", "/_security/user/elastic/_password", {}),
    ):
        answer = await elastic.send(method, path, body)
        assert answer.status == 400, path
    assert (await who(elastic, basic("elastic", PASSWORD))).status == 200


async def test_who_is_no_superuser_is_told_who_he_is_and_nothing_else(elastic: Client) -> None:
    await put(elastic, "jacknich", JO)
    jo = basic("jacknich", SECRET)
    assert (await who(elastic, jo)).status == 200
    refused = await elastic.send("GET", "/_security/user", headers={"Authorization": jo})
    assert (refused.status, refused.type) == (403, "security_exception")
    assert "(assigned roles [admin,other_role1] were not found)" in refused.reason
