"""What the load is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


async def _nothing() -> None:
    """There is nothing to let go of."""


@dataclass(frozen=True)
class Workload:
    """One stream of requests, each begun when the one before has ended.

    `request` does one and raises whatever if it failed or was answered wrongly. Workloads of one `name` are counted
    together. `close` lets go of connections.
    """

    name: str
    request: Callable[[], Awaitable[None]]
    close: Callable[[], Awaitable[None]] = _nothing


class WrongAnswerError(Exception):
    """A request was answered, but not rightly."""
