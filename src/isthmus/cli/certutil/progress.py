"""Work on many items in threads, with a progress bar for a person who waits more than a moment at a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE_SECONDS = 1.0


def in_threads(work: Callable[[Item], Result], items: Sequence[Item], what: str) -> list[Result]:
    """Do `work` on every item and give the results in order; key generation and hashing leave other threads room."""
    if len(items) == 1:
        return [work(items[0])]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            return list(shown(pool.map(work, items), len(items), what))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def shown(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """Pass `items` on; from the first second on a bar on standard error says how far they are."""
    if not sys.stderr.isatty():
        yield from items
        return
    started, iterator = time.monotonic(), iter(items)
    for done, item in enumerate(iterator, 1):
        yield item
        if time.monotonic() - started > PATIENCE_SECONDS:
            yield from _with_bar(iterator, done, total, what)


def _with_bar(items: Iterator[Item], done: int, total: int, what: str) -> Iterator[Item]:
    # rich takes a tenth of a second to import: who does not wait does not pay.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, completed=done)
        for item in items:
            yield item
            bar.advance(task)
