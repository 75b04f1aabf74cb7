"""What clusters ask each other about indices and fields before they search (es-wire §4.7)."""

from __future__ import annotations

from typing import Final

from isthmus.wire.layouts import (
    BOOL,
    GENERIC,
    I32,
    I64,
    NODE,
    NOTHING,
    OPTBOOL,
    OPTI64,
    OPTSTR,
    OPTSTRINGS,
    OPTTIME,
    STR,
    STRINGS,
    TASK,
    byte_enum,
    enum,
    listing,
    mapping,
    optional,
    struct,
)
from isthmus.wire.search.queries import QUERY
from isthmus.wire.search.requests import INDICES_OPTIONS
from isthmus.wire.search.responses import EXCEPTION

_METRIC: Final = enum("gauge", "counter", "histogram", "aggregate_metric_double", "position")
_INDEX_MODE: Final = byte_enum({0: "standard", 1: "time_series", 2: "logsdb", 3: "lookup"})
FIELD_CAPS_REQUEST: Final = struct(
    parent=TASK,
    fields=STRINGS,
    indices=STRINGS,
    indices_options=INDICES_OPTIONS,
    merge=BOOL,
    include_unmapped=BOOL,
    index_filter=optional(QUERY),
    now=OPTI64,
    runtime_mappings=GENERIC,
    filters=STRINGS,
    types=STRINGS,
    include_empty=BOOL,
    alias=OPTSTR,
)
_INDEX_FIELD: Final = struct(
    name=STR,
    type=STR,
    metadata_field=BOOL,
    searchable=BOOL,
    aggregatable=BOOL,
    dimension=BOOL,
    metric=optional(_METRIC),
    meta=mapping(STR, STR),
)
_FIELD: Final = struct(
    name=STR,
    type=STR,
    metadata_field=BOOL,
    searchable=BOOL,
    aggregatable=BOOL,
    dimension=BOOL,
    metric=optional(_METRIC),
    indices=OPTSTRINGS,
    non_searchable_indices=OPTSTRINGS,
    non_aggregatable_indices=OPTSTRINGS,
    non_dimension_indices=OPTSTRINGS,
    metric_conflict_indices=OPTSTRINGS,
    meta=mapping(STR, STRINGS),
)
FIELD_CAPS_RESPONSE: Final = struct(
    indices=STRINGS,
    merged=mapping(STR, mapping(STR, _FIELD)),
    ungrouped=listing(
        struct(
            index=STR,
            fields=mapping(STR, _INDEX_FIELD),
            can_match=BOOL,
            mapping_hash=OPTSTR,
            mode=_INDEX_MODE,
        )
    ),
    groups=listing(struct(indices=STRINGS, mode=_INDEX_MODE, mapping_hash=STR, places=listing(I32))),
    fields=listing(_INDEX_FIELD),
    failures=listing(struct(indices=STRINGS, cause=EXCEPTION)),
)
"""Indices of the same mapping are a group: its fields are those of `fields` at `places`."""

RESOLVE_INDEX_REQUEST: Final = struct(parent=TASK, names=STRINGS, indices_options=INDICES_OPTIONS)
RESOLVE_INDEX_RESPONSE: Final = struct(
    indices=listing(struct(name=STR, aliases=STRINGS, attributes=STRINGS, data_stream=OPTSTR)),
    aliases=listing(struct(name=STR, indices=STRINGS)),
    data_streams=listing(struct(name=STR, backing_indices=STRINGS, timestamp_field=STR)),
)
RESOLVE_CLUSTER_REQUEST: Final = struct(
    parent=TASK, names=STRINGS, indices_options=INDICES_OPTIONS, clusters_only=BOOL, queries=BOOL, timeout=OPTTIME
)
_BUILD: Final = struct(
    flavor=STR,
    type=STR,
    hash=STR,
    date=STR,
    version=STR,
    qualifier=OPTSTR,
    snapshot=BOOL,
    minimum_wire_version=STR,
    minimum_index_version=STR,
    display=STR,
)
RESOLVE_CLUSTER_RESPONSE: Final = mapping(
    STR,
    struct(connected=BOOL, skip_unavailable=OPTBOOL, matching_indices=OPTBOOL, error=OPTSTR, build=optional(_BUILD)),
)

CLUSTER_STATS_REQUEST: Final = struct(parent=TASK)
CLUSTER_STATS_RESPONSE: Final = struct(
    uuid=STR,
    status=byte_enum({0: "green", 1: "yellow", 2: "red"}),
    versions=STRINGS,
    nodes=I64,
    shards=I64,
    indices=I64,
    store_bytes=I64,
    max_heap_bytes=I64,
    memory_bytes=I64,
)
NODES_REQUEST: Final = struct(parent=TASK, remote_cluster_server=BOOL)
NODES_RESPONSE: Final = listing(NODE)
CANCEL_CHILD_REQUEST: Final = struct(parent=TASK, task=TASK, request_id=I64, reason=STR)
EMPTY: Final = NOTHING
