"""Whatever is asked in text, Tantivy never panics: there is an answer, or an error that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.projection.panics import SearchEngineError, guarded
from isthmus.query import tree
from tests.index.projection.small_index import SmallIndex, small_index

PROPERTIES = {
    "t": {"type": "text"},
    "e": {"type": "text", "analyzer": "english"},
    "k": {"type": "keyword"},
    "n": {"type": "long"},
    "x": {"type": "float"},
    "at": {"type": "date"},
    "ip": {"type": "ip"},
    "b": {"type": "boolean"},
}
FIELDS = [*PROPERTIES, "unmapped"]


@pytest.fixture(scope="module")
def index() -> Iterator[SmallIndex]:
    with small_index(PROPERTIES) as made:
        documents: list[dict[str, Any]] = [
            {"t": "quick brown fox", "e": ["running dogs", "the end"], "k": "a b", "n": 1},
            {"x": 1.5, "b": True},
        ]
        yield made.add([*documents, {"at": "2021-01-01", "ip": "::1", "t": ["", "fox fox"]}, {}])


def values() -> st.SearchStrategy[tree.Scalar]:
    words = st.lists(st.sampled_from(["quick", "fox", "the", "a", "ab", "!", "running"]), max_size=4).map(" ".join)
    return words | st.text(max_size=8) | st.integers() | st.floats() | st.booleans()


def boosts() -> st.SearchStrategy[float]:
    return st.floats(min_value=0) | st.just(1.0)


def fuzzinesses() -> st.SearchStrategy[tree.Fuzziness]:
    return st.builds(
        tree.Fuzziness,
        distance=st.sampled_from([None, 0, 1, 2]),
        prefix_length=st.integers(0, 1 << 31),
        max_expansions=st.integers(1, 1 << 31),
        transpositions=st.booleans(),
    )


def minima() -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, "0", "2", "-1", "200%", "-200%", "2<3 5<-9", "many", "-"])


def texts() -> st.SearchStrategy[tree.Query]:
    common: dict[str, Any] = {
        "field": st.sampled_from(FIELDS),
        "query": values(),
        "analyzer": st.sampled_from([None, "whitespace", "stop"]),
        "boost": boosts(),
    }
    zero = st.sampled_from(["none", "all"])
    counts = {"operator": st.sampled_from(["or", "and"]), "minimum_should_match": minima()}
    reach = {"slop": st.integers(0, 1 << 40), "zero_terms_query": zero}
    expansions = st.integers(1, 1 << 31)
    fuzziness = st.none() | fuzzinesses()
    many = st.lists(st.tuples(st.sampled_from([*FIELDS, "*"]), boosts()), max_size=3).map(tuple)
    types = st.sampled_from(["best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix"])
    return (
        st.builds(tree.Match, **common, **counts, fuzziness=fuzziness, zero_terms_query=zero)
        | st.builds(tree.MatchPhrase, **common, **reach)
        | st.builds(tree.MatchPhrasePrefix, **common, **reach, max_expansions=expansions)
        | st.builds(tree.MatchBoolPrefix, **common, **counts, fuzziness=fuzziness, max_expansions=expansions)
        | st.builds(tree.MultiMatch, fields=many, query=values(), type=types, **counts, lenient=st.booleans())
    )


def terms() -> st.SearchStrategy[tree.Query]:
    field = st.sampled_from([*FIELDS, "_id", "_index"])
    bound = st.none() | values()
    text = st.text(max_size=8)
    return (
        st.builds(tree.Term, field=field, value=values(), case_insensitive=st.booleans(), boost=boosts())
        | st.builds(tree.Terms, field=field, values=st.lists(values(), max_size=3).map(tuple), boost=boosts())
        | st.builds(tree.Range, field=field, gt=bound, gte=bound, lt=bound, lte=bound, boost=boosts())
        | st.builds(tree.Fuzzy, field=field, value=values(), fuzziness=fuzzinesses(), boost=boosts())
        | st.builds(tree.Prefix, field=field, value=text, case_insensitive=st.booleans())
        | st.builds(tree.Wildcard, field=field, value=text, case_insensitive=st.booleans())
        | st.builds(tree.Regexp, field=field, value=st.text(alphabet='ab.*+?|()[]{}^-\\"1,&~@#<>é', max_size=9))
    )


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=texts() | terms())
def test_there_is_an_answer_or_an_error_for_a_person(index: SmallIndex, query: tree.Query) -> None:
    with suppress(IsthmusError):
        assert index.matches(query) <= {"0", "1", "2", "3"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inner=texts() | terms(), boost=boosts(), tie_breaker=st.floats(0, 1))
def test_scores_of_any_size_are_combined(
    index: SmallIndex, inner: tree.Query, boost: float, tie_breaker: float
) -> None:
    both = (inner, tree.MatchAll(boost=boost))
    with suppress(UsageError):
        index.matches(tree.DisMax(queries=both, tie_breaker=tie_breaker, boost=boost))
        index.matches(tree.Boosting(positive=both[1], negative=inner, negative_boost=boost, boost=boost))


def test_trees_too_deep_to_be_handed_on_are_refused(index: SmallIndex) -> None:
    query: tree.Query = tree.MatchAll()
    for _ in range(300):
        query = tree.Bool(must=(query,))
    with pytest.raises(UsageError, match="nested deeper than"):
        index.matches(query)


def test_a_panic_that_comes_all_the_same_is_an_error_and_its_cause_is_logged(
    index: SmallIndex, caplog: pytest.LogCaptureFixture
) -> None:
    import tantivy

    reading = index.reading()
    with pytest.raises(SearchEngineError) as told, guarded("small"):
        tantivy.Query.phrase_query(reading.schema, reading.slots["t"], ["alone"])
    assert told.value.status == 500
    assert "strictly more than one term" not in str(told.value)
    assert "strictly more than one term" in caplog.text
