"""Searches and what goes with them: requests of whole searches and of their shards (es-wire §4.2, §4.6)."""

from __future__ import annotations

from typing import Final

from isthmus.wire.layouts import (
    BOOL,
    F32,
    I64,
    NODE,
    OPTBOOL,
    OPTSTR,
    OPTTIME,
    OPTVINT,
    STR,
    STRINGS,
    TASK,
    TIME,
    U8,
    VINT,
    VLONG,
    enum_set,
    listing,
    mapping,
    named,
    optional,
    refused,
    struct,
)
from isthmus.wire.search.queries import QUERY
from isthmus.wire.search.results import FORMAT
from isthmus.wire.search.sorts import SORT_VALUES
from isthmus.wire.search.source import SOURCE

INDICES_OPTIONS: Final = struct(
    options=enum_set(
        "allow_unavailable",
        "exclude_aliases",
        "allow_empty_wildcard",
        "error_aliases_to_multiple",
        "error_closed",
        "ignore_throttled",
        "legacy",
        "allow_selectors",
        "include_failures",
    ),
    wildcards=enum_set("open", "closed", "hidden"),
)
SEARCH_REQUEST: Final = struct(
    parent=TASK,
    search_type=U8,
    indices=STRINGS,
    routing=OPTSTR,
    preference=OPTSTR,
    scroll=optional(TIME),
    source=optional(SOURCE),
    indices_options=INDICES_OPTIONS,
    request_cache=OPTBOOL,
    batched_reduce_size=VINT,
    max_concurrent_shard_requests=VINT,
    pre_filter_shard_size=OPTVINT,
    allow_partial=OPTBOOL,
    cluster=optional(struct(alias=STR, start_millis=VLONG, final_reduce=BOOL)),
    minimize_roundtrips=BOOL,
    minimum_version=optional(VINT),
    checkpoints=mapping(STR, listing(I64)),
    checkpoints_timeout=TIME,
    synthetic_source=BOOL,
)
QUERY_THEN_FETCH: Final = 1

SHARD_ID: Final = struct(index=STR, uuid=STR, shard=VINT)
CONTEXT_ID: Final = struct(id=I64, session=STR, searcher=OPTSTR)
ALIAS_FILTER: Final = struct(aliases=STRINGS, query=optional(QUERY))
ORIGINAL_INDICES: Final = struct(indices=STRINGS, options=INDICES_OPTIONS)
SEARCH_SHARDS_REQUEST: Final = struct(
    parent=TASK,
    indices=STRINGS,
    indices_options=INDICES_OPTIONS,
    query=optional(QUERY),
    routing=OPTSTR,
    preference=OPTSTR,
    allow_partial=BOOL,
    alias=OPTSTR,
)
SEARCH_SHARDS_RESPONSE: Final = struct(
    groups=listing(struct(shard=SHARD_ID, nodes=STRINGS, skipped=BOOL)),
    nodes=listing(NODE),
    alias_filters=mapping(STR, ALIAS_FILTER),
)
SHARD_SEARCH_REQUEST: Final = struct(
    parent=TASK,
    shard=SHARD_ID,
    search_type=U8,
    shard_index=VINT,
    shards=VINT,
    scroll=optional(TIME),
    source=optional(SOURCE),
    alias_filter=ALIAS_FILTER,
    boost=F32,
    now=VLONG,
    request_cache=OPTBOOL,
    alias=OPTSTR,
    allow_partial=BOOL,
    can_return_null=BOOL,
    bottom_sort=optional(struct(formats=listing(FORMAT), formatted=SORT_VALUES, raw=SORT_VALUES)),
    reader=optional(CONTEXT_ID),
    keep_alive=OPTTIME,
    channel_version=VINT,
    checkpoint=I64,
    checkpoint_timeout=TIME,
    synthetic_source=BOOL,
    original_indices=ORIGINAL_INDICES,
)
FETCH_REQUEST: Final = struct(
    parent=TASK,
    context=CONTEXT_ID,
    documents=listing(VINT),
    last=U8,
    original_indices=ORIGINAL_INDICES,
    request=optional(SHARD_SEARCH_REQUEST),
    rescored=mapping(VINT, listing(VINT)),
    dfs=optional(refused("[dfs_query_then_fetch]")),
    rank=optional(named("[rank]", {})),
)
FREE_REQUEST: Final = struct(parent=TASK, context=CONTEXT_ID)
OPEN_CONTEXT_REQUEST: Final = struct(parent=TASK, shard=SHARD_ID, original_indices=ORIGINAL_INDICES, keep_alive=TIME)
