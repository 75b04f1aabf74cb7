"""Aggregations as values: what is asked, before any index is known.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import FieldAsked, SourceFilter
from isthmus.query.tree import Query, Scalar

if TYPE_CHECKING:
    from isthmus.query.search_request import HighlightField

MetricKind = Literal["avg", "sum", "min", "max", "value_count", "stats", "extended_stats", "cardinality", "percentiles"]
PipelineKind = Literal["bucket_sort", "cumulative_sum", "derivative", "max_bucket"]
GapPolicy = Literal["skip", "insert_zeros", "keep_values"]
Order: TypeAlias = tuple[str, bool]
"""What buckets are sorted by (`_count`, `_key`, or a metric's path such as `a.b`), and whether ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number, or a few, of a field's values."""

    kind: MetricKind
    field: str
    missing: Scalar = None
    sigma: float = 2.0
    percents: tuple[float, ...] = (1, 5, 25, 50, 75, 95, 99)
    keyed: bool = True
    precision_threshold: int = 3000
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopHits:
    """The best documents of each bucket."""

    size: int = 3
    from_: int = 0
    sort: tuple[SortKey, ...] = ()
    source: SourceFilter = field(default_factory=SourceFilter)
    docvalue_fields: tuple[FieldAsked, ...] = ()
    fields: tuple[FieldAsked, ...] = ()
    version: bool = False
    seq_no_primary_term: bool = False
    highlight: tuple[HighlightField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One of several parts that values fall in by their hash."""

    number: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsBuckets:
    """A bucket for each value of a field. `include` and `exclude` are a regular expression or exact values."""

    field: str
    size: int = 10
    shard_size: int | None = None
    min_doc_count: int = 1
    order: tuple[Order, ...] = (("_count", False), ("_key", True))
    missing: Scalar = None
    include: str | Partition | tuple[Scalar, ...] | None = None
    exclude: str | tuple[Scalar, ...] | None = None
    format: str | None = None
    show_term_doc_count_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOf:
    """One range: from inclusive, to exclusive; dates as text (with date math) or milliseconds."""

    key: str | None = None
    from_: Scalar = None
    to: Scalar = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeBuckets:
    """A bucket for each of `ranges`; of dates if `dates`."""

    field: str
    ranges: tuple[RangeOf, ...]
    dates: bool = False
    keyed: bool = False
    format: str | None = None
    time_zone: str | None = None
    missing: Scalar = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBuckets:
    """A bucket for each interval of numbers."""

    field: str
    interval: float
    offset: float = 0.0
    min_doc_count: int = 0
    extended_bounds: tuple[float | None, float | None] | None = None
    hard_bounds: tuple[float | None, float | None] | None = None
    order: tuple[Order, ...] = (("_key", True),)
    keyed: bool = False
    missing: Scalar = None
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateHistogramBuckets:
    """A bucket for each interval of time: `fixed` in milliseconds, or `calendar`, one of
    second, minute, hour, day, week, month, quarter, year. `offset` is in milliseconds."""

    field: str
    fixed: int | None = None
    calendar: str | None = None
    time_zone: str | None = None
    offset: int = 0
    min_doc_count: int = 0
    extended_bounds: tuple[Scalar, Scalar] | None = None
    hard_bounds: tuple[Scalar, Scalar] | None = None
    order: tuple[Order, ...] = (("_key", True),)
    keyed: bool = False
    missing: Scalar = None
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBucket:
    """One bucket: what a query matches."""

    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class FiltersBuckets:
    """A bucket for each query. Filters that are `anonymous` have the keys "0", "1" …, and `keyed` is false."""

    filters: tuple[tuple[str, Query], ...]
    keyed: bool = True
    anonymous: bool = False
    other_bucket_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingBucket:
    """One bucket: documents without a value."""

    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalBucket:
    """One bucket: all documents of the indices, whatever the query matched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeSource:
    """One part of a composite key: a terms, histogram or date_histogram source."""

    name: str
    values: TermsBuckets | HistogramBuckets | DateHistogramBuckets
    ascending: bool = True
    missing_bucket: bool = False
    missing_order: Literal["first", "last", "default"] = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeBuckets:
    """Buckets by a key of several parts, in order, page by page."""

    sources: tuple[CompositeSource, ...]
    size: int = 10
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Computed from the buckets of its parent or siblings, after everything is merged."""

    kind: PipelineKind
    buckets_path: str = ""
    gap_policy: GapPolicy = "skip"
    format: str | None = None
    unit: str | None = None
    sort: tuple[Order, ...] = ()
    from_: int = 0
    size: int | None = None


Buckets: TypeAlias = (
    TermsBuckets
    | RangeBuckets
    | HistogramBuckets
    | DateHistogramBuckets
    | FilterBucket
    | FiltersBuckets
    | MissingBucket
    | GlobalBucket
    | CompositeBuckets
)
Body: TypeAlias = Buckets | Metric | TopHits | Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """One named aggregation, with those below it (`typed_keys` and answers need `type`, its name in a request)."""

    name: str
    type: str
    body: Body
    aggregations: tuple[Aggregation, ...] = ()
    meta: Mapping[str, Any] | None = None
