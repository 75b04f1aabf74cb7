"""Aggregations that are asked for (es-wire §4.4)."""

from __future__ import annotations

from typing import Any, Final

from isthmus.wire.layouts import (
    BOOL,
    F64,
    GENERIC,
    I32,
    I64,
    NOTHING,
    OPTF64,
    OPTI64,
    OPTSTR,
    STR,
    U8,
    VINT,
    VLONG,
    Layout,
    constant,
    deferred,
    enum,
    listing,
    named,
    optional,
    several,
    struct,
    variant,
)
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.search.queries import QUERY, SCRIPT

BUILDERS: Final[dict[str, Layout]] = {}
BUILDER: Final = named("aggregation", BUILDERS)
AGGREGATIONS: Final = struct(aggregations=listing(BUILDER), pipelines=listing(named("pipeline aggregation", {})))
"""What is asked for beside each other. Pipelines are computed where everything is merged, so none is sent."""

BUCKET_ORDER: Final[Layout] = variant(
    {
        0: ("aggregation", struct(ascending=BOOL, path=STR)),
        1: ("count_desc", NOTHING),
        2: ("count_asc", NOTHING),
        3: ("key_desc", NOTHING),
        4: ("key_asc", NOTHING),
        0xFF: ("compound", deferred(lambda: listing(BUCKET_ORDER))),
    }
)
LONG_BOUNDS: Final = struct(min=OPTI64, max=OPTI64, min_text=OPTSTR, max_text=OPTSTR)
_DOUBLE_BOUNDS: Final = struct(min=OPTF64, max=OPTF64)
_BYTES_REFS: Final = listing(Layout(Reader.byte_string, Writer.byte_string))
_VALUES_SOURCE: Final = {
    "field": OPTSTR,
    "script": optional(SCRIPT),
    "value_type": optional(U8),
    "format": OPTSTR,
    "missing": GENERIC,
    "time_zone": OPTSTR,
}
_TARGET_TYPE: Final = constant("a [value_type] of an aggregation", BOOL, only=False)
_PERCENTILES_METHOD: Final = struct(
    name=constant("the method [hdr] of the aggregation [percentiles]", VINT, only=0),
    compression=F64,
    execution_hint=optional(enum("default", "high_accuracy")),
)
_RANGE: Final = struct(
    key=OPTSTR, from_text=OPTSTR, to_text=OPTSTR, from_=F64, to=F64, original_from=OPTF64, original_to=OPTF64
)


_INCLUDE_EXCLUDE: Final = struct(
    regular=optional(several(OPTSTR, OPTSTR)),
    include=optional(_BYTES_REFS),
    exclude=optional(_BYTES_REFS),
    partitions=VINT,
    partition=VINT,
)
"""`regular` are the expressions of what is included and excluded."""


def _read_filters(reader: Reader) -> Any:
    keyed = reader.boolean()
    return (_KEYED_FILTERS if keyed else _ANONYMOUS_FILTERS).read(reader) | {"keyed": keyed}


def _write_filters(writer: Writer, value: dict[str, object]) -> None:
    writer.boolean(value["keyed"] is True)
    (_KEYED_FILTERS if value["keyed"] else _ANONYMOUS_FILTERS).write(writer, value)


_KEYED_FILTERS: Final = struct(
    filters=listing(struct(key=STR, query=QUERY)), other_bucket=BOOL, other_bucket_key=STR, keyed_bucket=BOOL
)
_ANONYMOUS_FILTERS: Final = struct(
    filters=listing(struct(query=QUERY)), other_bucket=BOOL, other_bucket_key=STR, keyed_bucket=BOOL
)


def _builder(body: Layout) -> Layout:
    """What every aggregation has: its name, those below it, what is to be given back; then `body`."""
    return struct(name=STR, below=AGGREGATIONS, meta=GENERIC, body=body)


def _of_values(**parts: Layout) -> Layout:
    return _builder(struct(**_VALUES_SOURCE, **parts))


def _of_any_values(**parts: Layout) -> Layout:
    return _builder(struct(target_type=_TARGET_TYPE, **_VALUES_SOURCE, **parts))


BUILDERS.update(
    {
        "terms": _of_any_values(
            size=I32,
            shard_size=I32,
            min_doc_count=I64,
            shard_min_doc_count=I64,
            collect_mode=optional(enum("depth_first", "breadth_first")),
            execution_hint=OPTSTR,
            include_exclude=optional(_INCLUDE_EXCLUDE),
            order=BUCKET_ORDER,
            show_error=BOOL,
            exclude_deleted=BOOL,
        ),
        "range": _of_values(ranges=listing(_RANGE), keyed=BOOL),
        "date_range": _of_values(ranges=listing(_RANGE), keyed=BOOL),
        "histogram": _of_values(
            order=BUCKET_ORDER,
            keyed=BOOL,
            min_doc_count=VLONG,
            interval=F64,
            offset=F64,
            extended_bounds=optional(_DOUBLE_BOUNDS),
            hard_bounds=optional(_DOUBLE_BOUNDS),
        ),
        "date_histogram": _of_values(
            order=BUCKET_ORDER,
            keyed=BOOL,
            min_doc_count=VLONG,
            interval=OPTSTR,
            interval_kind=enum("none", "fixed", "calendar", "legacy_interval", "legacy_date_histo"),
            offset=I64,
            extended_bounds=optional(LONG_BOUNDS),
            hard_bounds=optional(LONG_BOUNDS),
        ),
        "filter": _builder(struct(filter=QUERY)),
        "filters": _builder(Layout(_read_filters, _write_filters)),
        "missing": _of_any_values(),
        "global": _builder(struct()),
        "avg": _of_values(),
        "sum": _of_values(),
        "min": _of_values(),
        "max": _of_values(),
        "stats": _of_values(),
        "extended_stats": _of_values(sigma=F64),
        "value_count": _of_any_values(),
        "cardinality": _of_any_values(precision_threshold=optional(I64), execution_hint=OPTSTR),
        "percentiles": _of_values(percents=listing(F64), keyed=BOOL, method=optional(_PERCENTILES_METHOD)),
        "nested": _builder(struct(path=STR)),
    }
)
