"""How long a request waits for its change of the cluster's state."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from isthmus.errors import UsageError
from isthmus.rest.cluster_settings import DEFAULT_SECONDS, MAX_SECONDS, OwnerTooSlowError
from isthmus.rest.parameters import Parameters

log = logging.getLogger(__name__)

TIMEOUTS = ("master_timeout", "timeout")
T = TypeVar("T")


async def within(parameters: Parameters, changing: Coroutine[Any, Any, T]) -> T:
    """Return what a change gives. Raises OwnerTooSlowError after the lesser of `master_timeout` and `timeout`.

    The change goes on then: it may be made when nobody waits for it any more.
    """
    try:
        seconds = min(parameters.seconds(name, DEFAULT_SECONDS, MAX_SECONDS) for name in TIMEOUTS)
    except UsageError:
        changing.close()
        raise
    task = asyncio.ensure_future(changing)
    finished, _ = await asyncio.wait([task], timeout=seconds)
    if not finished:
        task.add_done_callback(_tell_late)
        raise OwnerTooSlowError(f"the change was not made within {seconds:g} s", hint="ask what is in force")
    return task.result()


def _tell_late(task: asyncio.Future[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("a change that took too long was not made: %s", error)
