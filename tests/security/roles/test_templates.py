"""Role queries with holes: filled with what is known of a user, and with nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.security.roles.templates import TemplateError, parse_template
from isthmus.security.subject import User

JO = User(
    username="jo",
    roles=("reader", "writer"),
    full_name='Jo "the" Bo\\ss',
    metadata={"team": "red", "level": 3, "on": True, "groups": ["a", "b"], "a": {"b.c": "deep"}},
)


def filled(source: Any, user: User = JO, **params: Any) -> str:
    return parse_template({"source": source, "params": params}).render(user)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{_user.username}}", "jo"),
        ("{{ _user.username }}!", "jo!"),
        ("{{_user.full_name}}", 'Jo \\"the\\" Bo\\\\ss'),
        ("[{{_user.email}}]", "[]"),
        ("{{_user.metadata.team}}", "red"),
        ("{{_user.metadata.level}} {{_user.metadata.on}}", "3 true"),
        ("{{_user.metadata.a.b.c}}", "deep"),
        ("{{_user.metadata.absent.key}}", ""),
        ("{{#toJson}}_user.roles{{/toJson}}", '["reader","writer"]'),
        ("{{#toJson}} _user.metadata.groups {{/toJson}}", '["a","b"]'),
        ("{{#toJson}}_user.metadata.absent{{/toJson}}", "null"),
        ("{{key}} {{#toJson}}nested.key{{/toJson}}", "value 1"),
        ({"term": {"team": "{{_user.metadata.team}}"}}, '{"term":{"team":"red"}}'),
        ('{"a":{"b":{{#toJson}}_user.metadata.level{{/toJson}}}}', '{"a":{"b":3}}'),
    ],
)
def test_a_hole_is_filled_with_the_value_of_its_name(source: Any, text: str) -> None:
    assert filled(source, key="value", nested={"key": 1}) == text


def test_metadata_as_a_whole_is_json() -> None:
    assert json.loads(filled("{{#toJson}}_user.metadata{{/toJson}}")) == JO.metadata


@given(st.text())
def test_a_value_never_leaves_the_text_that_it_stands_in(name: str) -> None:
    query = filled('{"term": {"by": "{{_user.username}}"}}', User(username=name))
    assert json.loads(query) == {"term": {"by": name}}


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5))
def test_a_value_as_json_is_that_value(value: Any) -> None:
    query = filled(
        '{"terms": {"by": {{#toJson}}_user.metadata.x{{/toJson}}}}', User(username="u", metadata={"x": value})
    )
    assert json.loads(query) == {"terms": {"by": value}}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("{{{_user.username}}}", "not escaped"),
        ("{{&_user.username}}", "not escaped"),
        ("{{#_user.roles}}x{{/_user.roles}}", "a section"),
        ("{{^_user.roles}}x{{/_user.roles}}", "an inverted section"),
        ("{{#join}}_user.roles{{/join}}", "a section"),
        ("{{>other}}", "a partial"),
        ("{{!why}}", "a comment"),
        ("{{=<% %>=}}", "other delimiters"),
        ("{{_user.password}}", "is not known"),
        ("{{_user.roles.0}}", "is not known"),
        ("{{username}}", "is not known"),
        ("{{}}", "is not known"),
        ("{{_user.username", "has no end"),
        ("{{#toJson}}_user.roles", "has no end"),
        ("{{/toJson}}", "no counterpart"),
        ("{{#toJson}}{{_user.roles}}{{/toJson}}", "holds a name"),
    ],
)
def test_the_rest_of_mustache_is_refused_by_name(body: str, named: str) -> None:
    with pytest.raises(TemplateError, match=named):
        parse_template({"source": body})


@pytest.mark.parametrize(
    "body",
    [
        None,
        "text",
        {},
        {"source": 5},
        {"source": ""},
        {"id": "stored"},
        {"source": "x", "lang": "painless"},
        {"source": "x", "params": {"_user": {}}},
        {"source": "x", "params": []},
        {"source": "x", "options": {"content_type": "text/plain"}},
        {"source": "x", "sources": "y"},
    ],
)
def test_what_is_no_template_is_refused(body: Any) -> None:
    with pytest.raises(TemplateError):
        parse_template(body)


def test_what_is_no_single_value_cannot_stand_in_a_text() -> None:
    with pytest.raises(TemplateError, match="no single value"):
        filled("{{_user.metadata.groups}}")
