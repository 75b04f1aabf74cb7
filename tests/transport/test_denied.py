"""A certificate is denied while its bearer is connected: both directions end at once, and it does not come back."""

from __future__ import annotations

import asyncio

import pytest

from isthmus.pki.explain import fingerprint
from isthmus.tls.live import TlsChannel
from isthmus.transport.errors import ConnectError, NodeDisconnectedError
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.wire.frames import Buffer
from tests.certificates import Authority, make_ca
from tests.transport.stage import TIMEOUT, Stage


@pytest.fixture
def ca() -> Authority:
    return make_ca()


def deny(channel: TlsChannel, thief: TlsChannel) -> None:
    channel.denied = frozenset({f"sha256:{fingerprint(thief.generation.chain[0])}"})


async def test_who_is_denied_is_dropped_in_the_middle_of_a_request_and_others_stay(stage: Stage, ca: Authority) -> None:
    asked = asyncio.Event()

    async def never(_body: Buffer, _channel: RequestChannel) -> bytes:
        asked.set()
        await asyncio.Event().wait()
        return b""

    actions = ActionRegistry()
    actions.register("never", never)
    actions.register("echo", lambda body, _channel: bytes(body))
    tls, stolen = stage.tls(ca.issue("server"), [ca]), stage.tls(ca.issue("thief"), [ca])
    server = await stage.server(tls=tls, actions=actions)
    thief = await stage.connect(server, tls=stolen)
    friend = await stage.connect(server, tls=stage.tls(ca.issue("friend"), [ca]))
    waiting = asyncio.create_task(thief.request("never", timeout=TIMEOUT))
    await asked.wait()
    deny(tls, stolen)
    assert server.service.expel(tls.judge, at_once=True) == 1
    with pytest.raises(NodeDisconnectedError):
        await waiting
    assert "[CN=thief] is denied" in (await server.refusal()).reason
    assert await friend.request("echo", b"x", timeout=TIMEOUT) == b"x"
    with pytest.raises(ConnectError):
        await stage.connect(server, tls=stolen)
    refused = await server.refusal()
    assert refused.refusal is not None
    assert "[CN=thief]" in refused.refusal.who
    assert "is denied by the entry" in refused.refusal.why


async def test_a_denied_node_is_hung_up_on_and_not_dialled_again(stage: Stage, ca: Authority) -> None:
    stolen = stage.tls(ca.issue("thief"), [ca])
    server = await stage.server(tls=stolen)
    tls = stage.tls(ca.issue("client"), [ca])
    client = stage.client(tls=tls)
    connection = await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    identity = client.identity_of("id-server")
    assert identity is not None
    assert identity.chain[0] == stolen.generation.chain[0]
    deny(tls, stolen)
    assert client.expel(tls.judge, at_once=True) == 1
    await connection.wait_closed()
    assert client.identity_of("id-server") is None
    with pytest.raises(ConnectError, match=r"\[CN=thief\] is denied by the entry"):
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
