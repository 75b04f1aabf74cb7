"""Answers to searches, of clusters and of shards (es-wire §4.5, §4.6)."""

from __future__ import annotations

from typing import Any, Final

from isthmus.wire.exceptions import read_exception, write_exception
from isthmus.wire.layouts import (
    BOOL,
    F32,
    GENERIC,
    I32,
    I64,
    OPTBOOL,
    OPTBYTES,
    OPTI32,
    OPTI64,
    OPTSTR,
    STR,
    VINT,
    VLONG,
    ZLONG,
    Layout,
    constant,
    deferred,
    inside_bytes,
    listing,
    mapping,
    named,
    optional,
    refused,
    struct,
    variant,
)
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.search.hits import HITS, SHARD_TARGET, TOTAL
from isthmus.wire.search.requests import CONTEXT_ID, SHARD_SEARCH_REQUEST
from isthmus.wire.search.results import AGGREGATION_RESULTS, FORMAT
from isthmus.wire.search.sorts import SORT_FIELD, SORT_VALUES

EXCEPTION: Final = Layout(read_exception, write_exception)
"""Without its stack: what was read is not written to the byte."""
_PROFILED: Final[Layout] = struct(
    type=STR,
    description=STR,
    nanos=I64,
    breakdown=mapping(STR, I64),
    debug=mapping(STR, GENERIC),
    children=listing(deferred(lambda: _PROFILED)),
)
_COLLECTOR: Final[Layout] = struct(name=STR, reason=STR, nanos=I64, children=listing(deferred(lambda: _COLLECTOR)))
_QUERY_PROFILE: Final = struct(
    queries=listing(_PROFILED), collector=_COLLECTOR, rewrite_nanos=I64, vector_operations=OPTI64
)
SHARD_PROFILE: Final = struct(
    dfs=optional(refused("a profile of [dfs]")),
    searches=listing(_QUERY_PROFILE),
    aggregations=listing(_PROFILED),
    fetch=optional(_PROFILED),
)
SHARD_FAILURE: Final = struct(target=optional(SHARD_TARGET), reason=STR, status=STR, cause=EXCEPTION)
_CLUSTER: Final = struct(
    alias=STR,
    expression=STR,
    status=STR,
    total=OPTI32,
    successful=OPTI32,
    skipped=OPTI32,
    failed=OPTI32,
    took=OPTI64,
    timed_out=BOOL,
    failures=listing(SHARD_FAILURE),
    skip_unavailable=BOOL,
)
SEARCH_RESPONSE: Final = struct(
    hits=HITS,
    aggregations=optional(AGGREGATION_RESULTS),
    suggest=optional(refused("[suggest]")),
    timed_out=BOOL,
    terminated_early=OPTBOOL,
    profile=optional(mapping(STR, SHARD_PROFILE)),
    reduce_phases=VINT,
    total_shards=VINT,
    successful_shards=VINT,
    failures=listing(SHARD_FAILURE),
    clusters=struct(total=VINT, successful=VINT, skipped=VINT, clusters=listing(_CLUSTER)),
    scroll_id=OPTSTR,
    took=VLONG,
    skipped_shards=VINT,
    point_in_time=OPTBYTES,
)

_SCORE_DOCS: Final = struct(total=TOTAL, max_score=F32, documents=listing(struct(document=VINT, score=F32)))
_FIELD_DOCS: Final = struct(
    total=TOTAL,
    max_score=F32,
    sort_fields=listing(SORT_FIELD),
    documents=listing(struct(sort=SORT_VALUES, document=VINT, score=F32)),
)


def _read_formats(reader: Reader) -> list[Any] | None:
    """A list's length and one more; 0 for no list."""
    count = reader.count_or_one_more()
    return None if count == 0 else [FORMAT.read(reader) for _ in range(count - 1)]


def _write_formats(writer: Writer, formats: list[Any] | None) -> None:
    writer.vint(0 if formats is None else len(formats) + 1)
    for one in formats or ():
        FORMAT.write(writer, one)


TOP_DOCS: Final = variant(
    {0: ("scores", _SCORE_DOCS), 1: ("fields", _FIELD_DOCS), 2: ("collapsed", refused("[collapse] of shards"))}
)
QUERY_RESULT: Final = struct(
    is_null=constant("an answer of a shard that was left out", BOOL, only=False),
    context=optional(CONTEXT_ID),
    from_=VINT,
    size=VINT,
    sort_formats=Layout(_read_formats, _write_formats),
    top_documents=optional(TOP_DOCS),
    aggregations=optional(inside_bytes(AGGREGATION_RESULTS)),
    suggest=optional(refused("[suggest]")),
    timed_out=BOOL,
    terminated_early=OPTBOOL,
    profile=optional(SHARD_PROFILE),
    service_time=ZLONG,
    queue=I32,
    request=optional(SHARD_SEARCH_REQUEST),
    rescored=mapping(VINT, listing(VINT)),
    rank=optional(named("[rank]", {})),
    reduced=BOOL,
)
FETCH_RESULT: Final = struct(context=CONTEXT_ID, hits=HITS, profile=optional(_PROFILED))
QUERY_AND_FETCH_RESULT: Final = struct(query=QUERY_RESULT, fetch=FETCH_RESULT)
