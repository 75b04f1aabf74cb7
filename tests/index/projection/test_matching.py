"""Random trees of queries over random documents match what the simplest evaluation of them matches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.query import tree
from tests.index.projection.query_model import matches
from tests.index.projection.small_index import SmallIndex, small_index

PROPERTIES = {
    "k": {"type": "keyword"},
    "n": {"type": "long"},
    "x": {"type": "double"},
    "hidden": {"type": "keyword", "doc_values": False},
    "shy": {"type": "long", "index": False},
}
TEXTS = ["", " ", "a", "A", "ab", "aB", "b", "ba", "a*b", "a?b", "a\\b", "a.b", "[a-b]", "é", "zz", "\x00", "a\x00"]
TEXTS += ["\ud7ff", "\ue000", "\U00010000", "\U0010ffff", "名前", "a\nb", 'say "ab"', "$^|()", "a" * 300, "~#@&<1-2>"]
WHOLES = [-(1 << 63), -7, -1, 0, 1, 2, 3, 1 << 40, (1 << 63) - 1]
NUMBERS = [-1e300, -2.5, 0.0, 5e-324, 0.1, 1.0, 2.5, 1e300]
FIELDS: dict[str, list[Any]] = {"k": TEXTS, "n": WHOLES, "x": NUMBERS, "hidden": TEXTS, "shy": WHOLES}


def documents() -> list[dict[str, list[Any]]]:
    """Documents in which every value of the fields occurs, alone and with others, and some lack some."""
    found: list[dict[str, list[Any]]] = [{}]
    for place in range(60):
        one: dict[str, list[Any]] = {}
        for at, (field, values) in enumerate(FIELDS.items()):
            several = (place + at) % 4
            one[field] = [values[(place * (at + 3) + step * 5) % len(values)] for step in range(several)]
        found.append(one)
    return found


DOCUMENTS = documents()


@pytest.fixture(scope="module")
def index() -> Iterator[SmallIndex]:
    with small_index(PROPERTIES) as made:
        yield made.add([{path: list(values) for path, values in one.items()} for one in DOCUMENTS], commits=25)


def texts() -> st.SearchStrategy[str]:
    return st.sampled_from(TEXTS) | st.text(alphabet="ab*?\\é\x00\U0010ffff", max_size=5)


def ranges() -> st.SearchStrategy[tree.Query]:
    def of(field: str) -> st.SearchStrategy[tree.Query]:
        bound = st.none() | (texts() if FIELDS[field] is TEXTS else st.sampled_from(FIELDS[field]))
        return st.builds(tree.Range, field=st.just(field), gt=bound, lte=bound) | st.builds(
            tree.Range, field=st.just(field), gte=bound, lt=bound
        )

    return st.sampled_from(sorted(FIELDS)).flatmap(of)


def values_of(field: str) -> st.SearchStrategy[Any]:
    return texts() if FIELDS[field] is TEXTS else st.sampled_from(FIELDS[field])


def exact() -> st.SearchStrategy[tree.Query]:
    def of(field: str) -> st.SearchStrategy[tree.Query]:
        folds = st.booleans() if FIELDS[field] is TEXTS else st.just(False)
        return st.builds(tree.Term, field=st.just(field), value=values_of(field), case_insensitive=folds) | st.builds(
            tree.Terms, field=st.just(field), values=st.lists(values_of(field), max_size=4).map(tuple)
        )

    return st.sampled_from(sorted(FIELDS)).flatmap(of)


def patterns() -> st.SearchStrategy[tree.Query]:
    fields = st.sampled_from(["k", "hidden"])
    return st.builds(tree.Prefix, field=fields, value=texts(), case_insensitive=st.booleans()) | st.builds(
        tree.Wildcard, field=fields, value=texts(), case_insensitive=st.booleans()
    )


def leaves() -> st.SearchStrategy[tree.Query]:
    return (
        st.just(tree.MatchAll())
        | st.just(tree.MatchNone())
        | exact()
        | ranges()
        | patterns()
        | st.builds(tree.Exists, field=st.sampled_from([*FIELDS, "unmapped"]))
        | st.builds(tree.Ids, values=st.lists(st.integers(0, 70).map(str), max_size=5).map(tuple))
        | st.just(tree.Term(field="unmapped", value="a"))
    )


def compounds(inner: st.SearchStrategy[tree.Query]) -> st.SearchStrategy[tree.Query]:
    several = st.lists(inner, max_size=3).map(tuple)
    return (
        st.builds(
            tree.Bool,
            must=several,
            filter=several,
            should=several,
            must_not=several,
            minimum_should_match=st.none() | st.integers(0, 5).map(str),
            boost=st.sampled_from([1.0, 0.0, 1e38]),
        )
        | st.builds(tree.ConstantScore, filter=inner, boost=st.sampled_from([1.0, 2.0, 1e39]))
        | st.builds(tree.DisMax, queries=several, tie_breaker=st.sampled_from([0.0, 0.3]))
        | st.builds(tree.Boosting, positive=inner, negative=inner, negative_boost=st.sampled_from([0.0, 0.5]))
    )


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.recursive(leaves(), compounds, max_leaves=12))
def test_a_tree_matches_what_its_plain_evaluation_matches(index: SmallIndex, query: tree.Query) -> None:
    expected = {str(place) for place, one in enumerate(DOCUMENTS) if matches(query, str(place), one)}
    assert index.matches(query) == expected


def test_zero_below_zero_is_a_number_of_its_own_as_in_elasticsearch() -> None:
    with small_index({"x": {"type": "double"}}) as index:
        index.add([{"x": -0.0}, {"x": 0.0}])
        assert index.matches(tree.Term(field="x", value=0.0)) == {"1"}
        assert index.matches(tree.Term(field="x", value=-0.0)) == {"0"}
        assert index.matches(tree.Range(field="x", gte=0.0)) == {"1"}
        assert index.matches(tree.Range(field="x", gt=-0.0)) == {"1"}
        assert index.matches(tree.Range(field="x", lt=0.0)) == {"0"}
