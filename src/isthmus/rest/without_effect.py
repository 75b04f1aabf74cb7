"""Parameters that are taken and change nothing here, each with the reason.

They say how a cluster of many shards and copies goes about a request, not what it answers, so that leaving them out
gives the same answer. A parameter whose answer would differ is refused by name instead.
"""

from __future__ import annotations

from typing import Final

WITHOUT_EFFECT: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    (
        "",
        (
            *("all_shards", "batched_reduce_size", "max_concurrent_shard_requests", "pre_filter_shard_size"),
            *("preference", "routing"),
        ),
        "an index is one shard in one copy",
    ),
    ("", ("ccs_minimize_roundtrips",), "one round trip is always enough"),
    ("", ("cause",), "a note for the log of a master"),
    ("", ("ignore_throttled",), "no index is frozen"),
    ("", ("include_source_on_error",), "an error does not repeat the source"),
    ("", ("lang",), "scripts are refused"),
    ("", ("local",), "a node reads its own copy of the state"),
    ("", ("request_cache",), "an answer that is remembered is forgotten when its index changes"),
    *(
        (action, ("master_timeout",), "a node reads its own copy of the state")
        for action in ("indices:admin/aliases/get", "indices:monitor/", "cluster:monitor/")
    ),
    ("cluster:monitor/settings", ("timeout",), "a node reads its own copy of the state"),
    ("indices:admin/flush", ("force",), "a flush leaves everything on disk, whatever has changed"),
    ("indices:data/write/reindex", ("scroll",), "what is walked over is kept until the end"),
    ("indices:data/write/delete/byquery", ("scroll",), "what is walked over is kept until the end"),
    ("indices:data/write/update/byquery", ("scroll",), "what is walked over is kept until the end"),
    ("cluster:admin/xpack/security/", ("refresh",), "a change of the state is seen at once"),
    ("cluster:admin/xpack/security/realm/cache/clear", ("usernames",), "what is kept of all users is dropped"),
)
"""The beginning of a route's action ("" is all), the parameters, and why they change nothing."""


def without_effect(action: str) -> dict[str, str]:
    """Return the parameters that change nothing for an action, with the reasons."""
    return {name: why for start, names, why in WITHOUT_EFFECT if action.startswith(start) for name in names}
