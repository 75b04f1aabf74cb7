from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.query.lucene import parse_lucene
from isthmus.query.lucene.fields import Kind
from isthmus.query.tree import Bool, DisMax, Match, MatchBoolPrefix, MultiMatch, QueryString, Range
from tests.query.lucene.written import written


class TwoFields:
    """An index of a text field `t`, which is in lower case, and a keyword `k`."""

    def names(self, pattern: str, kind: Kind) -> Sequence[str]:
        return ("t", "k")

    def normalized(self, field: str, text: str) -> str:
        return text.lower() if field == "t" else text


def meaning(text: str, **options: Any) -> str:
    return written(parse_lucene(QueryString(query=text, **options), ("t",), TwoFields()))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", "t:a"),
        ("a b", "t:<a b>"),
        ("a b AND c", "(+t:b +t:c t:a)"),
        ("a OR b AND c", "(+t:b +t:c t:a)"),
        ("a AND b OR c", "(+t:a +t:b t:c)"),
        ("a && b || !c", "(+t:a +t:b -t:c)"),
        ("+a -b c", "(+t:a t:c -t:b)"),
        ("NOT a", "(-t:a)"),
        ("a AND NOT b", "(+t:a -t:b)"),
        ("(a OR b) AND c", "(+(t:a t:b) +t:c)"),
        ("u:a", "u:a"),
        ("a.b:(c OR d)", "(a.b:c a.b:d)"),
        ("u:(a v:b)", "(u:a v:b)"),
        ("*:*", "*:*"),
        ("u:*", "u:*"),
        ("_exists_:u", "u:*"),
        ('"a b"', 't:"a b"'),
        ('"a b"~3^2', 't:"a b"~3^2'),
        ('"a b"~x', 't:"a b"'),
        ("a^2", "t:a^2"),
        ("(a b)^0.5", "t:<a b>^0.5"),
        ("A*", "t:a*"),
        ("k:A*", "k:A*"),
        ("A?B*c", "t:a?b*c"),
        (r"a\*b", "t:a*b"),
        (r"a\u003ab", "t:a:b"),
        ("Ab~", "t:ab~AUTO"),
        ("ab~1", "t:ab~1"),
        ("ab~1^3", "t:ab~1^3"),
        ("/a.*b/", "t:/a.*b/"),
        (r"/a\/b/", "t:/a/b/"),
        ("u:[1 TO 5}", "u:[1 TO 5}"),
        ("u:{1 TO *]", "u:{1 TO *]"),
        ('u:["2024-01-01" TO 2025]', "u:[2024-01-01 TO 2025]"),
        ("u:[* TO *]", "u:*"),
        ("u:>=5", "u:[5 TO *]"),
        ("u:<5", "u:[* TO 5}"),
        ("u:(>=5 AND <9)", "(+u:[5 TO *] +u:[* TO 9})"),
        (">5", "t:>5"),
        ("", "nothing"),
        ("  \t", "nothing"),
        ("ANDROID ORANGE", "t:<ANDROID ORANGE>"),
        ("a-b", "t:a-b"),
    ],
)
def test_a_text_means_what_lucenes_grammar_says(text: str, tree: str) -> None:
    assert meaning(text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [("a OR b", "(t:a t:b)"), ("a b OR c", "(+t:a t:b t:c)"), ("a -b", "(+t:a -t:b)"), ("a AND b", "(+t:a +t:b)")],
)
def test_with_and_as_the_default_only_or_makes_clauses_optional(text: str, tree: str) -> None:
    assert meaning(text, default_operator="and") == tree


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("(a", 3),
        ("a)", 2),
        ("a AND", 6),
        ("AND a", 1),
        ("u:", 3),
        ('"a', 1),
        ("a/b", 2),
        ("u:[1 5]", 6),
        ("a^b", 3),
        ("a\\", 2),
        (r"\uzz", 1),
        (r"\ud800", 1),
        ("a~7", 1),
        ("a~x", 1),
        ("()", 2),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, character: int) -> None:
    with pytest.raises(IsthmusError) as caught:
        meaning(text)
    error = caught.value
    assert (error.type, error.status, error.reason, error.where) == (
        "query_shard_exception",
        400,
        f"Failed to parse query [{text}]",
        f"character {character}",
    )


def test_a_leading_wildcard_can_be_forbidden() -> None:
    assert meaning("*a") == "t:*a"
    with pytest.raises(IsthmusError, match="not allowed as first character"):
        meaning("*a", allow_leading_wildcard=False)


def test_several_fields_share_each_text_and_each_pattern() -> None:
    query = QueryString(query="a b* Cd", fields=(("t", 1.0), ("k", 2.0)))
    tree = parse_lucene(query, (), TwoFields())
    assert isinstance(tree, Bool)
    assert [type(one) for one in tree.should] == [MultiMatch, DisMax, MultiMatch]
    assert written(tree.should[1]) == "(t:b* | k:b*^2)"


def test_a_pattern_of_fields_becomes_the_fields_that_it_means() -> None:
    assert written(parse_lucene(QueryString(query="Ab*"), ("*",), TwoFields())) == "(t:ab* | k:Ab*)"


def test_a_pattern_of_fields_is_refused_where_no_index_is_known() -> None:
    with pytest.raises(IsthmusError, match="needs named fields"):
        parse_lucene(QueryString(query="ab*"), ("*",))


def test_so_many_words_must_match_counts_each_word() -> None:
    tree = parse_lucene(QueryString(query="a b c*", minimum_should_match="2"), ("t",))
    assert isinstance(tree, Bool)
    assert (written(tree), tree.minimum_should_match) == ("(t:a t:b t:c*)", "2")


def test_so_many_words_of_one_text_must_match() -> None:
    tree = parse_lucene(QueryString(query="a", minimum_should_match="75%"), ("t",))
    assert isinstance(tree, Match)
    assert tree.minimum_should_match == "75%"


def test_a_required_text_of_which_analysis_leaves_nothing_requires_nothing() -> None:
    tree = parse_lucene(QueryString(query="+the cat"), ("t",))
    assert isinstance(tree, Bool)
    required, optional = tree.must[0], tree.should[0]
    assert isinstance(required, Match)
    assert isinstance(optional, Match)
    assert (required.zero_terms_query, optional.zero_terms_query) == ("all", "none")


def test_a_range_of_dates_has_the_querys_time_zone() -> None:
    tree = parse_lucene(QueryString(query="d:[2024 TO 2025]", time_zone="+01:00"), ("t",))
    assert isinstance(tree, Range)
    assert tree.time_zone == "+01:00"


def test_an_analyzed_prefix_is_analyzed() -> None:
    tree = parse_lucene(QueryString(query="Wi-Fi*", analyze_wildcard=True), ("t",))
    assert isinstance(tree, MatchBoolPrefix)
    assert tree.query == "Wi-Fi"


@pytest.mark.parametrize(
    ("text", "type_"),
    [("(" * 5_000 + "a" + ")" * 5_000, "query_shard_exception"), ("a OR " * 1_024 + "a", "too_many_nested_clauses")],
)
def test_a_text_is_bounded(text: str, type_: str) -> None:
    with pytest.raises(IsthmusError) as caught:
        meaning(text)
    assert caught.value.type == type_


PIECES = st.sampled_from(
    [
        *'+-!()[]{}^~*?:\\/"&|<>= aZ9é.',
        "AND ",
        "OR ",
        "NOT ",
        " TO ",
        "&&",
        "||",
        "f:",
        "_exists_:",
        "\\u00",
        "~1",
        "^2",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=30), st.sampled_from(["or", "and"]))
def test_whatever_is_written_it_is_parsed_or_refused(text: str, operator: Any) -> None:
    try:
        meaning(text, default_operator=operator)
    except IsthmusError as error:
        complaint = error
    else:
        return
    assert complaint.status == 400
