"""Beginning a connection in a way that can be given up at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

Made = tuple[asyncio.Transport, Any]


async def begun(beginning: Coroutine[Any, Any, Made]) -> Made:
    """Return what `beginning` (`create_connection` and the like of asyncio) makes.

    Cancelled before its transport has heard that it is connected, asyncio's TLS forgets that transport unclosed. So a
    cancellation is held back until it has, whatever is cancelled once more meanwhile.
    """
    task = asyncio.ensure_future(beginning)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        ending = asyncio.ensure_future(_give_up(task))
        while not ending.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(ending)
        raise


async def _give_up(task: asyncio.Task[Made]) -> None:
    for _ in range(2):  # a turn of the loop for the task to begin, and one for the transport to hear
        await asyncio.sleep(0)
    task.cancel()
    (made,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(made, tuple):
        made[0].abort()
