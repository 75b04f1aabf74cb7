from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.query.lucene import parse_simple
from isthmus.query.tree import Bool, SimpleQueryString
from tests.query.lucene.written import written


def meaning(text: str, **options: Any) -> str:
    query = SimpleQueryString(query=text, fields=(("t", 1.0),), **options)
    return written(parse_simple(query, ())).replace("t:most_fields:", "t:")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", "t:a"),
        ("a b", "(t:a t:b)"),
        ("a + b", "(+t:a +t:b)"),
        ("a | b", "(t:a t:b)"),
        ("a + b | c", "((+t:a +t:b) t:c)"),
        ("a b + c", "(+(t:a t:b) +t:c)"),
        ("a + (b | c)", "(+t:a +(t:b t:c))"),
        ("-a", "(*:* -t:a)"),
        ("--a", "t:a"),
        ("a + -b", "(+t:a +(*:* -t:b))"),
        ('"a b"', 't:"a b"'),
        ('"a b"~2 c', '(t:"a b"~2 t:c)'),
        ("ab*", "t:ab*"),
        ("*", "*:*"),
        ("ab~1", "t:ab~1"),
        ("ab~", "t:ab~2"),
        ("ab~9", "t:ab~2"),
        ("ab~0", "t:ab"),
        ("ab~x", "t:ab"),
        (r"a\*", "t:a*"),
        (r"\(a", "t:(a"),
        ("(a", "t:a"),
        ("a)", "t:a"),
        ("()", "nothing"),
        ('"a', "t:a"),
        ('""', "nothing"),
        ("+ | a", "t:a"),
        ("a +", "t:a"),
        ("", "nothing"),
        ("a\\", "t:a"),
    ],
)
def test_a_text_means_what_the_simple_syntax_says(text: str, tree: str) -> None:
    assert meaning(text) == tree


def test_words_are_all_required_where_that_is_the_default() -> None:
    assert meaning("a b | c", default_operator="and") == "((+t:a +t:b) t:c)"


@pytest.mark.parametrize(
    ("flags", "text", "tree"),
    [
        ("NONE", "a + b", "t:<a + b>"),
        ("WHITESPACE", "a | b*", "(t:a t:| t:b*)"),
        ("OR|WHITESPACE", "a | -b", "(t:a t:-b)"),
        ("PREFIX", "ab*", "t:ab*"),
    ],
)
def test_only_the_operators_of_the_flags_are_in_force(flags: str, text: str, tree: str) -> None:
    assert meaning(text, flags=frozenset(flags.split("|"))) == tree


def test_so_many_of_the_clauses_must_match() -> None:
    tree = parse_simple(SimpleQueryString(query="a b c", minimum_should_match="2"), ("t",))
    assert isinstance(tree, Bool)
    assert tree.minimum_should_match == "2"


@pytest.mark.parametrize("text", ["(" * 60 + "a" + ")" * 60, "a " * 1_025, "a + b | " * 60 + "a"])
def test_a_text_is_bounded(text: str) -> None:
    with pytest.raises(IsthmusError) as caught:
        meaning(text)
    assert caught.value.status == 400


def test_parentheses_that_nobody_closes_are_left_out_however_many() -> None:
    assert meaning("(" * 50_000 + "a") == "t:a"


PIECES = st.sampled_from([*'+-|"*()~\\ aé9', "~1", "ab", "\\("])


@given(
    st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=30),
    st.sets(
        st.sampled_from(
            [
                "AND",
                "OR",
                "NOT",
                "PREFIX",
                "PHRASE",
                "PRECEDENCE",
                "ESCAPE",
                "WHITESPACE",
                "FUZZY",
                "NEAR",
            ]
        )
    ),
)
def test_whatever_is_written_it_never_fails(text: str, flags: set[str]) -> None:
    assert meaning(text, flags=frozenset(flags) or frozenset({"ALL"}))
