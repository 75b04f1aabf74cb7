"""The audit log of the `_security` APIs is that of a real Elasticsearch 8.19, asked the same (`recorded.jsonl`)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from isthmus.security.audit.policy import Policy
from isthmus.security.audit.trail import Trail
from isthmus.security.users.native import SUPERUSER
from tests.rest.client import Answered, Client
from tests.rest.security.conftest import security_apis
from tests.security.doubles import PASSWORD, basic

RECORDED = Path(__file__).parents[2] / "security" / "audit" / "recorded.jsonl"
JO = "s3cret-jo"
# Of the moment, of the node, or not told here: the kind of a service token, the realm of a key's owner.
_OWN = ("timestamp", "request.id", "origin.address", "cluster.uuid", "node.id", "host.ip", "authentication.token.type")
Lines = list[dict[str, Any]]


class Audited:
    """A client, and the lines that its requests left."""

    def __init__(self, client: Client, lines: list[str]) -> None:
        self.client = client
        self.lines = lines
        self.secrets = [PASSWORD, JO]

    async def ask(
        self, method: str, path: str, body: Any = None, authorization: str | None = basic(SUPERUSER, PASSWORD)
    ) -> tuple[Answered, Lines]:
        """Ask, and return the answer and the lines that were written for it."""
        headers = {"X-Opaque-Id": "case", "X-Forwarded-For": "203.0.113.9"}
        self.lines.clear()
        given = headers if authorization is None else {**headers, "Authorization": authorization}
        answer = await self.client.send(method, path, body, headers=given)
        written = "".join(self.lines)
        assert not [secret for secret in self.secrets if secret in written]
        assert "$2" not in written
        return answer, [json.loads(line) for line in self.lines]


@pytest.fixture
async def audited(tmp_path: Path) -> AsyncIterator[Audited]:
    lines: list[str] = []
    trail = Trail(Policy(["_all"]), lines.append, shows_bodies=True)
    async with security_apis(tmp_path, trail) as base, aiohttp.ClientSession() as session:
        yield Audited(Client(session, base), lines)


def recorded() -> dict[str, Lines]:
    """The lines of Elasticsearch by request; of equal requests the first."""
    found: dict[str, Lines] = {}
    for line in RECORDED.read_text().splitlines():
        one = json.loads(line)
        found.setdefault(one["asked"], one["lines"])
    return found


def normal(lines: Lines) -> Lines:
    """What of lines is to be equal: all but what is of the moment."""
    told = [{key: value for key, value in line.items() if key not in _OWN} for line in lines]
    for line in told:
        if "request.body" in line:
            line["request.body"] = json.loads(line["request.body"])
        if "apikey.id" in line:
            line |= {"apikey.id": "ID", "user.realm": None}
        for done in ("create", "change", "invalidate"):
            if "apikey" in (part := line.get(done, {})):
                part["apikey"]["id"] = "ID"
    return sorted(told, key=lambda line: line["event.action"])


KEY = {
    "name": "k1",
    "expiration": "1d",
    "role_descriptors": {"x": {"indices": [{"names": ["logs-*"], "privileges": ["read"]}]}},
    "metadata": {"m": 1},
}
BULK = {"roles": {"b1": {"cluster": ["all"]}, "b2": {"cluster": ["monitor"]}}}
PRIVILEGE = {"app": {"read": {"actions": ["data:read/*"], "metadata": {"q": 1}}}}
SERVICE_TOKEN = "/_security/service/elastic/fleet-server/credential/token/t1"
BY_ELASTIC: list[tuple[str, str, Any]] = [
    ("PUT", "/_security/role/r2", {"indices": [{"names": ["logs-*"], "privileges": ["read"]}], "run_as": ["other"]}),
    (
        "PUT",
        "/_security/user/jo",
        {"password": JO, "roles": ["r2"], "full_name": "Jo J", "email": "j@x", "metadata": {"a": 1}},
    ),
    ("PUT", "/_security/user/other", {"password": JO, "roles": ["r2"]}),
    ("POST", "/_security/user/jo", {"roles": ["r2"], "enabled": True}),
    ("PUT", "/_security/user/jo/_password", {"password": JO}),
    ("PUT", "/_security/user/jo/_disable", None),
    ("PUT", "/_security/user/jo/_enable", None),
    ("POST", "/_security/api_key", KEY),
    ("PUT", "/_security/privilege", PRIVILEGE),
    ("DELETE", "/_security/privilege/app/read", None),
    ("POST", "/_security/role", BULK),
    ("DELETE", "/_security/role", {"names": ["b1", "b2"]}),
    ("POST", SERVICE_TOKEN, None),
    ("DELETE", SERVICE_TOKEN, None),
    ("POST", "/_security/oauth2/token", {"grant_type": "password", "username": "jo", "password": JO}),
    ("DELETE", "/_security/user/other", None),
]


async def test_what_is_done_to_users_roles_and_keys_is_told_as_elasticsearch_tells_it(audited: Audited) -> None:
    expected = recorded()
    for method, path, body in BY_ELASTIC:
        answer, lines = await audited.ask(method, path, body)
        assert answer.status == 200, (path, answer.text)
        assert normal(lines) == normal(expected[f"{method} {path}"]), path


async def test_who_is_not_known_or_may_not_is_told_as_elasticsearch_tells_it(audited: Audited) -> None:
    expected = recorded()
    for method, path, body in BY_ELASTIC[:2]:
        await audited.ask(method, path, body)
    _, lines = await audited.ask("PUT", "/_security/user/jo2", {"password": JO, "roles": []}, basic("jo", JO))
    refused = normal(expected["PUT /_security/user/jo2"])
    assert [line.pop("request.body", None) for line in refused if line["event.type"] == "rest"] == [{"roles": []}]
    assert normal(lines) == refused, "the body of a refused request is not read"
    _, lines = await audited.ask("GET", "/_cluster/health?x=y", None, basic("nobody", "wr0ng-password"))
    assert normal(lines) == normal(expected["GET /_cluster/health?x=y"])


@pytest.mark.parametrize(
    ("authorization", "action"),
    [
        (None, "anonymous_access_denied"),
        ("Basic !!!", "authentication_failed"),
        ("Basic bm9jb2xvbg==", "authentication_failed"),
        ("ApiKey !!!", "anonymous_access_denied"),
        ("ApiKey aWQ6d3Jvbmc=", "anonymous_access_denied"),
        ("Bearer abcdefg", "anonymous_access_denied"),
        ("Foo bar", "anonymous_access_denied"),
    ],
)
async def test_credentials_of_nobody(audited: Audited, authorization: str | None, action: str) -> None:
    answer, (line,) = await audited.ask("GET", "/_security/_authenticate", None, authorization)
    assert answer.status == 401
    assert (line["event.action"], line.get("user.name")) == (action, None)


async def test_a_key_is_named_and_its_changes_are_told(audited: Audited) -> None:
    made, _ = await audited.ask("POST", "/_security/api_key", KEY)
    key = made.json
    audited.secrets += [key["api_key"], key["encoded"]]
    _, lines = await audited.ask("GET", "/_security/_authenticate", None, f"ApiKey {key['encoded']}")
    assert [line["event.action"] for line in lines] == ["authentication_success", "access_granted"]
    for line in lines:
        told = line["authentication.type"], line["apikey.id"], line["apikey.name"]
        assert told == ("API_KEY", key["id"], "k1")
    _, lines = await audited.ask("PUT", f"/_security/api_key/{key['id']}", {"metadata": {"m": 2}, "expiration": "2d"})
    change = {"apikey": {"id": key["id"], "type": "rest", "metadata": {"m": 2}, "expiration": "2d"}}
    assert [line["change"] for line in lines if "change" in line] == [change]
    _, lines = await audited.ask("DELETE", "/_security/api_key", {"ids": [key["id"]], "owner": False})
    ended = {"apikeys": {"ids": [key["id"]], "owned_by_authenticated_user": False}}
    assert [line["invalidate"] for line in lines if "invalidate" in line] == [ended]


async def test_what_was_not_done_is_not_told_as_done(audited: Audited) -> None:
    for method, path, body in (
        ("DELETE", "/_security/user/nobody", None),
        ("DELETE", "/_security/role/none", None),
        ("PUT", "/_security/user/short", {"password": "x", "roles": []}),
    ):
        _, lines = await audited.ask(method, path, body)
        assert {line["event.type"] for line in lines} == {"rest", "transport"}


async def test_two_names_for_who_asks_are_tampering(audited: Audited) -> None:
    audited.lines.clear()
    twice = [("Authorization", basic(SUPERUSER, PASSWORD)), ("Authorization", basic("jo", JO))]
    me = f"{audited.client.base}/_security/_authenticate"
    async with aiohttp.ClientSession() as session, session.get(me, headers=twice) as answer:
        assert answer.status == 400
    assert [json.loads(line)["event.action"] for line in audited.lines] == ["tampered_request"]
