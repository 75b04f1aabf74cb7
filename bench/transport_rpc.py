"""Requests per second over mutual TLS 1.3 on one connection, server and client in processes of their own.

Every contender echoes the same bodies on the same certificates. The client keeps a fixed number of requests in flight.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rows import Row
from bench.rpc_contenders import CONTENDERS, Call, Contender
from tests.certificates import make_ca

SIZES = {"200 B": 200, "64 KiB": 64 * 1024}
IN_FLIGHT = (1, 16, 128)
WARM_UP = 0.3  # seconds
SECONDS = 1.5
GOAL = ("200 B", 128, "≥ 5× grpc.aio")

Measured = dict[str, float]


def run() -> list[Row]:
    """Measure every size at every number in flight with every contender."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_certificates(folder)
        for label, size in SIZES.items():
            for in_flight in IN_FLIGHT:
                measured = {key: _measure(key, folder, bytes(size), in_flight) for key in CONTENDERS}
                rows += _rows(label, in_flight, measured)
    return rows


def _rows(label: str, in_flight: int, measured: Measured) -> Iterator[Row]:
    what = f"RPC, {label}, {in_flight} in flight"
    for key, contender in CONTENDERS.items():
        ours = key == "isthmus"
        yield Row(
            f"{what}: {contender.name}",
            measured[key],
            "1/s",
            ratio=measured[key] / measured["grpc"],
            ratio_to="grpc.aio",
            goal=GOAL[2] if ours and (label, in_flight) == GOAL[:2] else None,
        )


def _write_certificates(folder: Path) -> None:
    authority = make_ca("bench CA")
    (folder / "ca.crt").write_bytes(authority.certificate_pem)
    for name in ("server", "client"):
        authority.issue(name).write(folder, name)


def _measure(key: str, folder: Path, body: bytes, in_flight: int) -> float:
    contender = CONTENDERS[key]
    with _server(key, folder) as port:
        return contender.run(_calls_per_second(contender, folder, port, body, in_flight)) or 0.0


@contextmanager
def _server(key: str, folder: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.rpc_contenders", key, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def _calls_per_second(contender: Contender, folder: Path, port: int, body: bytes, in_flight: int) -> float:
    async with contender.connect(folder, port) as call:
        await _call_for(WARM_UP, call, body, in_flight)
        begun = time.perf_counter()
        calls = await _call_for(SECONDS, call, body, in_flight)
        return calls / (time.perf_counter() - begun)


async def _call_for(seconds: float, call: Call, body: bytes, in_flight: int) -> int:
    end = time.perf_counter() + seconds

    async def keep_calling() -> int:
        calls = 0
        while time.perf_counter() < end:
            await call(body)
            calls += 1
        return calls

    return sum(await asyncio.gather(*(keep_calling() for _ in range(in_flight))))
