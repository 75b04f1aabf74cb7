"""Beginning a connection in a way that can be given up at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

Made = tuple[asyncio.Transport, Any]


async def begun(beginning: Coroutine[Any, Any, Made]) -> Made:
    """Return what `beginning` (`create_connection` and the like of asyncio) makes.

    Cancelled before its transport has heard that it is connected, asyncio's TLS forgets that transport unclosed. So a
    cancellation is held back until it has: a turn of the loop for the task to begin, and one for that.
    """
    task = asyncio.ensure_future(beginning)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        for _ in range(2):
            await asyncio.sleep(0)
        task.cancel()
        (made,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(made, tuple):
            made[0].abort()
        raise
