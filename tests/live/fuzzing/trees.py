"""Searches as trees of examples: nested, combined, with other fields and other values in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.live.fuzzing import language
from tests.live.fuzzing.values import KEYS, LEAVES, Raw

FIELDS = (
    *("body", "body.raw", "title", "both", "tag", "n", "small", "weight", "price", "day", "flag", "address", "kind"),
    *("labels", "labels.env", "number", "object", "object.k", "object.hidden", "missing", "_id", "_index", "*", "o*"),
)
_CLAUSES = ("must", "filter", "must_not", "should")
_SIDES = ("positive", "negative")
_NEGATIVE: dict[str, SearchStrategy[Any]] = {"negative_boost": st.floats(0, 1)}
_WORDS = ("quick", "a", "b", "2026-01-03", "2026-01-03T10:00:00Z", "10.0.0.7", "v1", "asc", "_count", "per>m")
_PLAIN = tuple(leaf for leaf in LEAVES if not isinstance(leaf, Raw))
_values: SearchStrategy[Any] = st.one_of(
    st.sampled_from(_PLAIN),
    st.integers(-(2**70), 2**70),
    st.integers(-5, 30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(_WORDS),
)


def searches() -> SearchStrategy[dict[str, Any]]:
    """Bodies of `_search`, most of them right."""
    parts = {key: varied(examples) for key, examples in language.KEYS.items() if key not in ("aggs", "aggregations")}
    parts |= {"query": queries(), "post_filter": queries(), "aggs": aggregations()}
    return st.fixed_dictionaries({}, optional=parts).flatmap(_few)


def queries() -> SearchStrategy[Any]:
    """Queries in queries."""
    return st.recursive(_one_of(language.QUERIES), _combined, max_leaves=12)


def aggregations() -> SearchStrategy[Any]:
    """Aggregations in aggregations."""
    one = _one_of(language.AGGREGATIONS)
    return st.recursive(_named(one), lambda inner: _named(st.builds(_with, one, inner)), max_leaves=8)


@st.composite
def varied(draw: DrawFn, examples: tuple[Any, ...]) -> Any:
    """One of the examples, now and then with another field, value or key."""
    return _vary(draw, draw(st.sampled_from(examples)))


def _vary(draw: DrawFn, value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(draw, key): _vary(draw, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_vary(draw, part) for part in value]
    if value in FIELDS and draw(st.booleans()):
        return draw(st.sampled_from(FIELDS))
    return draw(_values) if draw(st.integers(0, 9)) == 9 else value


def _key(draw: DrawFn, key: str) -> str:
    if key in FIELDS and draw(st.booleans()):
        return draw(st.sampled_from(FIELDS))
    return draw(st.sampled_from([one for one in KEYS if one.isascii()])) if draw(st.integers(0, 39)) == 39 else key


def _one_of(examples: Mapping[str, tuple[Any, ...]]) -> SearchStrategy[dict[str, Any]]:
    return st.one_of([st.fixed_dictionaries({name: varied(several)}) for name, several in examples.items()])


def _combined(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
    some = st.lists(inner, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"bool": st.fixed_dictionaries(dict.fromkeys(_CLAUSES, some))}),
        st.fixed_dictionaries({"dis_max": st.fixed_dictionaries({"queries": some})}),
        st.fixed_dictionaries({"boosting": st.fixed_dictionaries({**dict.fromkeys(_SIDES, inner), **_NEGATIVE})}),
        st.fixed_dictionaries({"constant_score": st.fixed_dictionaries({"filter": inner})}),
    )


def _named(one: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(("per", "m", "a", "x y")), one, min_size=1, max_size=2)


def _with(one: dict[str, Any], inner: Any) -> dict[str, Any]:
    return {**one, "aggs": inner}


def _few(body: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """All keys together contradict each other: some of them."""
    keys: SearchStrategy[list[str]] = st.lists(st.sampled_from(sorted(body)), max_size=5) if body else st.just([])
    return keys.map(lambda chosen: {key: body[key] for key in chosen})
