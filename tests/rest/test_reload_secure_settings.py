"""What a reload of secure settings answers, and when it takes a password."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.rest.view import SecureReload
from tests.rest.client import Client
from tests.rest.node import FIRST, SECOND, ANode

PATH = "/_nodes/reload_secure_settings"
PASSWORD = "of the keystore"
GIVEN = {"secure_settings_password": PASSWORD}


async def test_each_node_tells_why_it_could_not_and_who_is_silent_is_named(client: Client, node: ANode) -> None:
    node.secure_reloads = {FIRST.id: SecureReload("illegal_state_exception", "Keystore is missing"), SECOND.id: "away"}
    body = (await client.ask("POST", PATH)).json
    assert (body["_nodes"]["total"], body["_nodes"]["successful"], body["_nodes"]["failed"]) == (2, 1, 1)
    assert "away" in body["_nodes"]["failures"][0]["reason"]
    told = {"type": "illegal_state_exception", "reason": "Keystore is missing"}
    assert body["nodes"] == {FIRST.id: {"name": FIRST.name, "reload_exception": told}}
    assert node.passwords == [""]


async def test_a_node_that_did_is_told_by_its_name_alone(client: Client, node: ANode) -> None:
    node.secure_reloads = {SECOND.id: SecureReload()}
    answered = await client.send("POST", f"/_nodes/{SECOND.name}/reload_secure_settings", GIVEN)
    assert answered.json["nodes"] == {SECOND.id: {"name": SECOND.name}}
    assert (node.asked, node.passwords) == ([[SECOND.id]], [PASSWORD])


async def test_a_password_does_not_travel_in_the_clear(client: Client, node: ANode) -> None:
    node.encrypts_transport = False
    node.secure_reloads = {FIRST.id: SecureReload(), SECOND.id: SecureReload()}
    refused = await client.send("POST", PATH, GIVEN)
    assert refused.status == 400
    assert "when TLS for the transport layer is not enabled" in refused.json["error"]["reason"]
    assert node.asked == []
    local = "/_nodes/_local/reload_secure_settings"
    assert (await client.send("POST", local, GIVEN)).status == 200
    assert (await client.ask("POST", PATH)).status == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"password": PASSWORD}, "[reload_secure_settings] unknown field [password]"),
        ({"secure_settings_password": 5}, "[secure_settings_password] is a text"),
        ({"secure_settings_password": "x" * 1_001}, "at most 1000 characters"),
        ([], "no object"),
    ],
)
async def test_what_is_no_request_is_refused(client: Client, node: ANode, body: Any, why: str) -> None:
    refused = await client.send("POST", PATH, body)
    assert refused.status == 400
    assert why in refused.json["error"]["reason"]
    assert PASSWORD not in refused.text
    assert node.asked == []
