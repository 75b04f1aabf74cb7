"""Tokens of service accounts over HTTP."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from isthmus.security.random_secrets import hash_secret
from isthmus.security.service_accounts.file import FileTokens
from tests.rest.client import Answered, Client

KIBANA = "/_security/service/elastic/kibana"


async def who(client: Client, token: str) -> Answered:
    return await client.send("GET", "/_security/_authenticate", headers={"Authorization": f"Bearer {token}"})


async def test_a_token_is_the_account_until_it_is_deleted(elastic: Client) -> None:
    made = (await elastic.send("POST", f"{KIBANA}/credential/token/token1")).json
    assert (made["created"], made["token"]["name"]) == (True, "token1")
    value = made["token"]["value"]
    raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    assert raw.startswith(b"\0\1\0\1elastic/kibana/token1:")
    told = (await who(elastic, value)).json
    assert (told["username"], told["roles"], told["token"]["name"]) == ("elastic/kibana", [], "token1")
    assert told["authentication_realm"] == {"name": "_service_account", "type": "_service_account"}
    listed = (await elastic.get(f"{KIBANA}/credential")).json
    assert (listed["service_account"], listed["count"], listed["tokens"]) == ("elastic/kibana", 1, {"token1": {}})
    assert (await elastic.send("DELETE", f"{KIBANA}/credential/token/token1")).json == {"found": True}
    assert (await who(elastic, value)).status == 401
    assert (await elastic.send("DELETE", f"{KIBANA}/credential/token/token1")).status == 404


async def test_a_token_without_a_name_gets_one(elastic: Client) -> None:
    made = (await elastic.send("POST", f"{KIBANA}/credential/token")).json
    assert made["token"]["name"].startswith("token_")


async def test_a_name_is_given_once(elastic: Client) -> None:
    assert (await elastic.send("PUT", f"{KIBANA}/credential/token/one")).status == 200
    assert (await elastic.send("PUT", f"{KIBANA}/credential/token/one")).status == 409


@pytest.mark.parametrize(
    "path",
    [
        "/_security/service/elastic/nobody/credential/token/x",
        f"{KIBANA}/credential/token/_x",
        f"{KIBANA}/credential/token/a.b",
    ],
)
async def test_an_account_or_a_name_that_cannot_be_is_refused(elastic: Client, path: str) -> None:
    assert (await elastic.send("POST", path)).status == 400


def test_tokens_of_the_file_are_taken_up_and_wrong_lines_are_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokens = FileTokens(tmp_path)
    hashed = hash_secret("a secret")
    (tmp_path / "service_tokens").write_text(f"# of us\nelastic/kibana/one:{hashed}\nnobody/x/y:{hashed}\n")
    tokens.files.read()
    assert tokens.hash_of("elastic/kibana/one") == hashed
    assert tokens.names_of("elastic/kibana") == ["one"]
    assert "service_tokens:3: no token of a service account" in caplog.text
    assert hashed not in caplog.text
    (tmp_path / "service_tokens").unlink()
    tokens.files.read()
    assert tokens.hash_of("elastic/kibana/one") is None
