"""Two targets' parts of the same aggregations become one target's. Merging is associative."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Aggregation, RangeBuckets, TopHits
from isthmus.query.partial import Best, Bucket, Buckets, Distinct, Distribution, Metrics, Partial
from isthmus.search.aggregations.limits import MAX_BUCKETS, BucketCount
from isthmus.search.ordering import best_first

MAX_MERGED: Final = 16 * MAX_BUCKETS
"""Far above what an answer may have: targets send buckets that the answer leaves out."""
UNKNOWN: Final = -1


def merge_aggregations(
    asked: tuple[Aggregation, ...], left: Mapping[str, Partial], right: Mapping[str, Partial]
) -> dict[str, Partial]:
    """Return the parts of both by name; what only one has is taken as it is.

    Raises TooManyBucketsError beyond `MAX_MERGED` buckets, UsageError for types that cannot be merged.
    """
    return _Merging(BucketCount(MAX_MERGED)).named(asked, left, right)


class _Merging:
    def __init__(self, count: BucketCount) -> None:
        self._count = count

    def named(
        self, asked: tuple[Aggregation, ...], left: Mapping[str, Partial], right: Mapping[str, Partial]
    ) -> dict[str, Partial]:
        merged: dict[str, Partial] = {}
        for one in asked:
            if one.name in left and one.name in right:
                merged[one.name] = self._one(one, left[one.name], right[one.name])
            elif one.name in left or one.name in right:
                merged[one.name] = left.get(one.name) or right[one.name]
        return merged

    def _one(self, asked: Aggregation, left: Partial, right: Partial) -> Partial:
        match left, right:
            case Metrics(), Metrics():
                return _metrics(left, right)
            case Distinct(), Distinct():
                return _distinct(left, right)
            case Distribution(), Distribution():
                return _distribution(left, right)
            case Best(), Best():
                return _best(asked, left, right)
            case Buckets(), Buckets():
                return self._buckets(asked, left, right)
            case _:
                raise _types_differ(asked.name)

    def _buckets(self, asked: Aggregation, left: Buckets, right: Buckets) -> Buckets:
        return Buckets(
            buckets=self._matched(asked, left, right),
            other=left.other + right.other,
            error=_added_errors(left.error, right.error),
            key_type=_key_type(asked.name, left.key_type, right.key_type),
            date_format=left.date_format or right.date_format,
            merged=True,
            key_types=left.key_types or right.key_types,
        )

    def _matched(self, asked: Aggregation, left: Buckets, right: Buckets) -> list[Bucket]:
        ranges = isinstance(asked.body, RangeBuckets)
        if ranges and left.key_type is None:
            # An index without the field knows no dates, thus no bounds; the other side may know them.
            left, right = right, left
        # A range is known by its place: bounds from the time of day may differ a little between nodes.
        others = {_identity(bucket, place, ranges): bucket for place, bucket in enumerate(right.buckets)}
        matched = []
        for place, bucket in enumerate(left.buckets):
            other = others.pop(_identity(bucket, place, ranges), None)
            matched.append(_alone(bucket, right.error) if other is None else self._bucket(asked, bucket, other))
        matched.extend(_alone(bucket, left.error) for bucket in others.values())
        self._count.add(len(matched))
        return matched

    def _bucket(self, asked: Aggregation, left: Bucket, right: Bucket) -> Bucket:
        return Bucket(
            key=left.key,
            doc_count=left.doc_count + right.doc_count,
            shown=left.shown,
            from_=left.from_,
            to=left.to,
            error=_added_errors(left.error, right.error),
            aggregations=self.named(asked.aggregations, left.aggregations, right.aggregations),
        )


def _identity(bucket: Bucket, place: int, ranges: bool) -> object:
    if ranges:
        return place
    return tuple(bucket.key) if isinstance(bucket.key, list | tuple) else bucket.key


def _alone(bucket: Bucket, missing: int) -> Bucket:
    """A bucket that the other side did not send, of which it may have left out `missing` documents."""
    return Bucket(
        key=bucket.key,
        doc_count=bucket.doc_count,
        shown=bucket.shown,
        from_=bucket.from_,
        to=bucket.to,
        error=_added_errors(bucket.error, missing),
        aggregations=bucket.aggregations,
    )


def _added_errors(left: int, right: int) -> int:
    return UNKNOWN if UNKNOWN in (left, right) else left + right


def _key_type(name: str, left: str | None, right: str | None) -> str | None:
    if left == right or left is None or right is None:
        return left or right
    if {left, right} == {"long", "double"}:
        return "double"
    raise _types_differ(name)


def _types_differ(name: str) -> UsageError:
    return UsageError(
        f"Merging/Reducing the aggregations failed when computing the aggregation [{name}] because the field you gave "
        "in the aggregation query existed as two different types in two different indices"
    )


def _metrics(left: Metrics, right: Metrics) -> Metrics:
    return Metrics(
        count=left.count + right.count,
        sum=left.sum + right.sum,
        sum_of_squares=left.sum_of_squares + right.sum_of_squares,
        minimum=min((one.minimum for one in (left, right) if one.minimum is not None), default=None),
        maximum=max((one.maximum for one in (left, right) if one.maximum is not None), default=None),
        date_format=left.date_format or right.date_format,
        is_boolean=left.is_boolean or right.is_boolean,
    )


def _distinct(left: Distinct, right: Distinct) -> Distinct:
    if left.estimate is None and right.estimate is None:
        return Distinct(values=list(dict.fromkeys([*left.values, *right.values])))
    # Of values that were only counted nobody can tell which are the same: at least the larger number there is.
    return Distinct(estimate=max(_number_of(left), _number_of(right)))


def _number_of(distinct: Distinct) -> float:
    return float(len(distinct.values)) if distinct.estimate is None else distinct.estimate


def _distribution(left: Distribution, right: Distribution) -> Distribution:
    counts: Counter[float] = Counter()
    for one in (left, right):
        for value, count in zip(one.values, one.counts, strict=True):
            counts[value] += count
    values = sorted(counts)
    return Distribution(
        values=values,
        counts=[counts[value] for value in values],
        date_format=left.date_format or right.date_format,
    )


def _best(asked: Aggregation, left: Best, right: Best) -> Best:
    body = asked.body
    if not isinstance(body, TopHits):
        raise _types_differ(asked.name)
    return Best(
        total=left.total + right.total,
        max_score=max((one.max_score for one in (left, right) if one.max_score is not None), default=None),
        hits=best_first([*left.hits, *right.hits], body.sort)[: body.from_ + body.size],
    )
