"""Acting as another, and as nobody: answers as a real Elasticsearch 8.19 gave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from isthmus.security.audit.policy import Policy
from isthmus.security.audit.trail import Trail
from isthmus.settings import node_settings
from isthmus.settings.resolved import Given
from tests.rest.client import Answered, Client
from tests.rest.security.conftest import security_apis
from tests.security.doubles import PASSWORD, basic

WHO = "/_security/_authenticate"
KEY = "/_security/api_key"


@pytest.fixture
async def runner(elastic: Client) -> Client:
    """The cluster has a user `runner` who may act as `owner` and whoever begins with `nob`."""
    roles: dict[str, Any] = {
        "runner": {"cluster": ["monitor"], "run_as": ["owner", "nob*"]},
        "owner": {"cluster": ["manage_own_api_key"]},
    }
    for name, role in roles.items():
        assert (await elastic.send("PUT", f"/_security/role/{name}", role)).status == 200
    for name in ("runner", "owner", "nobody"):
        body = {"password": PASSWORD, "roles": [name]}
        assert (await elastic.send("PUT", f"/_security/user/{name}", body)).status == 200
    assert (await elastic.send("PUT", "/_security/user/nobody/_disable")).status == 200
    return elastic


async def ask(client: Client, run_as: str, method: str = "GET", path: str = WHO, body: Any = None) -> Answered:
    headers = {"Authorization": basic("runner", PASSWORD), "es-security-runas-user": run_as}
    return await client.send(method, path, body, headers=headers)


async def test_who_acts_as_another_is_him(runner: Client) -> None:
    told = (await ask(runner, "owner")).json
    assert (told["username"], told["roles"], told["authentication_type"]) == ("owner", ["owner"], "realm")
    assert told["lookup_realm"] == {"name": "default_native", "type": "native"}


async def test_who_acts_as_another_may_what_that_one_may(runner: Client) -> None:
    refused = await ask(runner, "owner", path="/_security/privilege/_builtin")
    assert refused.status == 403
    assert "is unauthorized for user [runner] run as [owner] with effective roles [owner]" in refused.reason
    made = await ask(runner, "owner", "POST", KEY, {"name": "his"})
    keys = (await runner.get(f"{KEY}?id={made.json['id']}")).json["api_keys"]
    assert (keys[0]["username"], keys[0]["realm"]) == ("owner", "default_native")


@pytest.mark.parametrize("name", ["elastic", "nobxx"])
async def test_who_may_not_act_as_another_is_told_so_whether_there_is_one_or_not(runner: Client, name: str) -> None:
    refused = await ask(runner, name)
    assert refused.status == 403
    assert refused.reason == (
        "action [cluster:admin/xpack/security/user/authenticate] is unauthorized for user [runner] with effective "
        f"roles [runner], because user [runner] is unauthorized to run as [{name}]"
    )


@pytest.mark.parametrize("name", ["nobody", ""])
async def test_nobody_acts_as_who_is_disabled_or_has_no_name(runner: Client, name: str) -> None:
    refused = await ask(runner, name)
    assert refused.status == 401
    assert refused.reason == f"unable to authenticate user [runner] for REST request [{WHO}]"


async def test_an_api_key_and_who_acts_as_another_already_act_as_nobody_else(runner: Client) -> None:
    key = (await runner.send("POST", KEY, {"name": "all"})).json
    headers = {"Authorization": f"ApiKey {key['encoded']}", "es-security-runas-user": "owner"}
    refused = await runner.send("GET", WHO, headers=headers)
    assert (refused.status, "[es-security-runas-user] is not supported" in refused.reason) == (400, True)


async def test_a_key_is_granted_to_whom_another_may_act_as(runner: Client) -> None:
    asked = {"grant_type": "password", "username": "runner", "password": PASSWORD, "api_key": {"name": "granted"}}
    key = await runner.send("POST", f"{KEY}/grant", {**asked, "run_as": "owner"})
    assert (await runner.get(f"{KEY}?id={key.json['id']}")).json["api_keys"][0]["username"] == "owner"
    refused = await runner.send("POST", f"{KEY}/grant", {**asked, "run_as": "elastic"})
    assert (refused.status, "is unauthorized to run as [elastic]" in refused.reason) == (403, True)


class TestAnonymous:
    """Somebody without credentials, where he has roles."""

    @pytest.fixture
    def settings(self) -> dict[str, Given]:
        roles = node_settings.ANONYMOUS_ROLES
        return {roles.name: Given(roles, ("viewer", "watcher"), "isthmus.yml")}

    async def send(self, client: Client, path: str, authorization: str = "") -> Answered:
        return await client.send("GET", path, headers={"Authorization": authorization})

    async def test_he_is_let_in_with_his_roles(self, elastic: Client) -> None:
        told = (await self.send(elastic, WHO)).json
        assert (told["username"], told["roles"]) == ("_es_anonymous_user", ["viewer", "watcher"])
        assert (told["authentication_type"], told["authentication_realm"]["type"]) == ("anonymous", "__anonymous")

    async def test_what_he_may_not_is_forbidden(self, elastic: Client) -> None:
        refused = await self.send(elastic, "/_security/user")
        assert (refused.status, "for user [_es_anonymous_user]" in refused.reason) == (403, True)

    async def test_wrong_credentials_are_not_taken_for_none(self, elastic: Client) -> None:
        assert (await self.send(elastic, WHO, basic("elastic", "wrong"))).status == 401

    async def test_what_he_may_all_users_may(self, elastic: Client) -> None:
        await elastic.send("PUT", "/_security/role/watcher", {"cluster": ["manage_security"]})
        await elastic.send("PUT", "/_security/user/jo", {"password": PASSWORD, "roles": []})
        assert (await self.send(elastic, "/_security/user", basic("jo", PASSWORD))).status == 200


async def test_somebody_without_credentials_is_not_let_in_by_default(elastic: Client) -> None:
    refused = await elastic.send("GET", WHO, headers={"Authorization": ""})
    assert (refused.status, "missing authentication credentials" in refused.reason) == (401, True)


async def test_the_audit_log_tells_of_both_and_grants_nothing_to_who_may_not(tmp_path: Path) -> None:
    lines: list[str] = []
    trail = Trail(Policy(["_all"]), lines.append, shows_bodies=False)
    headers = {"Authorization": basic("elastic", PASSWORD)}
    async with security_apis(tmp_path, trail) as base, aiohttp.ClientSession(headers=headers) as session:
        client = Client(session, base)
        for name, run_as in (("owner", []), ("runner", ["owner"])):
            await client.send("PUT", f"/_security/role/{name}", {"run_as": run_as})
            await client.send("PUT", f"/_security/user/{name}", {"password": PASSWORD, "roles": [name]})
        for name, outcome in (("owner", "run_as_granted"), ("elastic", "run_as_denied")):
            lines.clear()
            await ask(client, name)
            told = [json.loads(line) for line in lines]
            (line,) = [line for line in told if line["event.action"] == outcome]
            assert (line["user.name"], line["user.run_as.name"]) == ("runner", name)
            granted = [line for line in told if line["event.action"] == "access_granted"]
            assert len(granted) == (outcome == "run_as_granted")


class TestSomebodyWithoutCredentialsWhoIsAskedWhoHeIs:
    @pytest.fixture
    def settings(self) -> dict[str, Given]:
        roles, exception = node_settings.ANONYMOUS_ROLES, node_settings.ANONYMOUS_AUTHZ_EXCEPTION
        return {
            roles.name: Given(roles, ("viewer",), "isthmus.yml"),
            exception.name: Given(exception, False, "isthmus.yml"),
        }

    async def test_what_he_may_not_asks_for_credentials(self, elastic: Client) -> None:
        refused = await elastic.send("GET", "/_security/user", headers={"Authorization": ""})
        assert refused.status == 401
        assert refused.reason == "action [cluster:admin/xpack/security/user/get] requires authentication"

    async def test_what_he_may_he_is_given(self, elastic: Client) -> None:
        assert (await elastic.send("GET", WHO, headers={"Authorization": ""})).status == 200

    async def test_others_are_told_what_they_may_not(self, elastic: Client) -> None:
        await elastic.send("PUT", "/_security/user/jo", {"password": "s3cret-of-jo", "roles": []})
        headers = {"Authorization": basic("jo", "s3cret-of-jo")}
        assert (await elastic.send("GET", "/_security/user", headers=headers)).status == 403
