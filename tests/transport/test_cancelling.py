"""A dial that is given up, at whatever moment, leaves no socket behind, on either side."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.certificates import make_ca
from tests.transport.stage import Stage

STEPS = 40
CA = make_ca("ca")
SERVER, CLIENT = CA.issue("server"), CA.issue("client")


@pytest.mark.parametrize("again", [(), (1,), (3,)], ids=str)
@pytest.mark.parametrize("with_tls", [False, True])
def test_a_dial_that_is_given_up_leaves_no_socket(tmp_path: Path, with_tls: bool, again: tuple[int, ...]) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        for step in range(STEPS):
            folder = tmp_path / str(step)
            folder.mkdir()
            asyncio.run(_given_up(Stage(folder), (step, *again), with_tls=with_tls))
            gc.collect()
    assert [str(one.message) for one in told] == []


async def _given_up(stage: Stage, steps: Sequence[int], *, with_tls: bool) -> None:
    """Dial, give it up after so many turns of the loop, and again after as many as come next; close both sides."""
    server = await stage.server(tls=stage.tls(SERVER, [CA]) if with_tls else None)
    client = stage.client(tls=stage.tls(CLIENT, [CA]) if with_tls else None)
    dialling = asyncio.ensure_future(client.open_connection("127.0.0.1", server.port, timeout=5))
    for step in steps:
        for _ in range(step):
            await asyncio.sleep(0)
        dialling.cancel()
    await asyncio.gather(dialling, return_exceptions=True)
    await asyncio.gather(client.close(), server.service.close())
