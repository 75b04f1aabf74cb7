"""Asking and answering: what a handler returns or raises is what the asker gets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from isthmus.errors import DataError
from isthmus.transport.connection import Connection
from isthmus.transport.errors import NodeDisconnectedError, ReceiveTimeoutError, RemoteError
from isthmus.transport.limits import TransportLimits
from isthmus.transport.messages import FOR_NODES, Action, call
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.wire.compression import DEFLATE, LZ4
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.frames import NO_HEADERS, Buffer, FrameLimits
from isthmus.wire.version import TRANSPORT_VERSION
from tests.transport.stage import TIMEOUT, Server, Stage


@pytest.fixture
async def server(stage: Stage) -> Server:
    return await stage.server(trust_network=True)


@pytest.fixture
async def connection(stage: Stage, server: Server) -> Connection:
    return await stage.connect(server)


async def test_a_connection_knows_its_peer(connection: Connection, server: Server) -> None:
    assert (connection.node.name, connection.node.ephemeral_id) == ("server", "run-server")
    assert connection.version == TRANSPORT_VERSION
    assert connection.address == f"127.0.0.1:{server.port}"
    assert connection.identity is None


async def test_what_is_written_does_not_wait_for_more(connection: Connection) -> None:
    """Nagle's algorithm and delayed acknowledgements together would cost 40 ms in the middle of each dial."""
    sock = connection.channel.transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.mark.parametrize("action", ["echo", "later"])
@pytest.mark.parametrize("size", [0, 1, 200, 65_536, 131_072, 3_000_000])
async def test_a_body_of_any_size_comes_back(connection: Connection, action: str, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    assert await connection.request(action, body[:size], timeout=TIMEOUT) == body[:size]


async def test_hundreds_of_requests_in_flight_get_their_own_answers(connection: Connection) -> None:
    bodies = [str(number).encode() * (number % 50) for number in range(2_000)]
    answers = await asyncio.gather(
        *(
            connection.request("later" if number % 2 else "echo", body, timeout=TIMEOUT)
            for number, body in enumerate(bodies)
        )
    )
    assert answers == bodies


@pytest.mark.parametrize("scheme", [DEFLATE, LZ4])
async def test_a_compressed_request_is_answered_in_its_scheme(connection: Connection, scheme: bytes) -> None:
    body = b"squeeze me " * 50_000
    assert await connection.exchange("echo", body, timeout=TIMEOUT, scheme=scheme) == body


async def test_headers_reach_the_handler(stage: Stage) -> None:
    actions = ActionRegistry()
    actions.register("header", lambda _body, channel: channel.headers["X-Opaque-Id"].encode())
    connection = await stage.connect(await stage.server(trust_network=True, actions=actions))
    assert await connection.request("header", headers={"X-Opaque-Id": "mine ☃"}, timeout=TIMEOUT) == "mine ☃".encode()


async def test_an_unknown_action_is_named_in_the_answer(connection: Connection) -> None:
    with pytest.raises(RemoteError, match="do/it") as caught:
        await connection.request("do/it", timeout=TIMEOUT)
    assert (caught.value.type, caught.value.status) == ("action_not_found_transport_exception", 400)


async def test_what_went_wrong_inside_a_handler_is_not_told(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(RemoteError, match="internal error") as caught:
        await connection.request("fail", timeout=TIMEOUT)
    assert caught.value.status == 500
    assert "secret" not in str(caught.value)
    assert "a secret of the handler" in caplog.text


@pytest.mark.parametrize("later", [False, True])
async def test_an_error_of_the_handler_keeps_type_status_reason_and_hint(stage: Stage, later: bool) -> None:
    def fail(_body: Buffer, _channel: RequestChannel) -> bytes:
        raise DataError("no such thing [☃]", hint="make one")

    async def fail_later(_body: Buffer, _channel: RequestChannel) -> bytes:
        await asyncio.sleep(0)
        raise DataError("no such thing [☃]", hint="make one")

    actions = ActionRegistry()
    actions.register("fail", fail_later if later else fail)
    connection = await stage.connect(await stage.server(trust_network=True, actions=actions))
    with pytest.raises(RemoteError) as caught:
        await connection.request("fail", timeout=TIMEOUT)
    error = caught.value
    assert (error.type, error.status) == ("illegal_argument_exception", 400)
    assert (error.reason, error.hint) == ("no such thing [☃]", "make one")
    assert connection.address in str(error)


async def test_an_answer_that_does_not_come_is_a_timeout_and_a_late_one_is_ignored(stage: Stage) -> None:
    go_on = asyncio.Event()

    async def wait(body: Buffer, _channel: RequestChannel) -> bytes:
        await go_on.wait()
        return bytes(body)

    actions = ActionRegistry()
    actions.register("wait", wait)
    actions.register("echo", lambda body, _channel: bytes(body))
    connection = await stage.connect(await stage.server(trust_network=True, actions=actions))
    with pytest.raises(ReceiveTimeoutError, match="wait"):
        await connection.request("wait", timeout=0.05)
    go_on.set()
    assert await connection.request("echo", b"still here", timeout=TIMEOUT) == b"still here"


async def test_an_asker_that_gives_up_leaves_nothing_behind(connection: Connection) -> None:
    task = asyncio.ensure_future(connection.request("later", timeout=TIMEOUT))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await connection.request("echo", b"x", timeout=TIMEOUT) == b"x"


async def test_requests_fail_and_callbacks_are_called_when_the_peer_goes_away(stage: Stage) -> None:
    async def never(_body: Buffer, _channel: RequestChannel) -> bytes:
        await asyncio.Event().wait()
        return b""

    actions = ActionRegistry()
    actions.register("never", never)
    server = await stage.server(trust_network=True, actions=actions)
    connection = await stage.connect(server)
    called = asyncio.Event()
    connection.add_close_callback(called.set)
    asked = asyncio.ensure_future(connection.request("never", timeout=TIMEOUT))
    await asyncio.sleep(0)
    await server.service.close()
    with pytest.raises(NodeDisconnectedError, match="never"):
        await asked
    await asyncio.wait_for(called.wait(), TIMEOUT)
    assert connection.is_closed
    with pytest.raises(NodeDisconnectedError):
        await connection.request("echo", timeout=TIMEOUT)
    late = asyncio.Event()
    connection.add_close_callback(late.set)
    await asyncio.wait_for(late.wait(), TIMEOUT)


async def test_more_requests_than_may_be_outstanding_wait_their_turn(stage: Stage) -> None:
    limits = TransportLimits(max_outstanding=4)
    running = most = 0

    async def count(body: Buffer, _channel: RequestChannel) -> bytes:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return bytes(body)

    actions = ActionRegistry()
    actions.register("count", count)
    server = await stage.server(trust_network=True, actions=actions, limits=limits)
    polite = await stage.connect(server, limits=limits)
    answers = await asyncio.gather(*(polite.request("count", b"%d" % n, timeout=TIMEOUT) for n in range(100)))
    assert answers == [b"%d" % n for n in range(100)]
    assert most <= 4
    rude = await stage.connect(server)
    await asyncio.gather(*(rude.request("count", timeout=TIMEOUT) for _ in range(100)))
    assert most <= 4


async def test_a_request_larger_than_any_message_is_not_sent(stage: Stage, server: Server) -> None:
    limits = TransportLimits(frames=FrameLimits(max_message=200_000))
    connection = await stage.connect(server, limits=limits)
    with pytest.raises(LimitExceededError, match="200000"):
        await connection.request("echo", b"x" * 200_000, timeout=TIMEOUT)
    assert await connection.request("echo", b"x", timeout=TIMEOUT) == b"x"


async def test_an_answer_larger_than_any_message_is_an_error(stage: Stage) -> None:
    actions = ActionRegistry()
    actions.register("large", lambda _body, _channel: b"x" * 200_000)
    limits = TransportLimits(frames=FrameLimits(max_message=200_000))
    connection = await stage.connect(await stage.server(trust_network=True, actions=actions, limits=limits))
    with pytest.raises(RemoteError, match="more than a message may") as caught:
        await connection.request("large", timeout=TIMEOUT)
    assert caught.value.status == 413


class Question(msgspec.Struct, frozen=True):
    number: int


class Reply(msgspec.Struct, frozen=True):
    twice: int


TWICE = Action("internal:isthmus/test/twice", Question, Reply, FOR_NODES)
TWICE_LATER = Action("internal:isthmus/test/twice_later", Question, Reply, FOR_NODES)
LIAR = Action("internal:isthmus/test/liar", Question, Reply, FOR_NODES)


class NoGuard:
    """Implements `Guard`: everybody is served."""

    def serve(
        self, action: Action[Any, Any], request: object, headers: Mapping[str, str], handler: Callable[[], object]
    ) -> object:
        return handler()


async def _twice(request: Question, _channel: RequestChannel) -> Reply:
    await asyncio.sleep(0)
    return Reply(request.number * 2)


@pytest.fixture
async def ours(stage: Stage) -> Connection:
    actions = ActionRegistry(NoGuard())
    actions.serve(TWICE, lambda request, _channel: Reply(request.number * 2))
    actions.serve(TWICE_LATER, _twice)
    actions.register(LIAR.name, lambda _body, _channel: b"\x93\x01\x02\x03")
    return await stage.connect(await stage.server(trust_network=True, actions=actions))


@pytest.mark.parametrize("action", [TWICE, TWICE_LATER])
async def test_our_own_actions_carry_typed_messages(ours: Connection, action: Action[Question, Reply]) -> None:
    assert await call(ours, action, Question(21), headers=NO_HEADERS, timeout=TIMEOUT) == Reply(42)


async def test_a_message_of_another_type_is_refused_on_both_sides(ours: Connection) -> None:
    with pytest.raises(RemoteError, match="no Question") as caught:
        await ours.request(TWICE.name, b"\x91\x01", timeout=TIMEOUT)
    assert caught.value.type == "transport_serialization_exception"
    with pytest.raises(MalformedError, match="no Reply"):
        await call(ours, LIAR, Question(1), headers=NO_HEADERS, timeout=TIMEOUT)


async def test_a_message_nested_too_deep_is_refused(ours: Connection) -> None:
    with pytest.raises(RemoteError, match="no Question"):
        await ours.request(TWICE.name, b"\x81\xa6number" + b"\x91" * 1_000_000, timeout=TIMEOUT)


def test_an_action_of_our_own_is_served_only_with_a_guard_before_it() -> None:
    with pytest.raises(ValueError, match="nothing guards"):
        ActionRegistry().serve(TWICE, _twice)


def test_an_action_is_registered_once_and_ours_bear_our_prefix() -> None:
    actions = ActionRegistry(NoGuard())
    actions.serve(TWICE, _twice)
    with pytest.raises(ValueError, match="twice"):
        actions.serve(TWICE, _twice)
    with pytest.raises(ValueError, match="internal:isthmus/"):
        Action("indices:data/read/search", Question, Reply, FOR_NODES)
