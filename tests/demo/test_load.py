"""A load proves something only if it sees what fails: wrong answers, lost connections, silence, its own early end."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from isthmus.demo.load import background
from isthmus.demo.load.background import Load
from isthmus.demo.load.https import KeptConnection, NewConnections, Target
from isthmus.demo.load.membership import Membership
from isthmus.demo.load.questions import Writer, ask_health, ask_list, ask_reports
from isthmus.demo.load.tally import SHOWN_FAILURES, Tally
from isthmus.demo.load.workload import Workload, WrongAnswerError
from isthmus.errors import UnavailableError
from tests.certificates import Authority, make_ca

RATE = 1000.0
BOUND = 60.0


async def succeed() -> None:
    await asyncio.sleep(0)


class After:
    """Tells another thread when a workload was asked so many times."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._done = threading.Event()

    async def request(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._done.set()

    def wait(self) -> None:
        assert self._done.wait(BOUND)


# Counting


def test_requests_are_counted_by_name_and_failures_keep_their_reason_and_moment() -> None:
    enough = After(20)

    async def fail() -> None:
        raise ConnectionRefusedError("nobody is there")

    workloads = [Workload("good", enough.request), Workload("bad", fail), Workload("bad", fail)]
    with Load(lambda: workloads, RATE, BOUND) as load:
        enough.wait()
    good, bad = load.tallies["good"], load.tallies["bad"]
    assert (good.answered, good.failed) == (good.requests, 0)
    assert good.requests >= 20
    assert (bad.answered, bad.failed) == (0, bad.requests)
    assert len(bad.failures) == min(bad.failed, SHOWN_FAILURES)
    assert {one.reason for one in bad.failures} == {"ConnectionRefusedError: nobody is there"}
    assert all(0 <= one.moment <= load.now for one in bad.failures)
    assert (load.requests, load.failed) == (good.requests + bad.requests, bad.failed)
    assert all("nobody is there" in one for one in load.first_failures())


def test_silence_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "REQUEST_SECONDS", 0.01)

    async def hang() -> None:
        await asyncio.Event().wait()

    with Load(lambda: [Workload("silent", hang)], RATE, BOUND) as load:
        pass
    assert load.failed >= 1
    assert "TimeoutError" in load.first_failures()[0]


def test_a_load_that_ended_before_what_it_was_to_prove_says_so() -> None:
    ended = threading.Event()

    async def close() -> None:
        ended.set()

    with (
        pytest.raises(UnavailableError, match="ended by itself"),
        Load(lambda: [Workload("any", succeed, close)], RATE, seconds=0.05),
    ):
        assert ended.wait(BOUND)


def test_a_load_that_breaks_by_itself_says_so() -> None:
    def broken() -> list[Workload]:
        raise ZeroDivisionError("no workloads")

    with pytest.raises(ZeroDivisionError), Load(broken, RATE, BOUND):
        pass


def test_connections_are_let_go_of_at_the_end() -> None:
    closed: list[str] = []

    async def close() -> None:
        closed.append("closed")

    with Load(lambda: [Workload("any", succeed, close)], RATE, BOUND):
        assert closed == []
    assert closed == ["closed"]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0, 1))
def test_a_quantile_is_one_of_the_times_and_so_many_are_below_it(took: list[float], share: float) -> None:
    tally = Tally()
    for moment, seconds in enumerate(took):
        tally.answer(float(moment), seconds)
    found = tally.quantile(share)
    assert found in took
    assert sum(one < found for one in took) <= share * len(took)
    assert tally.quantile(share, since=0, until=1) == took[0]
    assert tally.quantile(share, since=len(took)) is None


# Right and wrong answers


class Told:
    """Answers each request with the next of these."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        return self._answers.pop(0)

    async def close(self) -> None:
        """Nothing is open."""


MEMBERSHIP = Membership(["a", "b"])
REPORTS = {"1": {"name": "a"}, "2": {"name": "b"}}


async def test_right_answers_are_taken() -> None:
    await ask_health(Told({"status": "green", "number_of_nodes": 2}), MEMBERSHIP)
    await ask_list(Told([{"name": "b"}, {"name": "a"}]), MEMBERSHIP)
    await ask_reports(Told({"_nodes": {"failed": 0}, "nodes": REPORTS}), MEMBERSHIP)
    written = {"acknowledged": True, "persistent": {"cluster.metadata.load-a": "1"}}
    await Writer("a", Told(written), Told({"persistent": {"cluster.metadata.load-a": "1", "other": "2"}})).write()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (ask_health, {"status": "yellow", "number_of_nodes": 2}),
        (ask_health, {"status": "green", "number_of_nodes": 1}),
        (ask_health, {"status": "green", "number_of_nodes": 3}),
        (ask_list, [{"name": "a"}]),
        (ask_list, [{"name": "a"}, {"name": "b"}, {"name": "alien"}]),
        (ask_reports, {"_nodes": {"failed": 0}, "nodes": {"1": {"name": "a"}}}),
        (ask_reports, {"_nodes": {"failed": 1}, "nodes": REPORTS}),
    ],
)
async def test_wrong_answers_are_failures(question: Callable[..., Coroutine[Any, Any, None]], answer: object) -> None:
    with pytest.raises(WrongAnswerError):
        await question(Told(answer), MEMBERSHIP)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"acknowledged": False, "persistent": {}}, {}),
        ({"acknowledged": True, "persistent": {"cluster.metadata.load-a": "2"}}, {}),
        ({"acknowledged": True, "persistent": {"cluster.metadata.load-a": "1"}}, {}),
        ({"acknowledged": True, "persistent": {"cluster.metadata.load-a": "1"}}, {"cluster.metadata.load-a": "0"}),
    ],
)
async def test_a_write_that_is_not_acknowledged_or_not_everywhere_is_a_failure(written: object, found: object) -> None:
    with pytest.raises(WrongAnswerError):
        await Writer("a", Told(written), Told({"persistent": found})).write()


def test_a_node_on_its_way_may_be_there_and_one_that_stays_must() -> None:
    membership = Membership(["a", "b"])
    membership.comes_or_goes("b")
    for names in (["a"], ["a", "b"]):
        membership.check_names(names)
        membership.check_count(len(names))
    membership.check_silent(1)
    membership.stays("b")
    with pytest.raises(WrongAnswerError):
        membership.check_names(["a"])
    for check in (membership.check_count, membership.check_silent):
        with pytest.raises(WrongAnswerError):
            check(1)


# Connections


@pytest.fixture
def ca() -> Authority:
    return make_ca()


class Server:
    """An HTTPS server; `connections` counts the requests that came on each connection."""

    def __init__(self, runner: web.AppRunner, connections: dict[str, int], port: int) -> None:
        self.runner = runner
        self.connections = connections
        self.port = port


@pytest.fixture
async def server(ca: Authority, tmp_path: Path) -> AsyncIterator[Server]:
    connections: dict[str, int] = {}

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peer = str(request.transport.get_extra_info("peername"))
        connections[peer] = connections.get(peer, 0) + 1
        response = web.Response(text=json.dumps({"path": request.path}), content_type="application/json")
        if request.path == "/close":
            response.force_close()
        if request.path == "/fail":
            response.set_status(503)
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*ca.issue().write(tmp_path / "server"))
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    yield Server(runner, connections, runner.addresses[0][1])
    await runner.cleanup()


@pytest.fixture
def target(ca: Authority, server: Server, tmp_path: Path) -> Target:
    (tmp_path / "ca.crt").write_bytes(ca.certificate_pem)
    return Target(f"127.0.0.1:{server.port}", tmp_path / "ca.crt", "secret")


async def test_new_connections_are_new_and_trust_what_the_file_holds_then(server: Server, target: Target) -> None:
    new = NewConnections(target)
    for _ in range(3):
        assert await new.ask("GET", "/x") == {"path": "/x"}
    assert list(server.connections.values()) == [1, 1, 1]
    target.ca.write_bytes(make_ca("another").certificate_pem)
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        await new.ask("GET", "/x")


async def test_a_kept_connection_is_kept_and_its_loss_is_a_failure_that_is_not_hidden(
    server: Server, target: Target
) -> None:
    kept = KeptConnection(target)
    for _ in range(3):
        await kept.ask("GET", "/x")
    assert list(server.connections.values()) == [3]
    await kept.ask("GET", "/close")
    with pytest.raises(WrongAnswerError, match="was to be kept"):
        await kept.ask("GET", "/x")
    assert await kept.ask("GET", "/x") == {"path": "/x"}
    await kept.close()
    assert list(server.connections.values()) == [4, 1]


async def test_another_status_is_a_failure_and_a_password_is_never_shown(target: Target) -> None:
    with pytest.raises(WrongAnswerError, match="answered 503"):
        await NewConnections(target).ask("GET", "/fail")
    assert "secret" not in repr(target)
