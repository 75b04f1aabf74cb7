"""Documents by their ids for somebody who does not see all: which of them he sees, and what of each.

A document is in the ledger before it can be searched. Whether a role's query matches it is asked of a view that has it
as it is now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import msgspec

from isthmus.errors import UnavailableError
from isthmus.index.fetching.visible_source import visible_source
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.searching.search_view import ViewSearch
from isthmus.index.shard.shard import Shard
from isthmus.index.shard.views import View
from isthmus.security.authorization.limits import Limits

TRIES = 20

Found = list[StoredDocument | None]


class ChangesTooFastError(UnavailableError):
    """Documents that are written again and again while it is looked who may see them."""

    type = "no_shard_available_action_exception"


async def seen_documents(shard: Shard, ids: Sequence[str], limits: Limits) -> Found:
    """Return what is seen of documents, None for those that are not. Raises UsageError, ChangesTooFastError."""
    found = await shard.get(ids) if limits.documents is None else await _matching(shard, ids, limits)
    if not limits.hides_fields:
        return found
    return [
        None if one is None else msgspec.structs.replace(one, source=visible_source(one.source, limits.fields))
        for one in found
    ]


async def _matching(shard: Shard, ids: Sequence[str], limits: Limits) -> Found:
    for _ in range(TRIES):
        view = await shard.view()
        try:
            found = await shard.get(ids)
            if all(one is None or one.seq_no <= view.reading.checkpoint for one in found):
                return await asyncio.to_thread(_matched, shard, view, found, limits)
        finally:
            shard.views.give_back(view)
        await shard.refresh()
    raise ChangesTooFastError("the documents change faster than it can be told whether they may be seen")


def _matched(shard: Shard, view: View, found: Found, limits: Limits) -> Found:
    """Return those of `found` that are seen; the view has each of them as it is in `found`."""
    searching = ViewSearch(shard.index, view, shard.sources, int(time.time() * 1000), limits)
    seen = searching.seen_among([one.seq_no for one in found if one is not None])
    return [one if one is not None and one.seq_no in seen else None for one in found]
