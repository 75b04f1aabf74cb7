"""The answers beside the requests: what a target answers, as values that can be merged again and travel as MessagePack.

An index makes them, a search merges them. A partial result already holds its best hits (`from + size` of them, with
their sources), so that merging needs no second round. Aggregations are un-finalised: sums and counts in the place of
averages, all buckets that may matter.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

SortValue: TypeAlias = str | int | float | bool | None


class Hit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One hit. `sort` are comparable values, one for each key of the sort (of a score sort: the score alone);
    `source` is the JSON of the source as the answer shows it, None if it shows none."""

    index: str
    id: str
    score: float | None = None
    sort: tuple[SortValue, ...] = ()
    sort_shown: tuple[Any, ...] = ()  # formatted dates and the like; empty where the same as `sort`
    shard_doc: int = 0  # breaks ties: the document's place in its index
    source: bytes | None = None
    version: int | None = None
    seq_no: int | None = None
    primary_term: int | None = None
    routing: str | None = None
    fields: dict[str, list[Any]] | None = None
    highlight: dict[str, list[str]] | None = None
    explanation: dict[str, Any] | None = None
    ignored: tuple[str, ...] = ()
    matched_queries: tuple[str, ...] = ()
    collapse_key: SortValue = None


class Metrics(msgspec.Struct, kw_only=True, omit_defaults=True, tag="metrics"):
    """The mergeable parts of avg, sum, min, max, value_count, stats and extended_stats. `shown` tells how values are
    written: "number", or a date's format. Sums of none are 0, minimum and maximum of none are None."""

    count: int = 0
    sum: float = 0.0
    sum_of_squares: float = 0.0
    minimum: float | None = None
    maximum: float | None = None
    date_format: str | None = None
    is_boolean: bool = False


class Distinct(msgspec.Struct, kw_only=True, omit_defaults=True, tag="distinct"):
    """Values seen, for cardinality. `estimate` is given in their place when a target had too many to send."""

    values: list[SortValue] = []
    estimate: float | None = None


class Distribution(msgspec.Struct, kw_only=True, omit_defaults=True, tag="distribution"):
    """Values with their counts, ascending, for percentiles."""

    values: list[float] = []
    counts: list[int] = []
    date_format: str | None = None


class Best(msgspec.Struct, kw_only=True, omit_defaults=True, tag="best"):
    """The best hits of a bucket, for top_hits."""

    total: int = 0
    max_score: float | None = None
    hits: list[Hit] = []


class Bucket(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One bucket. `key` is its comparable value (a tuple for composite); `shown` is `key_as_string`."""

    key: Any = None
    doc_count: int = 0
    shown: str | None = None
    from_: float | None = None
    to: float | None = None
    error: int = 0  # terms: how many documents of this key the target may have left out
    aggregations: dict[str, Partial] = {}


class Buckets(msgspec.Struct, kw_only=True, omit_defaults=True, tag="buckets"):
    """The buckets of terms, ranges, histograms, filters and composite, and the one of filter, missing and global.

    `other` counts the documents in buckets that were cut off, `error` how many of one key they may hold.
    `key_type` is the field's type ("keyword", "long", "double", "boolean", "date", "ip"), None if no target maps it.
    An `error` of -1 is one that nobody can tell (of buckets ordered by a metric). `merged` is true of several indices'
    buckets: those of one index alone have exact counts. `key_types` are those of the parts of composite keys.
    """

    buckets: list[Bucket] = []
    other: int = 0
    error: int = 0
    key_type: str | None = None
    date_format: str | None = None
    merged: bool = False
    key_types: list[str | None] = []


Partial: TypeAlias = Metrics | Distinct | Distribution | Best | Buckets


class Failure(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why an index could not be searched: Elasticsearch's error type, a sentence, and where."""

    index: str
    type: str
    reason: str
    status: int = 500
    node: str | None = None


class PartialResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The answer of one target, or of several after merging. `shards` counts indices that were searched (failed ones
    too). `total` is counted up to the request's `track_total_hits`; `total_is_exact` is false beyond.

    `sealed` is a whole result as MessagePack, in the place of everything else: that of an answer that was remembered.
    Equal bytes are equal answers, so what was made of them before serves again. `opened` gives the result.
    """

    hits: list[Hit] = []
    total: int = 0
    total_is_exact: bool = True
    max_score: float | None = None
    aggregations: dict[str, Partial] = {}
    shards: int = 0
    skipped: int = 0
    failures: list[Failure] = []
    timed_out: bool = False
    terminated_early: bool = False
    profile: list[dict[str, Any]] = []
    collapsed: bool = False
    sealed: bytes | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(PartialResult).decode


def sealed(result: PartialResult) -> bytes:
    """Return a result as bytes."""
    return _encode(result)


def opened(result: PartialResult) -> PartialResult:
    """Return the result that was sealed, or the result itself."""
    return result if result.sealed is None else _decode(result.sealed)
