"""What templates may say, which one an index is made with, and what comes of their parts."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.metadata.expressions import matches
from isthmus.index.metadata.templates import (
    InvalidTemplateError,
    Template,
    check_components,
    check_overlaps,
    compose,
    template_for,
)
from tests.cluster.indices.state import parsed
from tests.cluster.indices.state import template as named


def template(*patterns: str, name: str = "t", **more: Any) -> Template:
    return named(name, index_patterns=list(patterns), **more)


def component(name: str, **contents: Any) -> Template:
    return named(name, component=True, template=contents)


def by_name(*templates: Template) -> dict[str, Template]:
    return {one.name: one for one in templates}


def test_a_template_comes_back_from_the_state_as_it_was_put_there() -> None:
    kept = template("a*", template={"aliases": {"x": {"filter": {"term": {"a": 1}}}}}, _meta={"n": [1]}, version=3)
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Template) == kept


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Required [index_patterns]"),
        ({"index_patterns": []}, "index patterns are missing"),
        ({"index_patterns": ["_x"]}, "_x"),
        ({"index_patterns": ["a"], "data_stream": {}}, "data_stream"),
        ({"index_patterns": ["a"], "prioriy": 1}, "prioriy"),
        ({"index_patterns": ["a"], "priority": -1}, "priority"),
        ({"index_patterns": ["a"], "_meta": 1}, "_meta"),
        ({"index_patterns": ["a"], "deprecated": True}, "deprecated"),
        ({"index_patterns": ["a"], "allow_auto_create": "yes"}, "allow_auto_create"),
        ({"index_patterns": ["a"], "template": {"settings": {"index.foo": 1}}}, "index.foo"),
        ({"index_patterns": ["a"], "template": {"mappings": {"properties": {"f": {"type": "nested"}}}}}, "nested"),
        ({"index_patterns": ["a"], "template": {"lifecycle": {}}}, "lifecycle"),
        (
            {"index_patterns": ["a"], "template": {"aliases": {"x": {"filter": 3}}}},
            "[filter] of alias [x]",
        ),
    ],
)
def test_what_a_template_cannot_say_is_refused_by_name(body: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        named("t", **body)
    assert told in caught.value.reason


@pytest.mark.parametrize("name", ["", "_t", "T", "a b", "a,b", "a*", "x" * 256])
def test_a_name_that_no_template_may_have_is_refused(name: str) -> None:
    with pytest.raises(InvalidTemplateError):
        named(name, index_patterns=["a"])


def test_the_highest_priority_that_fits_wins() -> None:
    everything, logs = template("*", name="all"), template("logs-*", name="logs", priority=5)
    templates = by_name(everything, logs, template("x*", name="other", priority=9))
    assert template_for("logs-1", templates) == logs
    assert template_for("books", templates) == everything
    assert template_for("books", templates, hidden=True) is None


def test_components_come_in_their_order_and_the_templates_own_comes_last() -> None:
    one = component(
        "one",
        settings={"refresh_interval": "1s", "gc_deletes": "1s", "hidden": True},
        mappings={"properties": {"a": {"type": "keyword"}, "o": {"properties": {"x": {"type": "long"}}}}},
    )
    two = component(
        "two",
        settings={"refresh_interval": "2s", "gc_deletes": "2s"},
        mappings={"properties": {"a": {"type": "text"}, "o": {"properties": {"y": {"type": "long"}}}}},
        aliases={"x": {}},
    )
    whole = template("*", composed_of=["one", "two"], template={"settings": {"refresh_interval": "3s"}})
    made = compose("logs", by_name(whole), by_name(one, two))
    assert made.settings == {"index.refresh_interval": "3s", "index.gc_deletes": "2s", "index.hidden": "true"}
    assert made.mappings["properties"] == {
        "a": {"type": "text"},
        "o": {"properties": {"x": {"type": "long"}, "y": {"type": "long"}}},
    }
    assert set(made.aliases) == {"x"}


def test_two_templates_of_one_priority_may_not_fit_the_same_name() -> None:
    there = by_name(template("logs-*"), template("*-1", name="u", priority=1))
    with pytest.raises(UsageError, match=r"\[t\] with patterns \(t => \[logs-\*\]\)"):
        check_overlaps(template("*-1", name="new"), there)
    check_overlaps(template("*-1", name="new", priority=2), there)
    check_overlaps(template("logs-1*"), there)


def test_a_component_that_is_missing_is_named_unless_it_may_be() -> None:
    with pytest.raises(InvalidTemplateError, match="gone"):
        check_components(template("a", composed_of=["gone"]), {})
    check_components(template("a", composed_of=["gone"], ignore_missing_component_templates=["gone"]), {})


@given(st.from_regex(r"[ab*]{1,5}", fullmatch=True), st.from_regex(r"[ab*]{1,5}", fullmatch=True))
def test_patterns_overlap_if_and_only_if_some_text_fits_both(one: str, other: str) -> None:
    # A text that fits both needs at most the letters of both patterns together.
    longest = len(one.replace("*", "")) + len(other.replace("*", ""))
    texts = ("".join(letters) for size in range(longest + 1) for letters in itertools.product("ab", repeat=size))
    shared = any(matches(one, text) and matches(other, text) for text in texts)
    if shared:
        with pytest.raises(UsageError, match="same priority"):
            check_overlaps(template(one), by_name(template(other, name="other")))
    else:
        check_overlaps(template(one), by_name(template(other, name="other")))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["index_patterns", "template", "settings", "mappings", "aliases", "properties", "type"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=5) | st.sampled_from(["index_patterns", "template", "_meta"]), JSON, max_size=4)
)
def test_any_body_is_a_template_or_an_error_for_a_person(body: dict[str, Any]) -> None:
    for component in (False, True):
        try:
            parsed("t", body, component=component)
        except IsthmusError:
            continue
