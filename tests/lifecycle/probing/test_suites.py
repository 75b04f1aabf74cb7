"""Which cipher suites a port accepts, judged by openssl's server that was told which."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isthmus.lifecycle.probing.suites import accepted_suites
from tests.certificates import make_ca
from tests.lifecycle.probing.openssl import TIMEOUT, Start, servers

CA = make_ca()


@pytest.fixture
async def openssl(tmp_path: Path) -> AsyncIterator[Start]:
    async with servers(tmp_path, CA) as start:
        yield start


@pytest.mark.parametrize("asking", [(), ("-Verify", "3", "-verify_return_error")], ids=["open", "mutual"])
async def test_exactly_the_suites_that_a_port_was_given_are_found_with_or_without_a_certificate(
    openssl: Start, asking: tuple[str, ...]
) -> None:
    given = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"
    port = await openssl(CA.issue(), "-cipher", given, *asking)
    found = await accepted_suites(f"127.0.0.1:{port}", TIMEOUT)
    assert found.whole
    assert sorted(found.accepted) == [
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_NULL_SHA",
    ]


async def test_a_port_that_falls_silent_leaves_the_question_open() -> None:
    heard = asyncio.Event()

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await accepted_suites(f"127.0.0.1:{port}", 0.05)
        heard.set()
    assert (found.accepted, found.whole) == ((), False)
