"""Aggregations that put documents in buckets by values and by queries, from JSON.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import (
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    MissingBucket,
    Partition,
    RangeBuckets,
    RangeOf,
    TermsBuckets,
)
from isthmus.query.aggregations.order import parse_order
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, shown, token_of
from isthmus.query.patterns import regexp_expression
from isthmus.query.tree import Query, Scalar

ParseQuery = Callable[[Any], Query]
MAX_VALUES: Final = 65_536
MAX_RANGES: Final = 1024
MAX_FILTERS: Final = 1024
DEFAULT_ORDER: Final = TermsBuckets(field="").order


def parse_terms(json: JsonObject) -> TermsBuckets:
    """Return a bucket for each value. `execution_hint` and `collect_mode` change no answer and are only checked."""
    json.refuse("script", "shard_min_doc_count", "value_type")
    json.choice("execution_hint", ("map", "global_ordinals"), "")
    json.choice("collect_mode", ("depth_first", "breadth_first"), "")
    size = json.integer("size", 10, minimum=1)
    include = json.read("include", _included, None)
    if isinstance(include, Partition) and "exclude" in json:
        raise UsageError("Cannot specify any excludes when using a partition-based include")
    shard_size = json.integer("shard_size", 0, minimum=1)
    return TermsBuckets(
        field=json.required_text("field"),
        size=size,
        shard_size=max(shard_size, size) if shard_size else None,
        min_doc_count=json.integer("min_doc_count", 1),
        order=json.read("order", lambda value: parse_order(value, "terms"), DEFAULT_ORDER),
        missing=json.scalar("missing"),
        include=include,
        exclude=json.read("exclude", _wanted, None),
        format=json.text("format"),
        show_term_doc_count_error=json.boolean("show_term_doc_count_error", default=False),
    )


def parse_range(json: JsonObject, *, dates: bool) -> RangeBuckets:
    """Return a bucket for each range, of numbers or of dates."""
    json.refuse("script")
    nothing: tuple[RangeOf, ...] = ()
    ranges = json.read("ranges", _ranges, nothing)
    if not ranges:
        json.refuse_misspelt("ranges")
        raise UsageError(f"No [ranges] specified for the [{json.where}] aggregation")
    return RangeBuckets(
        field=json.required_text("field"),
        ranges=ranges,
        dates=dates,
        keyed=json.boolean("keyed", default=False),
        format=json.text("format"),
        time_zone=json.text("time_zone") if dates else None,
        missing=json.scalar("missing"),
    )


def parse_filters(json: JsonObject, parse_query: ParseQuery) -> FiltersBuckets:
    """Return a bucket for each query, and one for what none of them matches if that is asked."""
    given = json.json("filters")
    if not isinstance(given, list | Mapping) or not given:
        json.refuse_misspelt("filters")
        raise UsageError("[filters] cannot be empty.")
    if len(given) > MAX_FILTERS:
        raise UsageError(f"Number of filters is too large, must be less than or equal to: [{MAX_FILTERS}]")
    named = isinstance(given, Mapping)
    # Elasticsearch answers named filters in the order of their names.
    pairs = sorted(given.items()) if isinstance(given, Mapping) else [(str(at), one) for at, one in enumerate(given)]
    other = json.boolean("other_bucket", default=False)
    other_key = json.text("other_bucket_key")
    keyed = json.boolean("keyed", default=True)
    return FiltersBuckets(
        filters=tuple((name, parse_query(query)) for name, query in pairs),
        keyed=named and keyed,
        anonymous=not named,
        other_bucket_key=other_key or ("_other_" if other else None),
    )


def parse_missing(json: JsonObject) -> MissingBucket:
    """Return one bucket, of the documents without a value."""
    json.refuse("script", "missing")
    return MissingBucket(field=json.required_text("field"))


def parse_filter(value: Any, parse_query: ParseQuery) -> FilterBucket:
    """Return one bucket, of what a query matches: the whole body is the query."""
    return FilterBucket(query=parse_query(value))


def parse_global(_json: JsonObject) -> GlobalBucket:
    """Return one bucket, of all documents: there is nothing to say about it."""
    return GlobalBucket()


def _included(value: Any) -> str | Partition | tuple[Scalar, ...]:
    return _partition(value) if isinstance(value, Mapping) else _wanted(value)


def _partition(value: Mapping[str, Any]) -> Partition:
    json = JsonObject(value, "include")
    for name in ("partition", "num_partitions"):
        if name not in json:
            raise UsageError(f"Missing [{name}] parameter for partition-based include")
    of = json.integer("num_partitions", 0, minimum=1)
    partition = Partition(number=json.integer("partition", 0), of=of)
    json.end()
    if partition.number >= of:
        raise UsageError(f"Invalid partition [{partition.number}]: there are only [{of}], counted from 0")
    return partition


def _wanted(value: Any) -> str | tuple[Scalar, ...]:
    if isinstance(value, str):
        regexp_expression(value)
        return value
    if not isinstance(value, list) or any(isinstance(one, list | Mapping) or one is None for one in value):
        raise ParsingError(f"Expected a regular expression or a list of values, but got a [{token_of(value)}]")
    if len(value) > MAX_VALUES:
        raise UsageError(f"more than {MAX_VALUES} values")
    return tuple(value)


def _ranges(value: Any) -> tuple[RangeOf, ...]:
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_RANGES:
        raise UsageError(f"more than {MAX_RANGES} ranges")
    return tuple(_range(one) for one in values)


def _range(value: Any) -> RangeOf:
    json = JsonObject(value, "range")
    parsed = RangeOf(key=json.text("key"), from_=json.scalar("from"), to=json.scalar("to"))
    json.end()
    for bound in (parsed.from_, parsed.to):
        if isinstance(bound, bool):
            raise UsageError(f"a range has no bound [{shown(bound)}]")
    return parsed
