"""The recorded messages of searches, and the layouts that they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from isthmus.wire.layouts import NODE, TASK, Layout, struct
from isthmus.wire.search.requests import FETCH_REQUEST, SEARCH_REQUEST, SEARCH_SHARDS_REQUEST, SEARCH_SHARDS_RESPONSE
from isthmus.wire.search.requests import SHARD_SEARCH_REQUEST as SHARD_REQUEST
from isthmus.wire.search.resolving import (
    FIELD_CAPS_REQUEST,
    FIELD_CAPS_RESPONSE,
    RESOLVE_CLUSTER_REQUEST,
    RESOLVE_CLUSTER_RESPONSE,
    RESOLVE_INDEX_REQUEST,
    RESOLVE_INDEX_RESPONSE,
)
from isthmus.wire.search.responses import FETCH_RESULT, QUERY_AND_FETCH_RESULT, QUERY_RESULT, SEARCH_RESPONSE

RECORDED: Final = [json.loads(line) for line in Path("tests/data/es-wire-golden.jsonl").read_text("utf-8").splitlines()]
_PROXY: Final = "internal:transport/proxy/"


def proxied(request: Layout) -> Layout:
    """A request that a node is to hand on to another."""
    return struct(outer_parent=TASK, target=NODE, request=request)


LAYOUTS: Final[dict[str, tuple[Layout, Layout]]] = {
    "indices:data/read/search": (SEARCH_REQUEST, SEARCH_RESPONSE),
    "indices:admin/search/search_shards": (SEARCH_SHARDS_REQUEST, SEARCH_SHARDS_RESPONSE),
    f"{_PROXY}indices:data/read/search[phase/query]": (proxied(SHARD_REQUEST), QUERY_RESULT),
    f"{_PROXY}indices:data/read/search[phase/fetch/id]": (proxied(FETCH_REQUEST), FETCH_RESULT),
    "indices:data/read/field_caps": (FIELD_CAPS_REQUEST, FIELD_CAPS_RESPONSE),
    "indices:admin/resolve/index": (RESOLVE_INDEX_REQUEST, RESOLVE_INDEX_RESPONSE),
    "indices:admin/resolve/cluster": (RESOLVE_CLUSTER_REQUEST, RESOLVE_CLUSTER_RESPONSE),
}


def layout_of(recorded: dict[str, Any]) -> Layout:
    """Return the layout of a recorded message's body."""
    request, response = LAYOUTS[recorded["action"]]
    return response if recorded["status"] & 1 else request


SINGLE_SHARD: Final = QUERY_AND_FETCH_RESULT
