"""What aggregations gave, in parts that can be merged (es-wire §4.5)."""

from __future__ import annotations

from typing import Any, Final

from isthmus.wire.errors import MalformedError
from isthmus.wire.layouts import (
    BOOL,
    BYTES,
    F64,
    GENERIC,
    I64,
    NOTHING,
    OPTF64,
    OPTSTR,
    STR,
    VINT,
    VLONG,
    ZLONG,
    Layout,
    byte_enum,
    deferred,
    listing,
    named,
    optional,
    struct,
    variant,
)
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.search.aggregation_builders import BUCKET_ORDER, LONG_BOUNDS

FORMAT: Final = named(
    "format",
    {
        "raw": NOTHING,
        "bool": NOTHING,
        "ip": NOTHING,
        "binary": NOTHING,
        "geo_hash": NOTHING,
        "geo_tile": NOTHING,
        "decimal": struct(pattern=STR),
        "date_time": struct(pattern=STR, locale=STR, zone=STR, resolution=VINT, format_sort_values=BOOL),
        "time_series_id": NOTHING,
        "unsigned_long_shifted": NOTHING,
    },
)
RESULTS: Final[dict[str, Layout]] = {}
RESULT: Final = named("result of an aggregation", RESULTS)
AGGREGATION_RESULTS: Final = listing(RESULT)

_ROUNDING: Final[Layout] = variant(
    {
        1: (
            "unit",
            struct(
                unit=byte_enum(
                    {1: "week", 2: "year", 3: "quarter", 4: "month", 5: "day", 6: "hour", 7: "minute", 8: "second"}
                ),
                zone=STR,
            ),
        ),
        2: ("interval", struct(millis=VLONG, zone=STR)),
        3: ("offset", struct(rounding=deferred(lambda: _ROUNDING), offset=ZLONG)),
    }
)
_DATE_EMPTIES: Final = struct(rounding=_ROUNDING, aggregations=AGGREGATION_RESULTS, bounds=optional(LONG_BOUNDS))
_EMPTIES: Final = struct(interval=F64, offset=F64, minimum=F64, maximum=F64, aggregations=AGGREGATION_RESULTS)
_SINGLE: Final = struct(doc_count=VLONG, aggregations=AGGREGATION_RESULTS)


def _result(body: Layout) -> Layout:
    return struct(name=STR, meta=GENERIC, body=body)


def _number() -> Layout:
    return _result(struct(format=FORMAT, value=F64))


def _terms(key: Layout) -> Layout:
    """Buckets tell their error just where the head says so."""
    plain = listing(struct(doc_count=VLONG, aggregations=AGGREGATION_RESULTS, key=key))
    with_errors = listing(struct(doc_count=VLONG, error=I64, aggregations=AGGREGATION_RESULTS, key=key))

    def buckets(show_error: bool) -> Layout:
        return with_errors if show_error else plain

    def read(reader: Reader) -> Any:
        head = _TERMS_HEAD.read(reader)
        return head | {"buckets": buckets(head["show_error"]).read(reader)}

    def write(writer: Writer, value: dict[str, Any]) -> None:
        _TERMS_HEAD.write(writer, value)
        buckets(value["show_error"]).write(writer, value["buckets"])

    return _result(Layout(read, write))


_TERMS_ORDER: Final = {
    "reduce_order": BUCKET_ORDER,
    "order": BUCKET_ORDER,
    "size": VINT,
    "min_doc_count": VLONG,
}
_TERMS_HEAD: Final = struct(
    **_TERMS_ORDER, error=optional(ZLONG), format=FORMAT, shard_size=VINT, show_error=BOOL, other=VLONG
)


def _histogram(empties: Layout, **rest: Layout) -> Layout:
    """What fills the gaps is told just where there are to be buckets of no document."""
    head = struct(order=BUCKET_ORDER, min_doc_count=VLONG)
    tail = struct(**rest)

    def read(reader: Reader) -> Any:
        found = head.read(reader)
        found["empties"] = empties.read(reader) if found["min_doc_count"] == 0 else None
        return found | tail.read(reader)

    def write(writer: Writer, value: dict[str, Any]) -> None:
        head.write(writer, value)
        if value["min_doc_count"] == 0:
            empties.write(writer, value["empties"])
        tail.write(writer, value)

    return _result(Layout(read, write))


def _ranges() -> Layout:
    bucket = struct(
        key=OPTSTR,
        from_=F64,
        original_from=OPTF64,
        to=F64,
        original_to=OPTF64,
        doc_count=VLONG,
        aggregations=AGGREGATION_RESULTS,
    )
    return _result(struct(format=FORMAT, keyed=BOOL, buckets=listing(bucket)))


def _read_distinct(reader: Reader) -> dict[str, Any]:
    precision = reader.vint()
    if not 4 <= precision <= 18:
        raise MalformedError(f"a count of distinct values has the precision {precision}")
    if reader.boolean():
        return {"precision": precision, "registers": reader.raw(1 << precision), "hashes": None}
    count = reader.vlong()
    if count > reader.remaining // 4:
        raise MalformedError(f"a count of distinct values announces {count} hashes in {reader.remaining} bytes")
    return {"precision": precision, "registers": None, "hashes": [reader.i32() for _ in range(count)]}


def _write_distinct(writer: Writer, value: dict[str, Any]) -> None:
    writer.vint(value["precision"])
    writer.boolean(value["registers"] is not None)
    if value["registers"] is not None:
        writer.raw(value["registers"])
        return
    writer.vlong(len(value["hashes"]))
    for one in value["hashes"]:
        writer.i32(one)


_DIGEST: Final = struct(compression=F64, type=STR, count=VLONG, centroids=listing(struct(mean=F64, count=VLONG)))
_DISTINCT: Final = Layout(_read_distinct, _write_distinct)
_STATS: Final = {"format": FORMAT, "count": VLONG, "min": F64, "max": F64, "sum": F64}

RESULTS.update(
    {
        "sterms": _terms(BYTES),
        "lterms": _terms(I64),
        "dterms": _terms(F64),
        "umterms": _result(struct(**_TERMS_ORDER)),
        "range": _ranges(),
        "date_range": _ranges(),
        "histogram": _histogram(
            _EMPTIES,
            format=FORMAT,
            keyed=BOOL,
            buckets=listing(struct(key=F64, doc_count=VLONG, aggregations=AGGREGATION_RESULTS)),
        ),
        "date_histogram": _histogram(
            _DATE_EMPTIES,
            offset=I64,
            format=FORMAT,
            keyed=BOOL,
            downsampled=BOOL,
            buckets=listing(struct(key=I64, doc_count=VLONG, aggregations=AGGREGATION_RESULTS)),
        ),
        "filter": _result(_SINGLE),
        "missing": _result(_SINGLE),
        "global": _result(_SINGLE),
        "nested": _result(_SINGLE),
        "filters": _result(
            struct(
                keyed=BOOL,
                keyed_bucket=BOOL,
                buckets=listing(struct(key=OPTSTR, doc_count=VLONG, aggregations=AGGREGATION_RESULTS)),
            )
        ),
        "avg": _result(struct(format=FORMAT, sum=F64, count=VLONG)),
        "sum": _number(),
        "min": _number(),
        "max": _number(),
        "cardinality": _result(struct(format=FORMAT, counts=optional(_DISTINCT))),
        "tdigest_percentiles": _result(
            struct(format=FORMAT, percents=listing(F64), digest=optional(_DIGEST), keyed=BOOL)
        ),
        "value_count": _result(struct(count=VLONG)),
        "stats": _result(struct(**_STATS)),
        "extended_stats": _result(struct(**_STATS, sum_of_squares=F64, sigma=F64)),
    }
)
