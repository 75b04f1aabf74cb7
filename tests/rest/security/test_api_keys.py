"""API keys over HTTP: answers and refusals as a real Elasticsearch 8.19 gave them."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.rest.client import Answered, Client
from tests.security.doubles import PASSWORD, basic

KEY = "/_security/api_key"
CROSS_CLUSTER = "/_security/cross_cluster/api_key"
QUERY = "/_security/_query/api_key"
READER = {"cluster": ["monitor"], "indices": [{"names": ["a*"], "privileges": ["read"]}]}


def by_key(made: Any) -> dict[str, str]:
    return {"Authorization": f"ApiKey {made['encoded']}"}


def by_name(username: str) -> dict[str, str]:
    return {"Authorization": basic(username, PASSWORD)}


async def made(client: Client, body: Any, path: str = KEY, headers: dict[str, str] | None = None) -> Any:
    answer = await client.send("POST", path, body, headers=headers)
    assert answer.status == 200, answer.text
    return answer.json


async def shown(client: Client, id_: str, more: str = "") -> Any:
    (key,) = (await client.get(f"{KEY}?id={id_}{more}")).json["api_keys"]
    return key


async def add_user(client: Client, username: str, cluster: list[str]) -> dict[str, str]:
    role = await client.send("PUT", f"/_security/role/{username}", {"cluster": cluster})
    user = await client.send("PUT", f"/_security/user/{username}", {"password": PASSWORD, "roles": [username]})
    assert (role.status, user.status) == (200, 200)
    return by_name(username)


async def who(client: Client, key: Any) -> Answered:
    return await client.send("GET", "/_security/_authenticate", headers=by_key(key))


# Made


async def test_the_secret_of_a_new_key_is_shown_once(elastic: Client) -> None:
    key = await made(
        elastic, {"name": "a", "expiration": "1d", "metadata": {"x": 1}, "role_descriptors": {"r": READER}}
    )
    assert set(key) == {"id", "name", "expiration", "api_key", "encoded"}
    assert base64.b64decode(key["encoded"]).decode() == f"{key['id']}:{key['api_key']}"
    told = await elastic.get(f"{KEY}?id={key['id']}&with_limited_by=true")
    assert key["api_key"] not in told.text
    assert "hash" not in told.text


async def test_a_key_is_shown_with_its_owner_and_what_limits_it(elastic: Client) -> None:
    key = await made(elastic, {"name": "a", "metadata": {"x": 1}, "role_descriptors": {"r": READER}})
    told = await shown(elastic, key["id"], "&with_limited_by")
    assert isinstance(told.pop("creation"), int)
    (limit,) = told.pop("limited_by")
    assert list(limit) == ["superuser"]
    assert told == {
        "id": key["id"],
        "name": "a",
        "type": "rest",
        "invalidated": False,
        "username": "elastic",
        "realm": "reserved",
        "realm_type": "reserved",
        "metadata": {"x": 1},
        "role_descriptors": {
            "r": {
                "cluster": ["monitor"],
                "indices": [{"names": ["a*"], "privileges": ["read"], "allow_restricted_indices": False}],
                "applications": [],
                "run_as": [],
                "metadata": {},
                "transient_metadata": {"enabled": True},
            }
        },
    }


async def test_who_comes_with_a_key_is_its_owner_without_his_roles(elastic: Client) -> None:
    key = await made(elastic, {"name": "a"})
    told = (await who(elastic, key)).json
    assert (told["username"], told["roles"], told["authentication_type"]) == ("elastic", [], "api_key")
    assert told["api_key"] == {"id": key["id"], "name": "a"}


async def test_a_key_may_what_it_was_given_and_no_more(elastic: Client) -> None:
    key = await made(elastic, {"name": "a", "role_descriptors": {"r": {"cluster": ["manage_security"]}}})
    assert (await elastic.send("GET", "/_security/user", headers=by_key(key))).status == 200
    lesser = await made(elastic, {"name": "b", "role_descriptors": {"r": READER}})
    refused = await elastic.send("GET", "/_security/user", headers=by_key(lesser))
    assert refused.status == 403
    assert f"API key id [{lesser['id']}] of user [elastic]" in refused.reason


async def test_a_key_may_no_more_than_its_owner_could(elastic: Client) -> None:
    owner = await add_user(elastic, "owner", ["manage_own_api_key"])
    key = await made(elastic, {"name": "a", "role_descriptors": {"r": {"cluster": ["all"]}}}, headers=owner)
    assert (await elastic.send("GET", "/_security/user", headers=by_key(key))).status == 403


@pytest.mark.parametrize(
    ("body", "type_", "reason"),
    [
        ({}, "illegal_argument_exception", "Required [name]"),
        ({"name": ""}, "action_request_validation_exception", "api key name is required"),
        ({"name": "_x"}, "action_request_validation_exception", "may not begin with an underscore"),
        ({"name": " x"}, "action_request_validation_exception", "may not begin or end with whitespace"),
        ({"name": "x" * 257}, "action_request_validation_exception", "more than 256 characters"),
        ({"name": 1}, "x_content_parse_exception", "name"),
        ({"name": "x", "foo": 1}, "x_content_parse_exception", "[api_key_request] unknown field [foo]"),
        ({"name": "x", "metadata": {"_a": 1}}, "action_request_validation_exception", "keys may not start with [_]"),
        ({"name": "x", "metadata": []}, "x_content_parse_exception", "[metadata] is no object"),
        ({"name": "x", "role_descriptors": []}, "x_content_parse_exception", "[role_descriptors]"),
        ({"name": "x", "role_descriptors": {"r": {"clustr": []}}}, "parse_exception", "unexpected field [clustr]"),
        (
            {"name": "x", "role_descriptors": {"r": {"cluster": ["nope"]}}},
            "action_request_validation_exception",
            "unknown cluster privilege [nope]",
        ),
        ({"name": "x", "expiration": "abc"}, "illegal_argument_exception", "failed to parse setting [expiration]"),
        ({"name": "x", "expiration": "0d"}, "illegal_argument_exception", "failed to parse setting [expiration]"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_by_name(elastic: Client, body: Any, type_: str, reason: str) -> None:
    refused = await elastic.send("POST", KEY, body)
    assert (refused.status, refused.type) == (400, type_), refused.text
    assert reason in refused.reason


async def test_a_key_made_with_a_key_may_nothing(elastic: Client) -> None:
    parent = await made(elastic, {"name": "p", "role_descriptors": {"r": {"cluster": ["manage_api_key"]}}})
    some: list[dict[str, Any]] = [{}, {"role_descriptors": {}}, {"role_descriptors": {"r": READER}}]
    for given in some:
        refused = await elastic.send("POST", KEY, {"name": "c", **given}, headers=by_key(parent))
        assert (refused.status, "creating derived api keys" in refused.reason) == (400, True)
    child = await made(elastic, {"name": "c", "role_descriptors": {"none": {}}}, headers=by_key(parent))
    assert (await who(elastic, child)).status == 200
    assert (await elastic.send("GET", "/_security/role", headers=by_key(child))).status == 403
    assert (await shown(elastic, child["id"]))["realm"] == "_es_api_key"


# Who may


async def test_who_manages_his_own_keys_sees_and_ends_no_others(elastic: Client) -> None:
    owner = await add_user(elastic, "owner", ["manage_own_api_key"])
    theirs = await made(elastic, {"name": "theirs"})
    mine = await made(elastic, {"name": "mine"}, headers=owner)
    for path in ("", f"?id={mine['id']}", "?name=mine", "?username=elastic&realm_name=reserved"):
        refused = await elastic.send("GET", f"{KEY}{path}", headers=owner)
        assert (refused.status, "api_key/get] is unauthorized for user [owner]" in refused.reason) == (403, True)
    for path in ("?owner=true", "?username=owner&realm_name=default_native"):
        told = (await elastic.send("GET", f"{KEY}{path}", headers=owner)).json["api_keys"]
        assert [key["id"] for key in told] == [mine["id"]]
    found = (await elastic.send("POST", QUERY, headers=owner)).json
    assert (found["total"], found["api_keys"][0]["id"]) == (1, mine["id"])
    for body in ({"ids": [theirs["id"]]}, {"ids": [mine["id"]]}, {"name": "mine"}):
        assert (await elastic.send("DELETE", KEY, body, headers=owner)).status == 403
    changed = await elastic.send("PUT", f"{KEY}/{theirs['id']}", {"metadata": {"a": 1}}, headers=owner)
    assert (changed.status, changed.type) == (404, "resource_not_found_exception")
    ended = (await elastic.send("DELETE", KEY, {"owner": True}, headers=owner)).json
    assert ended["invalidated_api_keys"] == [mine["id"]]


async def test_who_may_nothing_may_not_even_ask_for_his_own(elastic: Client) -> None:
    nobody = await add_user(elastic, "nobody", [])
    for method, path, body in (
        ("GET", f"{KEY}?owner=true", None),
        ("POST", KEY, {"name": "x"}),
        ("POST", QUERY, {}),
        ("DELETE", KEY, {"owner": True}),
        ("POST", f"{KEY}/grant", {"grant_type": "password"}),
        ("POST", CROSS_CLUSTER, {"name": "x", "access": {"search": [{"names": ["a"]}]}}),
    ):
        refused = await elastic.send(method, path, body, headers=nobody)
        assert (refused.status, refused.type) == (403, "security_exception"), path


async def test_a_key_may_look_at_itself_whatever_it_grants(elastic: Client) -> None:
    key = await made(elastic, {"name": "a", "role_descriptors": {"r": READER}})
    other = await made(elastic, {"name": "b"})
    assert (await elastic.send("GET", f"{KEY}?id={key['id']}", headers=by_key(key))).status == 200
    assert (await elastic.send("GET", f"{KEY}?id={other['id']}", headers=by_key(key))).status == 403
    assert (await elastic.send("GET", KEY, headers=by_key(key))).status == 403


# Found


async def test_keys_are_found_by_their_id_name_user_and_realm(elastic: Client) -> None:
    ids = [(await made(elastic, {"name": name}))["id"] for name in ("one", "two", "other")]

    async def found(path: str) -> list[str]:
        return [key["id"] for key in (await elastic.get(f"{KEY}?{path}")).json["api_keys"]]

    assert await found("") == ids
    assert await found("name=o*") == [ids[0], ids[2]]
    assert await found("name=two") == [ids[1]]
    assert await found("name=zzz") == []
    assert await found("username=elastic") == ids
    assert await found("realm_name=nowhere") == []
    await elastic.send("DELETE", KEY, {"ids": [ids[0]]})
    assert await found("active_only=true&owner=true") == ids[1:]
    assert (await elastic.get(f"{KEY}?id=zzz")).status == 404


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("id=1&name=x", "only one of [api key id, api key name] can be specified"),
        ("id=1&username=x", "username or realm name must not be specified when the api key id or api key name"),
        ("owner=true&username=x", "neither username nor realm-name may be specified when retrieving owned API keys"),
        ("name=", "[name] must not be blank"),
    ],
)
async def test_limits_that_exclude_each_other_are_refused(elastic: Client, path: str, reason: str) -> None:
    refused = await elastic.get(f"{KEY}?{path}")
    assert (refused.status, refused.type) == (400, "action_request_validation_exception")
    assert reason in refused.reason


async def test_keys_are_searched_and_sorted(elastic: Client) -> None:
    for number, name in enumerate(("a", "b", "c")):
        await made(elastic, {"name": name, "metadata": {"n": number}, "role_descriptors": {"r": READER}})
    body = {
        "query": {"bool": {"filter": [{"term": {"username": "elastic"}}, {"range": {"creation": {"gte": "now-1h"}}}]}},
        "sort": [{"name": {"order": "desc"}}],
        "size": 2,
    }
    found = (await elastic.send("POST", QUERY, body)).json
    assert (found["total"], found["count"]) == (3, 2)
    assert [(key["name"], key["_sort"]) for key in found["api_keys"]] == [("c", ["c"]), ("b", ["b"])]
    page = (await elastic.send("POST", QUERY, {**body, "search_after": ["b"]})).json
    assert [key["name"] for key in page["api_keys"]] == ["a"]


# Changed


async def test_a_change_that_changes_nothing_says_so(elastic: Client) -> None:
    key = await made(elastic, {"name": "a"})
    change = {"metadata": {"z": 2}, "role_descriptors": {"r": READER}}
    assert (await elastic.send("PUT", f"{KEY}/{key['id']}", change)).json == {"updated": True}
    assert (await elastic.send("PUT", f"{KEY}/{key['id']}", change)).json == {"updated": False}
    assert (await elastic.send("PUT", f"{KEY}/{key['id']}")).json == {"updated": False}
    assert (await elastic.send("PUT", f"{KEY}/{key['id']}", {"expiration": "2d"})).json == {"updated": True}
    told = await shown(elastic, key["id"])
    assert (told["metadata"], list(told["role_descriptors"]), "expiration" in told) == ({"z": 2}, ["r"], True)
    assert (await elastic.send("GET", "/_security/role", headers=by_key(key))).status == 403


async def test_a_change_brings_the_owners_rights_of_now(elastic: Client) -> None:
    owner = await add_user(elastic, "owner", ["manage_own_api_key", "manage_security"])
    key = await made(elastic, {"name": "a"}, headers=owner)
    assert (await elastic.send("GET", "/_security/role", headers=by_key(key))).status == 200
    await add_user(elastic, "owner", ["manage_own_api_key"])
    assert (await elastic.send("GET", "/_security/role", headers=by_key(key))).status == 200
    assert (await elastic.send("PUT", f"{KEY}/{key['id']}", headers=owner)).json == {"updated": True}
    assert (await elastic.send("GET", "/_security/role", headers=by_key(key))).status == 403


async def test_many_are_changed_and_each_is_told_of(elastic: Client) -> None:
    one, two = await made(elastic, {"name": "a"}), await made(elastic, {"name": "b", "metadata": {"z": 3}})
    told = await elastic.send(
        "POST", f"{KEY}/_bulk_update", {"ids": [one["id"], two["id"], "nono"], "metadata": {"z": 3}}
    )
    assert told.json == {
        "updated": [one["id"]],
        "noops": [two["id"]],
        "errors": {
            "count": 1,
            "details": {
                "nono": {
                    "type": "resource_not_found_exception",
                    "reason": "no API key owned by requesting user found for ID [nono]",
                }
            },
        },
    }
    wrong: list[tuple[dict[str, Any], str]] = [({}, "Required [ids]"), ({"ids": []}, "Field [ids] cannot be empty")]
    for body, reason in wrong:
        refused = await elastic.send("POST", f"{KEY}/_bulk_update", body)
        assert (refused.status, reason in refused.reason) == (400, True)


async def test_an_invalidated_key_does_no_more_and_is_not_changed(elastic: Client) -> None:
    key = await made(elastic, {"name": "a"})
    ended = {"invalidated_api_keys": [key["id"]], "previously_invalidated_api_keys": [], "error_count": 0}
    assert (await elastic.send("DELETE", KEY, {"ids": [key["id"]]})).json == ended
    again = (await elastic.send("DELETE", KEY, {"ids": [key["id"]]})).json
    assert again["previously_invalidated_api_keys"] == [key["id"]]
    refused = await who(elastic, key)
    assert (refused.status, "has been invalidated" in refused.reason) == (401, True)
    changed = await elastic.send("PUT", f"{KEY}/{key['id']}", {"metadata": {"z": 2}})
    assert (changed.status, changed.reason) == (400, f"cannot update invalidated API key [{key['id']}]")
    assert (await shown(elastic, key["id"]))["invalidated"] is True


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "One of [api key id(s), api key name, username, realm name] must be specified"),
        ({"ids": []}, "Field [ids] cannot be an empty array"),
        ({"ids": ["a"], "name": "b"}, "only one of [api key id(s), api key name] can be specified"),
        ({"owner": True, "username": "x"}, "neither username nor realm-name may be specified when invalidating"),
        ({"id": "x"}, "[invalidate_api_key] unknown field [id] did you mean [ids]?"),
    ],
)
async def test_what_shall_be_invalidated_must_be_said(elastic: Client, body: Any, reason: str) -> None:
    refused = await elastic.send("DELETE", KEY, body)
    assert (refused.status, reason in refused.reason) == (400, True), refused.text


# For another


async def test_a_key_is_granted_to_whose_password_is_known(elastic: Client) -> None:
    granter = await add_user(elastic, "granter", ["grant_api_key"])
    await add_user(elastic, "owner", [])
    asked = {"grant_type": "password", "username": "owner", "password": PASSWORD, "api_key": {"name": "granted"}}
    key = await made(elastic, asked, f"{KEY}/grant", granter)
    assert (await shown(elastic, key["id"]))["username"] == "owner"
    wrong = await elastic.send("POST", f"{KEY}/grant", {**asked, "password": "wrong"}, headers=granter)
    assert (wrong.status, "Failed to authenticate api key grant" in wrong.reason) == (403, True)


async def test_a_key_is_granted_to_whose_token_is_known(elastic: Client) -> None:
    token = await elastic.send("POST", "/_security/oauth2/token", {"grant_type": "client_credentials"})
    asked = {"grant_type": "access_token", "access_token": token.json["access_token"], "api_key": {"name": "granted"}}
    key = await made(elastic, asked, f"{KEY}/grant")
    assert (await who(elastic, key)).json["username"] == "elastic"
    wrong = await elastic.send("POST", f"{KEY}/grant", {**asked, "access_token": "nono"})
    assert (wrong.status, "nono" in wrong.text) == (403, False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"grant_type": "nope"}, "grant_type [nope] is not supported"),
        ({"password": ""}, "[password] is required for grant_type [password]"),
        ({"access_token": "x"}, "[access_token] is not supported for grant_type [password]"),
        ({"api_key": None}, "api key name is required"),
    ],
)
async def test_a_grant_that_cannot_be_is_refused(elastic: Client, change: Any, reason: str) -> None:
    asked = {"grant_type": "password", "username": "elastic", "password": PASSWORD, "api_key": {"name": "granted"}}
    refused = await elastic.send("POST", f"{KEY}/grant", {**asked, **change})
    assert (refused.status, reason in refused.reason) == (400, True), refused.text


# Of other clusters

SEARCH = [{"names": ["a*"]}]


async def test_a_cross_cluster_key_has_the_role_that_its_access_makes(elastic: Client) -> None:
    access = {"search": SEARCH, "replication": [{"names": ["b"]}]}
    key = await made(elastic, {"name": "cc", "access": access, "certificate_identity": "CN=west*"}, CROSS_CLUSTER)
    told = await shown(elastic, key["id"], "&with_limited_by")
    assert told["type"] == "cross_cluster"
    assert "limited_by" not in told
    assert told["certificate_identity"] == "CN=west*"
    assert told["access"] == {
        "search": [{"names": ["a*"], "allow_restricted_indices": False}],
        "replication": [{"names": ["b"], "allow_restricted_indices": False}],
    }
    role = told["role_descriptors"]["cross_cluster"]
    assert role["cluster"] == ["cross_cluster_search", "monitor_enrich", "cross_cluster_replication"]
    assert [group["privileges"] for group in role["indices"]] == [
        ["read", "read_cross_cluster", "view_index_metadata"],
        ["cross_cluster_replication", "cross_cluster_replication_internal"],
    ]


async def test_a_cross_cluster_key_does_not_do_for_requests(elastic: Client) -> None:
    key = await made(elastic, {"name": "cc", "access": {"search": SEARCH}}, CROSS_CLUSTER)
    refused = await who(elastic, key)
    assert refused.status == 401
    assert f"but API key [{key['id']}] has type [cross_cluster]" in refused.reason


@pytest.mark.parametrize(
    ("access", "reason"),
    [
        (None, "Required [access]"),
        ({}, "must specify non-empty access for either [search] or [replication]"),
        ({"search": []}, "must specify non-empty access"),
        ({"serch": SEARCH}, "unknown field [serch] did you mean [search]?"),
        ({"search": [{}]}, "missing required [names] field"),
        ({"search": [{"names": []}]}, "[names] cannot be an empty array"),
        ({"search": [{"names": ["a"], "privileges": ["read"]}]}, "field [privileges] must not present"),
        ({"search": [{"names": ["a"], "query": {"match_all": {}}}], "replication": SEARCH}, "document or field level"),
        (
            {"search": [{"names": ["a"], "field_security": {"grant": ["x"]}}], "replication": SEARCH},
            "document or field",
        ),
    ],
)
async def test_an_access_that_cannot_be_is_refused(elastic: Client, access: Any, reason: str) -> None:
    refused = await elastic.send("POST", CROSS_CLUSTER, {"name": "cc", "access": access})
    assert (refused.status, reason in refused.reason) == (400, True), refused.text


async def test_only_who_manages_security_and_came_without_a_key_makes_cross_cluster_keys(elastic: Client) -> None:
    manager = await add_user(elastic, "manager", ["manage_api_key"])
    body = {"name": "cc", "access": {"search": SEARCH}}
    refused = await elastic.send("POST", CROSS_CLUSTER, body, headers=manager)
    assert (
        refused.status,
        "this action is granted by the cluster privileges [manage_security,all]" in refused.reason,
    ) == (
        403,
        True,
    )
    key = await made(elastic, {"name": "all"})
    derived = await elastic.send("POST", CROSS_CLUSTER, body, headers=by_key(key))
    assert (derived.status, "cannot be used to create a cross-cluster API key" in derived.reason) == (400, True)


async def test_a_cross_cluster_key_is_changed_by_its_own_api(elastic: Client) -> None:
    key = await made(elastic, {"name": "cc", "access": {"search": SEARCH}}, CROSS_CLUSTER)
    plain = await made(elastic, {"name": "plain"})
    path = f"{CROSS_CLUSTER}/{key['id']}"
    assert (await elastic.send("PUT", path, {"metadata": {"t": 2}})).json == {"updated": True}
    assert (await elastic.send("PUT", path, {"metadata": {"t": 2}})).json == {"updated": False}
    assert (await elastic.send("PUT", path, {"access": {"replication": SEARCH}})).json == {"updated": True}
    assert list((await shown(elastic, key["id"]))["access"]) == ["replication"]
    wrong: list[tuple[str, dict[str, Any], str]] = [
        (path, {}, "must update either [access] or [metadata]"),
        (f"{KEY}/{key['id']}", {}, "cannot update API key of type [cross_cluster] while expected type is [rest]"),
        (f"{CROSS_CLUSTER}/{plain['id']}", {"metadata": {}}, "of type [rest] while expected type is [cross_cluster]"),
    ]
    for place, body, reason in wrong:
        refused = await elastic.send("PUT", place, body)
        assert (refused.status, reason in refused.reason) == (400, True), refused.text
