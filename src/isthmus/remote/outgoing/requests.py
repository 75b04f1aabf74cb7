"""The request for a search in one other cluster. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.index.metadata.expressions import Options
from isthmus.wire.search.requests import QUERY_THEN_FETCH

BATCHED_REDUCE_SIZE: Final = 512
_UNSET_CHECKPOINT_TIMEOUT: Final = (30, "s")


def search_request(
    alias: str, expression: str, options: Options, source: Mapping[str, Any], *, allow_partial: bool | None, now: int
) -> dict[str, Any]:
    """Return the request for indices of the cluster `alias`, whose answer is merged here; `now` is in milliseconds."""
    return {
        "parent": None,
        "search_type": QUERY_THEN_FETCH,
        "indices": expression.split(","),
        "routing": None,
        "preference": None,
        "scroll": None,
        "source": source,
        "indices_options": indices_options(options),
        "request_cache": None,
        "batched_reduce_size": BATCHED_REDUCE_SIZE,
        "max_concurrent_shard_requests": 0,
        "pre_filter_shard_size": None,
        "allow_partial": allow_partial,
        "cluster": {"alias": alias, "start_millis": now, "final_reduce": False},
        "minimize_roundtrips": True,
        "minimum_version": None,
        "checkpoints": {},
        "checkpoints_timeout": _UNSET_CHECKPOINT_TIMEOUT,
        "synthetic_source": False,
    }


def indices_options(options: Options) -> dict[str, Any]:
    """Return what missing names and wildcards mean."""
    flags = {
        "allow_unavailable": options.ignore_unavailable,
        "allow_empty_wildcard": options.allow_no_indices,
        "error_closed": True,
        "ignore_throttled": True,
        "allow_selectors": True,
    }
    wildcards = {"open": options.open and options.wildcards, "hidden": options.hidden and options.wildcards}
    return {
        "options": [name for name, is_set in flags.items() if is_set],
        "wildcards": [name for name, is_set in wildcards.items() if is_set],
    }
