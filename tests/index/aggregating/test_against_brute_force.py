"""Random trees of aggregations over random documents mean what a brute-force model says."""

from __future__ import annotations

from typing import Any

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.index.aggregating import aggregate
from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    CompositeSource,
    FilterBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    RangeBuckets,
    RangeOf,
    TermsBuckets,
)
from isthmus.query.partial import Bucket, Buckets, Distinct, Metrics, Partial
from isthmus.query.tree import Term
from tests.index.aggregating.grounds import ground_of
from tests.index.aggregating.model import Document, expected

TAGS = ("a", "b", "c", "d")
NUMBERS = st.integers(-40, 40)
EIGHTHS = st.integers(-80, 80).map(lambda whole: whole / 8)

documents_given = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "tag": st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True),
            "n": st.lists(NUMBERS | st.sampled_from([2**53 + 1, -(2**60) - 1]), min_size=1, max_size=3),
            "x": st.lists(EIGHTHS, min_size=1, max_size=2),
        },
    ),
    max_size=25,
)
fields = st.sampled_from(["tag", "n", "x"])
numbers = st.sampled_from(["n", "x"])
metrics = st.builds(
    Metric, kind=st.sampled_from(["avg", "sum", "stats"]), field=numbers, missing=st.sampled_from([None, None, 3])
) | st.builds(Metric, kind=st.just("cardinality"), field=fields)
terms = (
    st.builds(TermsBuckets, field=fields, size=st.just(200))
    | st.builds(TermsBuckets, field=st.just("n"), size=st.just(200), missing=st.just(5))
    | st.builds(TermsBuckets, field=st.just("tag"), size=st.just(200), missing=st.sampled_from(["a", "z"]))
)
one_range = st.builds(RangeOf, from_=EIGHTHS, to=st.none() | EIGHTHS) | st.builds(RangeOf, to=EIGHTHS)
range_lists = st.lists(one_range, min_size=1, max_size=3, unique_by=lambda one: (one.from_, one.to)).map(tuple)
absent = st.sampled_from([None, None, 2])
sources = st.lists(
    st.one_of(
        st.builds(TermsBuckets, field=st.sampled_from(["tag", "n", "same"])),
        st.builds(HistogramBuckets, field=st.just("x"), interval=st.sampled_from([0.5, 4])),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda body: body.field,
)
composites = st.tuples(sources, st.booleans()).map(
    lambda pair: CompositeBuckets(
        sources=tuple(CompositeSource(name=body.field, values=body, missing_bucket=pair[1]) for body in pair[0]),
        size=5_000,
    )
)
buckets_asked = st.one_of(
    terms,
    composites,
    st.builds(RangeBuckets, field=numbers, ranges=range_lists, missing=absent),
    st.builds(
        HistogramBuckets,
        field=st.just("x"),
        interval=st.sampled_from([0.5, 3, 8]),
        offset=st.integers(-3, 3),
        missing=absent,
    ),
    st.builds(FilterBucket, query=st.builds(Term, field=st.just("tag"), value=st.sampled_from(TAGS))),
    st.builds(MissingBucket, field=fields),
)


def level(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.tuples(buckets_asked, below).map(lambda pair: (pair[0], pair[1]))
    leaf = metrics.map(lambda body: (body, ()))
    return st.lists(named | leaf, max_size=2).map(
        lambda pairs: tuple(
            Aggregation(name=f"a{place}", type="any", body=body, aggregations=children)
            for place, (body, children) in enumerate(pairs)
        )
    )


trees = level(level(level(st.just(()))))


@settings(max_examples=120, deadline=None)
@given(documents=documents_given, asked=trees, commits=st.integers(1, 3))
def test_any_tree_over_any_documents_gives_what_brute_force_gives(
    documents: list[Document], asked: tuple[Aggregation, ...], commits: int
) -> None:
    found = aggregate(ground_of(documents, commits=commits), tantivy.Query.all_query(), asked)

    assert {name: seen(part) for name, part in found.items()} == expected(documents, asked)


def seen(part: Partial) -> Any:
    """A part in the model's terms."""
    if isinstance(part, Metrics):
        return (part.count, about(part.sum), about(part.minimum), about(part.maximum))
    if isinstance(part, Distinct):
        return tuple(part.values)
    assert isinstance(part, Buckets)
    return {key_of(bucket): (bucket.doc_count, below(bucket)) for bucket in part.buckets}


def about(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-12, abs=1e-9)


def below(bucket: Bucket) -> dict[str, Any]:
    return {name: seen(part) for name, part in bucket.aggregations.items()}


def key_of(bucket: Bucket) -> Any:
    is_range = bucket.key is None and (bucket.from_ is not None or bucket.to is not None)
    if is_range:
        return bucket.from_, bucket.to
    return tuple(bucket.key) if isinstance(bucket.key, list) else bucket.key
