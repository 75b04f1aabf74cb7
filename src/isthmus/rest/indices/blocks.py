"""`PUT /{index}/_block/{block}`: indices that may no longer be written, read or changed.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-modules-blocks.html
"""

from __future__ import annotations

from functools import partial

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices.changing import TIMEOUTS, within
from isthmus.rest.routing import Request, Route

BLOCKS = ("metadata", "read", "read_only", "write")


def routes(indices: Indices) -> tuple[Route, ...]:
    """Return the route."""
    return (
        Route(
            "PUT",
            "/{index}/_block/{block}",
            "indices:admin/block/add",
            partial(add_block, indices),
            (*PARAMETERS, *TIMEOUTS),
        ),
    )


async def add_block(indices: Indices, request: Request) -> Json:
    """Set a block on every index that is named; it goes when its setting does."""
    block = request.variables["block"]
    if block not in BLOCKS:
        raise UsageError(f"No block found with name {block[:50]}", hint=f"known are {', '.join(BLOCKS)}")
    chosen = options(request.parameters, allow_no_indices=False)
    found = indices.catalogue.resolve(request.variables["index"], chosen)
    blocking = indices.put_settings([one.index for one in found], {f"index.blocks.{block}": True})
    await within(request.parameters, blocking)
    told = [{"name": one.index.name, "blocked": True} for one in found]
    return Json({"acknowledged": True, "shards_acknowledged": True, "indices": told})
