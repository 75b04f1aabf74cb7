"""Runs workloads at a bounded rate in a thread of its own, for a bounded time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType

from isthmus.demo.load.tally import Tally
from isthmus.demo.load.workload import Workload
from isthmus.errors import UnavailableError

REQUEST_SECONDS = 10.0
STARTING_SECONDS = 30.0


@dataclass
class Load:
    """Load on a cluster from entering the context, once each workload has had an answer, until leaving it.

    `open_workloads` makes the workloads; each does at most `rate` requests a second. After `seconds` the load ends by
    itself, and leaving raises UnavailableError: what came later was not under load. `tallies` are by name.
    """

    open_workloads: Callable[[], Sequence[Workload]]
    rate: float
    seconds: float
    tallies: dict[str, Tally] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _started: threading.Event = field(default_factory=threading.Event, init=False)
    _over: bool = False
    _trouble: BaseException | None = None

    def __enter__(self) -> Load:
        self.began = datetime.now(UTC)
        self._zero = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="load", daemon=True)
        self._thread.start()
        if not self._started.wait(STARTING_SECONDS):
            self._end()
            raise UnavailableError(f"the load did not begin: {'; '.join(self.first_failures()) or 'no answer'}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        if error is not None:
            return
        if self._trouble is not None:
            raise self._trouble
        if self._over:
            raise UnavailableError(f"the load ended by itself after {self.seconds:g} s, before what it was to prove")

    @property
    def now(self) -> float:
        """Seconds since the load began, as the moments of the tallies."""
        return time.monotonic() - self._zero

    @property
    def requests(self) -> int:
        """How many requests ended so far, well or not."""
        return sum(tally.requests for tally in list(self.tallies.values()))

    @property
    def failed(self) -> int:
        """How many failed so far."""
        return sum(tally.failed for tally in list(self.tallies.values()))

    def first_failures(self) -> list[str]:
        """The first failures of each name, for a person."""
        return [
            f"{name}, {failure.moment:.1f} s after the beginning: {failure.reason}"
            for name, tally in list(self.tallies.items())
            for failure in tally.failures
        ]

    def _end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            asyncio.run(self._generate())
        except BaseException as error:  # it is raised again where the context is left
            self._trouble = error
        finally:
            self._started.set()

    async def _generate(self) -> None:
        workloads = list(self.open_workloads())
        for workload in workloads:
            self.tallies.setdefault(workload.name, Tally())
        waiting = {id(workload) for workload in workloads}
        until = self._zero + self.seconds
        try:
            await asyncio.gather(*(self._repeat(workload, waiting, until) for workload in workloads))
            self._over = not self._stop.is_set()
        finally:
            await asyncio.gather(*(workload.close() for workload in workloads))

    async def _repeat(self, workload: Workload, waiting: set[int], until: float) -> None:
        tally, due = self.tallies[workload.name], time.monotonic()
        while not self._stop.is_set() and time.monotonic() < until:
            await self._once(workload, tally)
            waiting.discard(id(workload))
            if not waiting:
                self._started.set()
            due = max(due + 1 / self.rate, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _once(self, workload: Workload, tally: Tally) -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await workload.request()
        except Exception as error:
            tally.failure(self.now, f"{type(error).__name__}: {error}")
        else:
            tally.answer(self.now, time.monotonic() - begun)
