"""What it costs to ask who asks: an API key against nothing, and others' requests while passwords are first checked.

The node lets everybody in as a superuser, so that both ways do the same but for the credentials.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.node import make_certificates, write_node
from bench.rows import Row
from isthmus.demo.corpus import LOG_MAPPING, log_lines
from isthmus.demo.nodes import NodeProcess

ROUNDS = 7
LINES = 2_000
USERS = 40
SECONDS = 6.0
PASSWORD = "a long enough password"
SEARCH = ("POST", "/logs/_search", json.dumps({"query": {"match": {"message": "request"}}, "size": 10}))
INFO = ("GET", "/", None)
GOALS = {"search of 10 hits": "≥ 0.85×", "GET /": "≥ 0.65×"}


def run() -> list[Row]:
    """Measure both in turn on one node."""
    with tempfile.TemporaryDirectory() as name, _node(Path(name)) as (node, trust):
        url = f"https://{node.http}"
        line = _Line(node.http, trust)
        _load(line)
        key = json.loads(line.ask("POST", "/_security/api_key", json.dumps({"name": "bench"})))["encoded"]
        rows = []
        for asked, request in (("search of 10 hits", SEARCH), ("GET /", INFO)):
            rates: dict[str, list[float]] = {"with an API key": [], "without credentials": []}
            for _ in range(ROUNDS):
                for how, header in (("with an API key", f"ApiKey {key}"), ("without credentials", None)):
                    rates[how].append(_rate(url, trust, request, header))
            keyed, bare = (statistics.median(rates[how]) for how in rates)
            rows.append(Row(f"{asked}, API key", keyed, "1/s", keyed / bare, "without", GOALS[asked]))
            rows.append(Row(f"{asked}, no credentials", bare, "1/s"))
        return rows + _while_passwords_are_checked(node, trust, key)


def _while_passwords_are_checked(node: NodeProcess, trust: Path, key: str) -> list[Row]:
    line = _Line(node.http, trust)
    for number in range(USERS):
        line.ask("PUT", f"/_security/user/u{number}", json.dumps({"password": PASSWORD, "roles": []}))
    quiet = _p99(node.http, trust, key, threading.Event(), 2_000)
    done = threading.Event()
    logins = threading.Thread(target=_log_in, args=(node.http, trust, done))
    logins.start()
    busy = _p99(node.http, trust, key, done, None)
    logins.join()
    return [
        Row("GET / with an API key, p99", quiet * 1e3, "ms"),
        Row(f"the same while {USERS} passwords are first checked", busy * 1e3, "ms", busy / quiet, "quiet"),
    ]


def _log_in(address: str, trust: Path, done: threading.Event) -> None:
    line = _Line(address, trust)
    for number in range(USERS):
        line.ask("GET", "/_security/_authenticate", None, _basic(f"u{number}"))
    done.set()


def _p99(address: str, trust: Path, key: str, until: threading.Event, count: int | None) -> float:
    line = _Line(address, trust)
    times: list[float] = []
    while not until.is_set() and (count is None or len(times) < count):
        begun = time.perf_counter()
        line.ask("GET", "/", None, f"ApiKey {key}")
        times.append(time.perf_counter() - begun)
    return sorted(times)[int(len(times) * 0.99)]


def _rate(url: str, trust: Path, request: tuple[str, str, str | None], authorization: str | None) -> float:
    job = {"requests": [request], "warm": 200, "count": 1_500, "clients": 4, "seconds": SECONDS}
    job |= {"url": url, "trust": str(trust), "authorization": authorization}
    done = subprocess.run(
        [sys.executable, "-m", "bench.engines.client"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return len(report["times"]) / float(report["seconds"])


def _load(line: _Line) -> None:
    line.ask("PUT", "/logs", json.dumps({"mappings": LOG_MAPPING}))
    body = "".join(f'{{"index":{{}}}}\n{json.dumps(one)}\n' for one in log_lines(LINES))
    line.ask("POST", "/logs/_bulk?refresh=true&filter_path=errors", body)


@contextmanager
def _node(folder: Path) -> Iterator[tuple[NodeProcess, Path]]:
    make_certificates(folder)
    node = write_node(folder, 0, {"xpack.security.authc.anonymous.roles": "superuser"})
    node.start()
    try:
        node.wait_until_bound()
        node.wait_until_logged("owns its state")
        yield node, folder / "ca" / "ca.crt"
    finally:
        node.stop()


class _Line:
    """One connection."""

    def __init__(self, address: str, trust: Path) -> None:
        host, _, port = address.rpartition(":")
        context = ssl.create_default_context(cafile=trust)
        self._connection = http.client.HTTPSConnection(host, int(port), timeout=60, context=context)

    def ask(self, method: str, path: str, body: str | None = None, authorization: str | None = None) -> bytes:
        """Return the body of an answer that is none of an error."""
        kind = "application/x-ndjson" if "_bulk" in path else "application/json"
        headers = {} if body is None else {"Content-Type": kind}
        self._connection.request(
            method, path, body, headers | ({} if authorization is None else {"Authorization": authorization})
        )
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return data


def _basic(username: str) -> str:
    return f"Basic {base64.b64encode(f'{username}:{PASSWORD}'.encode()).decode()}"
