"""The client of all engines, as a process of its own: one JSON job on stdin, one JSON report on stdout.

A job of requests sends `requests` in turn from `clients` at once: first `warm` of them, then `count` that are timed,
fewer if `seconds` pass. A job of lines sends bulk requests of generated log lines, refreshes, and reports the time.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import uvloop

from isthmus.demo.corpus import log_lines

Ask = Callable[[str, str, bytes | None], Awaitable[bytes]]


async def _work(job: dict[str, Any]) -> dict[str, Any]:
    trust = ssl.create_default_context(cafile=job["trust"])
    connector = aiohttp.TCPConnector(ssl=trust, limit=job["clients"])
    headers = {"Content-Type": "application/json"}
    if job["authorization"] is not None:
        headers["Authorization"] = job["authorization"]
    async with aiohttp.ClientSession(
        job["url"], connector=connector, headers=headers, timeout=aiohttp.ClientTimeout(total=120)
    ) as session:

        async def ask(method: str, path: str, body: bytes | None) -> bytes:
            async with session.request(method, path, data=body) as answer:
                data = await answer.read()
                if answer.status >= 400:
                    raise RuntimeError(f"{method} {path}: {answer.status} {data[:400]!r}")
                return data

        return await (_send_lines(job, ask) if "lines" in job else _send_requests(job, ask))


async def _send_lines(job: dict[str, Any], ask: Ask) -> dict[str, Any]:
    """Bodies are made before the clock starts."""
    bodies = iter(list(_bulk_bodies(job["lines"], job["batch"], job["seed"])))
    begun = time.perf_counter()

    async def send() -> None:
        for body in bodies:
            answer = json.loads(await ask("POST", f"/{job['index']}/_bulk?filter_path=errors", body))
            if answer["errors"]:
                raise RuntimeError("a bulk request had errors")

    await asyncio.gather(*(send() for _ in range(job["clients"])))
    acknowledged = time.perf_counter() - begun
    await ask("POST", f"/{job['index']}/_refresh", None)
    return {"acknowledged": acknowledged, "seconds": time.perf_counter() - begun}


def _bulk_bodies(count: int, batch: int, seed: int) -> Iterator[bytes]:
    lines = log_lines(count, seed)
    while part := list(itertools.islice(lines, batch)):
        yield "".join(f'{{"index":{{}}}}\n{json.dumps(line, ensure_ascii=False)}\n' for line in part).encode()


async def _send_requests(job: dict[str, Any], ask: Ask) -> dict[str, Any]:
    asked = itertools.cycle([(method, path, body and body.encode()) for method, path, body in job["requests"]])
    warmed = await _send(asked, job["warm"], job["clients"], job["seconds"], ask)
    begun = time.perf_counter()
    times = await _send(asked, job["count"], job["clients"], job["seconds"], ask)
    return {"seconds": time.perf_counter() - begun, "times": times, "warmed": len(warmed)}


async def _send(
    asked: Iterator[tuple[str, str, bytes | None]], count: int, clients: int, seconds: float, ask: Ask
) -> list[float]:
    times: list[float] = []
    tickets = iter(range(count))
    until = time.perf_counter() + seconds

    async def send() -> None:
        for _ in tickets:
            begun = time.perf_counter()
            if begun > until:
                return
            await ask(*next(asked))
            times.append(time.perf_counter() - begun)

    await asyncio.gather(*(send() for _ in range(clients)))
    return times


if __name__ == "__main__":
    json.dump(uvloop.run(_work(json.load(sys.stdin))), sys.stdout)
