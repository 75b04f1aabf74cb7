"""Writes that come while a commit runs share the next one, so that each does not pay for a sync of its own.

What a write costs in CPU, parsing above all, belongs before `write`, not into the commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from isthmus.index.ledger.errors import RejectedExecutionError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, Outcome

log = logging.getLogger(__name__)

MAX_WAITING = 10_000
MAX_WAITING_BYTES = 100 * 1024 * 1024
MAX_COMMIT_BYTES = 16 * 1024 * 1024
OVERHEAD = 200  # bytes of an operation besides its document
Applied = Callable[[Sequence[Operation], Sequence[Outcome]], object]


@dataclass(frozen=True, eq=False)
class _Request:
    operations: Sequence[Operation]
    size: int
    answer: asyncio.Future[list[Outcome]]


class GroupCommit:
    """The one way to write to `ledger`. `applied(operations, outcomes)` is called in the commit's thread, before the
    answers: what it raises is logged, as the writes are durable by then; it must know itself that it missed them."""

    def __init__(self, ledger: Ledger, executor: Executor, applied: Applied) -> None:
        self._ledger = ledger
        self._executor = executor
        self._applied = applied
        self._waiting: deque[_Request] = deque()
        self._waiting_bytes = 0
        self._committing: asyncio.Task[None] | None = None

    async def write(self, operations: Sequence[Operation]) -> list[Outcome]:
        """Return what came of `operations`, once they are on disk.

        Raises RejectedExecutionError if too much waits already, StorageError if nothing was written.
        """
        size = sum(len(operation.source) + OVERHEAD for operation in operations)
        if len(self._waiting) >= MAX_WAITING or (self._waiting and self._waiting_bytes + size > MAX_WAITING_BYTES):
            raise RejectedExecutionError(
                f"rejected execution of a write: [{len(self._waiting)}] writes of [{self._waiting_bytes}] bytes wait",
                where=str(self._ledger.path),
                hint="send less at once, and try again later",
            )
        loop = asyncio.get_running_loop()
        request = _Request(operations, size, loop.create_future())
        self._waiting.append(request)
        self._waiting_bytes += size
        if self._committing is None:
            self._committing = loop.create_task(self._commit_all())
            self._committing.add_done_callback(self._ended)
        return await request.answer

    async def drain(self) -> None:
        """Return when no commit runs and none waits."""
        while self._committing is not None:
            await asyncio.shield(self._committing)

    async def _commit_all(self) -> None:
        while self._waiting:
            await self._commit(self._next_group())
        self._committing = None

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A task that was cancelled, perhaps before it began, must not leave anybody waiting for ever."""
        if self._committing is not task:
            return
        self._committing = None
        while self._waiting:
            for request in self._next_group():
                request.answer.cancel()

    def _next_group(self) -> list[_Request]:
        group = [self._waiting.popleft()]
        size = group[0].size
        while self._waiting and size + self._waiting[0].size <= MAX_COMMIT_BYTES:
            size += self._waiting[0].size
            group.append(self._waiting.popleft())
        self._waiting_bytes -= size
        return group

    async def _commit(self, group: list[_Request]) -> None:
        operations = [operation for request in group for operation in request.operations]
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(self._executor, self._apply, operations)
        except Exception as failure:
            for request in group:
                if not request.answer.done():
                    request.answer.set_exception(failure)
            return
        except BaseException:  # the task was cancelled
            for request in group:
                request.answer.cancel()
            raise
        at = 0
        for request in group:
            if not request.answer.done():
                request.answer.set_result(outcomes[at : at + len(request.operations)])
            at += len(request.operations)

    def _apply(self, operations: list[Operation]) -> list[Outcome]:
        outcomes = self._ledger.apply(operations)
        try:
            self._applied(operations, outcomes)
        except BaseException as failure:
            if isinstance(failure, KeyboardInterrupt | SystemExit):
                raise
            log.exception("what follows a commit failed; the writes are on disk")
        return outcomes
