"""What a reload answers."""

from __future__ import annotations

from datetime import UTC, datetime

from isthmus.lifecycle.reloading.channel import ChannelReport
from tests.rest.client import Client
from tests.rest.node import FIRST, SECOND, ANode

DONE = ChannelReport(
    channel="http",
    result="reloaded",
    reason=None,
    serial_number="1f",
    not_after=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    trusted=2,
)


async def test_each_node_tells_of_each_channel_and_who_is_silent_is_named(client: Client, node: ANode) -> None:
    node.reloads = {FIRST.id: [DONE], SECOND.id: "it was not reached"}
    body = (await client.ask("POST", "/_nodes/reload_certificates")).json
    assert (body["_nodes"]["total"], body["_nodes"]["successful"], body["_nodes"]["failed"]) == (2, 1, 1)
    assert "it was not reached" in body["_nodes"]["failures"][0]["reason"]
    assert body["nodes"] == {
        FIRST.id: {
            "name": FIRST.name,
            "channels": {
                "http": {
                    "result": "reloaded",
                    "serial_number": "1f",
                    "not_after": "2030-01-02T03:04:05Z",
                    "trusted_authorities": 2,
                }
            },
        }
    }


async def test_one_node_can_be_asked_alone(client: Client, node: ANode) -> None:
    node.reloads = {SECOND.id: [DONE]}
    body = (await client.ask("POST", f"/_nodes/{SECOND.name}/reload_certificates")).json
    assert list(body["nodes"]) == [SECOND.id]
    assert node.asked == [[SECOND.id]]


async def test_reading_the_path_does_not_reload(client: Client, node: ANode) -> None:
    assert (await client.get("/_nodes/_all/reload_certificates")).status == 400
    assert (await client.get("/_nodes/reload_certificates")).status == 400
    assert node.asked == []
