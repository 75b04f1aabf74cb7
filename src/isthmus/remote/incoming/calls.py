"""Another cluster's search as ours is called. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.errors import UsageError
from isthmus.index.metadata.expressions import Options
from isthmus.remote.incoming.bodies import body_json
from isthmus.search.call import SearchCall
from isthmus.wire.layouts import UnsupportedError
from isthmus.wire.search.requests import QUERY_THEN_FETCH

MAX_INDICES = 10_000


def search_call(request: Mapping[str, Any]) -> SearchCall:
    """Return the search that another cluster asks for. Raises UnsupportedError by name for what there is not here.

    How shards and copies are gone about (routing, preference, caches) means nothing here: an index is one shard.
    """
    if request["search_type"] != QUERY_THEN_FETCH:
        raise UnsupportedError("[search_type] of [dfs_query_then_fetch] is not supported by this cluster")
    if request["scroll"] is not None:
        raise UnsupportedError("[scroll] by a whole search is not supported by this cluster")
    return SearchCall(
        indices=expression(request["indices"]),
        options=options(request["indices_options"]),
        body=body_json(request["source"]),
        allow_partial=request["allow_partial"],
    )


def expression(indices: Sequence[str]) -> str:
    """Return names and patterns as one expression; of no names it means all. Raises UsageError."""
    if len(indices) > MAX_INDICES:
        raise UsageError(f"an expression names at most {MAX_INDICES} indices")
    odd = next((one for one in indices if "," in one or ":" in one or not one), None)
    if odd is not None:
        raise UsageError(f"[{odd[:100]}] is no name of an index of this cluster")
    return ",".join(indices) or "_all"


def options(given: Mapping[str, Any]) -> Options:
    """Return what missing names and wildcards mean."""
    flags, wildcards = given["options"], given["wildcards"]
    return Options(
        ignore_unavailable="allow_unavailable" in flags,
        allow_no_indices="allow_empty_wildcard" in flags,
        open="open" in wildcards,
        hidden="hidden" in wildcards,
        wildcards=bool(wildcards),
    )
