"""`openssl s_server`: a TLS server that we did not write."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.certificates import Authority, Issued
from tests.transport.stage import TIMEOUT

Start = Callable[..., Awaitable[int]]

__all__ = ["TIMEOUT", "Start", "servers"]


@asynccontextmanager
async def servers(folder: Path, ca: Authority) -> AsyncIterator[Start]:
    """Give what starts a server of an `Issued` that trusts `ca`, and returns its port; all end with the block."""
    running: list[asyncio.subprocess.Process] = []

    async def start(issued: Issued, *options: str) -> int:
        certificate, key = issued.write(folder)
        (folder / "ca.crt").write_bytes(ca.certificate_pem)
        files = ("-cert", str(certificate), "-cert_chain", str(certificate), "-key", str(key))
        mode = () if "-rev" in options else ("-www",)
        process = await asyncio.create_subprocess_exec(
            "openssl", "s_server", "-accept", "127.0.0.1:0", *files, "-CAfile", str(folder / "ca.crt"),
            *mode, *options, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        async with asyncio.timeout(TIMEOUT):
            while not (line := await process.stdout.readline()).startswith(b"ACCEPT "):
                assert line, "openssl ended"
        return int(line.rpartition(b":")[2])

    try:
        yield start
    finally:
        for process in running:
            process.kill()
            await process.wait()
