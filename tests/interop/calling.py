"""The program's own command line, as an operator calls it, beside the test's event loop."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT = 300.0


@dataclass(frozen=True)
class Done:
    """The exit status of a command and what it printed, errors included."""

    status: int
    output: str


async def isthmus(*arguments: str | Path) -> Done:
    """Run `isthmus` to its end, with nobody at the terminal."""
    running = await begin(*arguments)
    async with asyncio.timeout(TIMEOUT):
        output, _ = await running.communicate()
    return Done(running.returncode or 0, output.decode())


async def begin(*arguments: str | Path) -> asyncio.subprocess.Process:
    """Start `isthmus` and return the process, whose output is one stream."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-u", "-m", "isthmus"),
        *map(str, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def read_until(running: asyncio.subprocess.Process, part: str) -> str:
    """Read lines until one has `part`; fails if the process ends before."""
    if running.stdout is None:
        raise RuntimeError("the process has no output to read")
    read = ""
    async with asyncio.timeout(TIMEOUT):
        while line := (await running.stdout.readline()).decode():
            read += line
            if part in line:
                return read
    raise AssertionError(f"it ended and never said [{part}]: {read}")


async def doctor(*folders: str) -> tuple[int, dict[str, Any]]:
    """Return the exit status and the report of `isthmus doctor` (JSON)."""
    done = await isthmus("doctor", "--json", *folders)
    return done.status, json.loads(done.output)
