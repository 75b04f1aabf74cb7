"""Items in the order in which they can be written together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from isthmus.index.writing.item import Item


def runs(items: Sequence[Item]) -> Iterator[list[int]]:
    """Yield the places of items that can be written at once, in order.

    An update reads the document that it changes: what the same request writes to that document before must be written.
    """
    run: list[int] = []
    written: set[str] = set()
    for place, item in enumerate(items):
        if item.kind == "update" and item.id in written:
            yield run
            run, written = [], set()
        run.append(place)
        written.add(item.id)
    if run:
        yield run
