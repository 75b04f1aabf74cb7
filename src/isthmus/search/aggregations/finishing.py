"""From merged parts to final numbers and buckets, as Elasticsearch finishes them.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    DateHistogramBuckets,
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    Pipeline,
    RangeBuckets,
    TermsBuckets,
    TopHits,
)
from isthmus.query.partial import Best, Bucket, Buckets, Distribution, Metrics, Partial
from isthmus.search.aggregations.bucket_order import in_bucket_order, in_composite_order
from isthmus.search.aggregations.dates import Dates
from isthmus.search.aggregations.empties import unfilled_ranges
from isthmus.search.aggregations.finished import Finished, FinishedBucket, Many, Measured, One, TopHitsFound
from isthmus.search.aggregations.histograms import with_empty_buckets
from isthmus.search.aggregations.labels import (
    Label,
    composite_key,
    date_label,
    histogram_label,
    range_label,
    term_label,
)
from isthmus.search.aggregations.limits import MAX_BUCKETS, BucketCount
from isthmus.search.aggregations.numbers import numbers_of
from isthmus.search.aggregations.pipelines import run_below, run_beside

TERMS_KINDS: Final = {"long": "lterms", "boolean": "lterms", "date": "lterms", "double": "dterms"}


def finish(
    asked: tuple[Aggregation, ...], parts: Mapping[str, Partial], dates: Dates, max_buckets: int = MAX_BUCKETS
) -> dict[str, Finished]:
    """Return the finished aggregations by name; those that no target answered are empty.

    Raises TooManyBucketsError where the answer would have more than `max_buckets` buckets, and a UsageError for a
    format or a bound that means nothing.
    """
    return _Finishing(dates, BucketCount(max_buckets)).named(asked, parts)


class _Finishing:
    def __init__(self, dates: Dates, count: BucketCount) -> None:
        self._dates = dates
        self._count = count

    def named(self, asked: tuple[Aggregation, ...], parts: Mapping[str, Partial]) -> dict[str, Finished]:
        finished = {
            one.name: self._one(one, parts.get(one.name)) for one in asked if not isinstance(one.body, Pipeline)
        }
        run_beside(asked, finished)
        return finished

    def _one(self, asked: Aggregation, part: Partial | None) -> Finished:
        if isinstance(asked.body, Metric):
            numbers = numbers_of(asked.body, part)
            shown = part.date_format if isinstance(part, Metrics | Distribution) else None
            is_boolean = isinstance(part, Metrics) and part.is_boolean
            return Measured(asked=asked, numbers=numbers, date_format=shown, is_boolean=is_boolean)
        if isinstance(asked.body, TopHits):
            return TopHitsFound(asked=asked, best=part if isinstance(part, Best) else Best())
        parts = part if isinstance(part, Buckets) else Buckets()
        if isinstance(asked.body, FilterBucket | MissingBucket | GlobalBucket):
            bucket = parts.buckets[0] if parts.buckets else Bucket()
            return One(asked=asked, bucket=self._bucket(asked, bucket, ("", {})))
        return self._many(asked, parts)

    def _many(self, asked: Aggregation, parts: Buckets) -> Many:
        match asked.body:
            case TermsBuckets():
                return self._terms(asked, asked.body, parts)
            case RangeBuckets():
                return self._ranges(asked, asked.body, parts)
            case FiltersBuckets():
                return self._filters(asked, asked.body, parts)
            case CompositeBuckets():
                return self._composite(asked, asked.body, parts)
            case HistogramBuckets() | DateHistogramBuckets():
                return self._histogram(asked, asked.body, parts)
            case _:
                raise TypeError(f"[{asked.name}] has no buckets")

    def _terms(self, asked: Aggregation, body: TermsBuckets, parts: Buckets) -> Many:
        enough = [bucket for bucket in parts.buckets if bucket.doc_count >= body.min_doc_count]
        ordered = in_bucket_order(asked, body.order, enough)
        chosen = ordered[: body.size]
        other = parts.other + sum(bucket.doc_count for bucket in ordered[body.size :])
        labelled = [(bucket, term_label(body, parts, bucket, self._dates)) for bucket in chosen]
        if body.show_term_doc_count_error:
            errors = [{"doc_count_error_upper_bound": bucket.error if parts.merged else 0} for bucket in chosen]
            labelled = [
                (bucket, (name, {**members, **error}))
                for (bucket, (name, members)), error in zip(labelled, errors, strict=True)
            ]
        members = {
            "doc_count_error_upper_bound": parts.error if parts.merged else 0,
            "sum_other_doc_count": other,
        }
        kind = TERMS_KINDS.get(parts.key_type or "", "sterms")
        return self._with_pipelines(asked, kind, labelled, members=members)

    def _ranges(self, asked: Aggregation, body: RangeBuckets, parts: Buckets) -> Many:
        buckets = sorted(parts.buckets or unfilled_ranges(body, self._dates), key=_range_place)
        labelled = [(bucket, range_label(body, parts, bucket, self._dates)) for bucket in buckets]
        return self._with_pipelines(asked, asked.type, labelled, keyed=body.keyed)

    def _filters(self, asked: Aggregation, body: FiltersBuckets, parts: Buckets) -> Many:
        found = {bucket.key: bucket for bucket in parts.buckets}
        names = [name for name, _ in body.filters]
        if body.other_bucket_key is not None:
            names.append(body.other_bucket_key)
        labelled = [(found.get(name, Bucket()), (name, {} if body.anonymous else {"key": name})) for name in names]
        return self._with_pipelines(asked, "filters", labelled, keyed=body.keyed)

    def _histogram(self, asked: Aggregation, body: HistogramBuckets | DateHistogramBuckets, parts: Buckets) -> Many:
        buckets = in_bucket_order(asked, body.order, with_empty_buckets(asked, body, parts, self._dates, self._count))
        labelled = [(bucket, self._histogram_label(body, parts, bucket)) for bucket in buckets]
        return self._with_pipelines(asked, asked.type, labelled, keyed=body.keyed)

    def _histogram_label(self, body: HistogramBuckets | DateHistogramBuckets, parts: Buckets, bucket: Bucket) -> Label:
        if isinstance(body, HistogramBuckets):
            return histogram_label(body, bucket.key)
        return date_label(body, parts, bucket, self._dates)

    def _composite(self, asked: Aggregation, body: CompositeBuckets, parts: Buckets) -> Many:
        chosen = in_composite_order(body, parts.buckets)[: body.size]
        keys = [composite_key(body, parts, bucket, self._dates) for bucket in chosen]
        labelled = [(bucket, (str(key), {"key": key})) for bucket, key in zip(chosen, keys, strict=True)]
        members = {"after_key": keys[-1]} if keys else {}
        return self._with_pipelines(asked, "composite", labelled, members=members)

    def _with_pipelines(
        self,
        asked: Aggregation,
        kind: str,
        labelled: Sequence[tuple[Bucket, Label]],
        *,
        members: Mapping[str, Any] | None = None,
        keyed: bool = False,
    ) -> Many:
        self._count.add(len(labelled))
        buckets = [self._bucket(asked, bucket, label) for bucket, label in labelled]
        return Many(asked=asked, kind=kind, buckets=run_below(asked, buckets), members=members or {}, keyed=keyed)

    def _bucket(self, asked: Aggregation, bucket: Bucket, label: Label) -> FinishedBucket:
        name, members = label
        return FinishedBucket(
            key=bucket.key,
            label=name,
            doc_count=bucket.doc_count,
            members=members,
            aggregations=self.named(asked.aggregations, bucket.aggregations),
        )


def _range_place(bucket: Bucket) -> tuple[float, float]:
    low = float("-inf") if bucket.from_ is None else bucket.from_
    high = float("inf") if bucket.to is None else bucket.to
    return low, high
