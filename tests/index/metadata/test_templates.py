"""What templates may say, which one an index is made with, and what comes of their parts."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.mapping.definition import canonical
from isthmus.index.metadata.composing import check_template, composed, intersect, template_for, users
from isthmus.index.metadata.expressions import matches
from isthmus.index.metadata.templates import (
    Checks,
    ComponentTemplate,
    IndexTemplate,
    InvalidTemplateError,
    component_body,
    parse_component_template,
    parse_index_template,
    template_body,
)


def no_bool(query: Any) -> None:
    if not isinstance(query, dict):
        raise UsageError("no query")


CHECKS = Checks(filter=no_bool, canonical=canonical)


def template(*patterns: str, **more: Any) -> IndexTemplate:
    return parse_index_template("t", {"index_patterns": list(patterns), **more}, CHECKS)


def component(**contents: Any) -> ComponentTemplate:
    return parse_component_template("c", {"template": contents}, CHECKS)


def test_a_template_is_told_as_it_was_given() -> None:
    body = {
        "index_patterns": ["logs-*"],
        "template": {
            "settings": {"index": {"refresh_interval": "5s"}},
            "mappings": {"properties": {"at": {"type": "date"}}},
            "aliases": {"errors": {"filter": {"term": {"level": "error"}}}},
        },
        "composed_of": ["base"],
        "priority": 7,
        "version": 3,
        "_meta": {"by": "us"},
    }
    assert template_body(parse_index_template("t", body, CHECKS)) == body
    part = {"template": body["template"], "version": 1, "_meta": {}}
    assert component_body(parse_component_template("c", part, CHECKS)) == part


def test_a_template_comes_back_from_the_state_as_it_was_put_there() -> None:
    kept = template("a*", template={"aliases": {"x": {"filter": {"term": {"a": 1}}}}}, _meta={"n": [1]})
    assert msgspec.json.decode(msgspec.json.encode(kept), type=IndexTemplate) == kept


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "index patterns are missing"),
        ({"index_patterns": ["_x"]}, "_x"),
        ({"index_patterns": ["a"], "data_stream": {}}, "data_stream"),
        ({"index_patterns": ["a"], "prioriy": 1}, "prioriy"),
        ({"index_patterns": ["a"], "priority": -1}, "priority"),
        ({"index_patterns": ["a"], "_meta": 1}, "_meta"),
        ({"index_patterns": ["a"], "template": {"settings": {"index.foo": 1}}}, "index.foo"),
        ({"index_patterns": ["a"], "template": {"mappings": {"properties": {"f": {"type": "nested"}}}}}, "nested"),
        ({"index_patterns": ["a"], "template": {"lifecycle": {}}}, "lifecycle"),
        ({"index_patterns": ["a"], "template": {"aliases": {"x": {"filter": 3}}}}, "no query"),
    ],
)
def test_what_a_template_cannot_say_is_refused_by_name(body: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_index_template("t", body, CHECKS)
    assert named in caught.value.reason


@pytest.mark.parametrize("name", ["", "_t", "T", "a b", "a,b", "a*", "x" * 256])
def test_a_name_that_no_template_may_have_is_refused(name: str) -> None:
    with pytest.raises(InvalidTemplateError):
        parse_index_template(name, {"index_patterns": ["a"]}, CHECKS)


def test_the_highest_priority_that_fits_wins() -> None:
    templates = {"all": template("*"), "logs": template("logs-*", priority=5), "other": template("x*", priority=9)}
    assert template_for("logs-1", templates) == "logs"
    assert template_for("books", templates) == "all"
    assert template_for("books", templates, hidden=True) is None


def test_components_come_in_their_order_and_the_templates_own_comes_last() -> None:
    components = {
        "one": component(
            settings={"refresh_interval": "1s", "gc_deletes": "1s", "hidden": True},
            mappings={"properties": {"a": {"type": "keyword"}, "o": {"properties": {"x": {"type": "long"}}}}},
        ),
        "two": component(
            settings={"refresh_interval": "2s", "gc_deletes": "2s"},
            mappings={"properties": {"a": {"type": "text"}, "o": {"properties": {"y": {"type": "long"}}}}},
            aliases={"x": {}},
        ),
    }
    made = composed(
        template("*", composed_of=["one", "two"], template={"settings": {"refresh_interval": "3s"}}), components
    )
    assert made.settings == {"index.refresh_interval": "3s", "index.gc_deletes": "2s", "index.hidden": "true"}
    assert made.mappings["properties"] == {
        "a": {"type": "text"},
        "o": {"properties": {"x": {"type": "long"}, "y": {"type": "long"}}},
    }
    assert set(made.aliases) == {"x"}


def test_two_templates_of_one_priority_may_not_fit_the_same_name() -> None:
    there = {"t": template("logs-*"), "u": template("*-1", priority=1)}
    with pytest.raises(InvalidTemplateError, match=r"\[t\] with patterns \(t => \[logs-\*\]\)"):
        check_template("new", template("*-1"), there, {})
    check_template("new", template("*-1", priority=2), there, {})
    check_template("t", template("logs-1*"), there, {})


def test_a_component_that_is_missing_is_named_unless_it_may_be() -> None:
    wanting = template("a", composed_of=["gone"])
    with pytest.raises(InvalidTemplateError, match="gone"):
        check_template("t", wanting, {}, {})
    lenient = template("a", composed_of=["gone"], ignore_missing_component_templates=["gone"])
    check_template("t", lenient, {}, {})
    assert users("gone", {"strict": wanting, "lenient": lenient}) == ["strict"]


@given(st.text(alphabet="ab*", max_size=5), st.text(alphabet="ab*", max_size=5))
def test_patterns_intersect_if_and_only_if_some_text_fits_both(one: str, other: str) -> None:
    # A text that fits both needs at most the letters of both patterns together.
    longest = len(one.replace("*", "")) + len(other.replace("*", ""))
    texts = ("".join(letters) for size in range(longest + 1) for letters in itertools.product("ab", repeat=size))
    assert intersect(one, other) == any(matches(one, text) and matches(other, text) for text in texts)


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


@given(JSON)
def test_any_body_is_a_template_or_an_error_for_a_person(body: Any) -> None:
    for parse in (parse_index_template, parse_component_template):
        try:
            parse("t", body, CHECKS)
        except IsthmusError:
            continue
