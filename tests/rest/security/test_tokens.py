"""Access tokens over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.client import Answered, Client
from tests.security.doubles import PASSWORD

TOKEN = "/_security/oauth2/token"
BY_PASSWORD = {"grant_type": "password", "username": "elastic", "password": PASSWORD}


async def who(client: Client, token: str) -> Answered:
    return await client.send("GET", "/_security/_authenticate", headers={"Authorization": f"Bearer {token}"})


async def grant(client: Client, body: Any) -> Any:
    answer = await client.send("POST", TOKEN, body)
    assert answer.status == 200, answer.text
    return answer.json


async def test_a_token_of_a_password_acts_as_its_user(elastic: Client) -> None:
    given = await grant(elastic, BY_PASSWORD)
    assert (given["type"], given["expires_in"], given["authentication"]["username"]) == ("Bearer", 1200, "elastic")
    told = (await who(elastic, given["access_token"])).json
    assert (told["username"], told["authentication_type"]) == ("elastic", "token")
    assert told["authentication_realm"] == {"name": "reserved", "type": "reserved"}


async def test_a_client_gets_a_token_for_itself_that_it_cannot_refresh(elastic: Client) -> None:
    given = await grant(elastic, {"grant_type": "client_credentials"})
    assert "refresh_token" not in given
    assert (await who(elastic, given["access_token"])).status == 200
    assert (await who(elastic, given["access_token"] + "x")).status == 401


async def test_a_refresh_token_is_good_once_and_ends_the_token_before(elastic: Client) -> None:
    given = await grant(elastic, BY_PASSWORD)
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    again = await grant(elastic, refresh)
    assert (await who(elastic, again["access_token"])).status == 200
    assert "invalidated" in (await who(elastic, given["access_token"])).reason
    used = await elastic.send("POST", TOKEN, refresh)
    assert (used.status, used.json["error"]) == (400, "invalid_grant")
    assert used.json["error_description"] == "token has already been refreshed"


async def test_tokens_are_invalidated_alone_and_by_user(elastic: Client) -> None:
    given = [await grant(elastic, BY_PASSWORD) for _ in range(3)]
    one = await elastic.send("DELETE", TOKEN, {"token": given[0]["access_token"]})
    assert one.json == {"invalidated_tokens": 1, "previously_invalidated_tokens": 0, "error_count": 0}
    by_user = await elastic.send("DELETE", TOKEN, {"username": "elastic"})
    assert by_user.json == {"invalidated_tokens": 2, "previously_invalidated_tokens": 1, "error_count": 0}
    assert {(await who(elastic, one["access_token"])).status for one in given} == {401}
    assert (await elastic.send("DELETE", TOKEN, {"token": "of nobody"})).status == 404


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (BY_PASSWORD | {"password": "guessed"}, "invalid_grant"),
        (BY_PASSWORD | {"username": "bad\nname"}, "invalid_grant"),
        ({"grant_type": "password", "username": "elastic"}, "invalid_request"),
        ({"grant_type": "_kerberos", "kerberos_ticket": "x"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "of nobody"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "password": "x"}, "invalid_request"),
        ({"grant": "password"}, "invalid_request"),
        ({}, "invalid_request"),
    ],
)
async def test_what_is_worth_no_token_is_refused_as_oauth_has_it(elastic: Client, body: Any, error: str) -> None:
    answer = await elastic.send("POST", TOKEN, body)
    assert (answer.status, answer.json["error"]) == (400, error)
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("body", [{}, {"token": "a", "refresh_token": "b"}, {"token": "a", "username": "elastic"}])
async def test_what_shall_be_invalidated_must_be_said_once(elastic: Client, body: Any) -> None:
    assert (await elastic.send("DELETE", TOKEN, body)).status == 400
