"""Patterns match what Python's `re` and plain comparison say, when Tantivy runs them over awkward terms."""

from __future__ import annotations

import fnmatch
import re
from functools import cache

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st

from isthmus.query.patterns import (
    PatternError,
    prefix_expression,
    range_expression,
    regexp_expression,
    wildcard_expression,
)

CHARACTERS = "aBz0 \t\n.*?+()[]{}|^$#&-~/<>@\"'\\\x01éßıΣ中\ud7ff\ue000😀\U0010ffff"
TERMS = sorted(
    {
        *CHARACTERS,
        *(one + other for one in "aB.*(é😀" for other in CHARACTERS),
        *("abc", "abd", "ab", "aab", "aaab", "ABC", "a.c", "a\nc", "10", "9", "a" * 40, "中文", "😀😀", "[a&&b]"),
    }
)
texts = st.sampled_from(TERMS) | st.text(st.sampled_from(CHARACTERS), max_size=4)


@cache
def indexed() -> tuple[tantivy.Schema, tantivy.Searcher]:
    schema = tantivy.SchemaBuilder().add_text_field("term", stored=True, tokenizer_name="raw").build()
    index = tantivy.Index(schema)
    writer = index.writer(15_000_000, 1)
    for term in TERMS:
        writer.add_document(tantivy.Document(term=term))
    writer.commit()
    index.reload()
    return schema, index.searcher()


def matched(expression: str | None) -> list[str]:
    """The terms that Tantivy finds."""
    if expression is None:
        return []
    schema, searcher = indexed()
    if not expression:
        return []  # the empty text is asked for as a term, and is none of these
    hits = searcher.search(tantivy.Query.regex_query(schema, "term", expression), len(TERMS)).hits
    return sorted(str(searcher.doc(address)["term"][0]) for _, address in hits)


@given(low=st.none() | texts, high=st.none() | texts, include_low=st.booleans(), include_high=st.booleans())
def test_a_range_holds_the_terms_that_compare_so(
    low: str | None, high: str | None, include_low: bool, include_high: bool
) -> None:
    def within(term: str) -> bool:
        above = low is None or term > low or (include_low and term == low)
        return above and (high is None or term < high or (include_high and term == high))

    found = matched(range_expression(low, high, include_low=include_low, include_high=include_high))
    assert found == [term for term in TERMS if within(term)]


@given(texts)
def test_a_prefix_is_what_terms_begin_with(prefix: str) -> None:
    assert matched(prefix_expression(prefix)) == [term for term in TERMS if term.startswith(prefix)]


@given(st.text(st.sampled_from("aAbBéÉ.😀"), max_size=3))
def test_a_prefix_without_case_matches_either(prefix: str) -> None:
    expected = [term for term in TERMS if term.lower().startswith(prefix.lower())]
    assert matched(prefix_expression(prefix, case_insensitive=True)) == expected


@given(st.lists(st.sampled_from([*CHARACTERS.replace("\\", ""), "*", "?", r"\*", r"\?", r"\\"]), max_size=5))
def test_a_wildcard_matches_what_its_stars_and_question_marks_say(parts: list[str]) -> None:
    plain = {"*": "(?s:.)*", "?": "(?s:.)", r"\*": r"\*", r"\?": r"\?", r"\\": r"\\"}
    judge = re.compile("".join(plain.get(part) or re.escape(part) for part in parts))
    found = matched(wildcard_expression("".join(parts)))
    assert found == ([term for term in TERMS if judge.fullmatch(term)] if parts else [])


def test_a_wildcard_is_as_that_of_the_shell() -> None:
    for pattern in ("a*", "*b", "a?c", "*", "a*b*", "??"):
        assert matched(wildcard_expression(pattern)) == [term for term in TERMS if fnmatch.fnmatchcase(term, pattern)]


atoms = st.sampled_from(["a", "B", "é", "😀", ".", r"\.", r"\*", "[ab]", "[^a]", "[a-c]", "[0-9.]", r"\d", "( )", "()"])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{1,}"])),
    ),
    max_leaves=6,
)


@given(expressions)
def test_a_regular_expression_matches_whole_terms_as_that_of_python(pattern: str) -> None:
    judge = re.compile(pattern, re.DOTALL | re.ASCII)
    assert matched(regexp_expression(pattern)) == [term for term in TERMS if judge.fullmatch(term)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("#", []),
        ("a#|ab", ["ab"]),
        ("a(#|b)", ["ab"]),
        ("a#*b", ["ab"]),
        ("a#{0}b", ["ab"]),
        ("a#+b", []),
        ('"a."b?', ["a."]),
        ('"a.c"', ["a.c"]),
        ("a@c", ["a\nc", "a.c", "abc"]),
        ("*", ["*"]),
        ("*|9", ["*", "9"]),
        ("a(*)", ["a*"]),
        ("a{2}b", ["aab"]),
        ("(a|b){3}", ["aab"]),
        ("a**b", ["aaab", "aab", "ab"]),
        ("[]]", ["]"]),
        ("[a&&b]", ["&", "a"]),
        ("<", []),
    ],
)
def test_what_stands_where_no_operator_can_is_a_character(pattern: str, expected: list[str]) -> None:
    flags = "EMPTY|ANYSTRING|STRING"
    found = matched(regexp_expression(pattern, flags))
    assert found == (["<"] if pattern == "<" else expected)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a", "not closed"),
        ("(", "ends where something must follow"),
        ("a)", "closes nothing, at position 1"),
        ("a|", "ends where something must follow"),
        ("[a", "not closed"),
        ("[", "not closed"),
        ("[c-a]", "wrong way round"),
        ("a{", "no repetition"),
        ("a{,2}", "no repetition"),
        ("a{2,1}", "wrong way round"),
        ("a{1001}", "more than 1000 times"),
        ("a\\", "backslash"),
        ('"a', "not closed"),
        ("~a", "complement"),
        ("a&b", "intersection"),
        ("<1-2>", "numeric interval"),
        ("(" * 60 + "a" + ")" * 60, "more than 50 groups"),
        ("a" * 1001, "exceeded the allowed maximum"),
    ],
)
def test_a_regular_expression_that_cannot_be_read_is_refused_by_what_is_wrong(pattern: str, said: str) -> None:
    with pytest.raises(PatternError, match=re.escape(said)):
        regexp_expression(pattern)


def test_a_flag_that_there_is_none_of_is_named() -> None:
    with pytest.raises(PatternError, match="WRONG"):
        regexp_expression("a", "ALL|WRONG")


def _refusal(expression: str | None) -> str | None:
    try:
        matched(expression)
    except ValueError as error:
        return str(error)
    return None


@given(st.text(st.sampled_from('ab|*+?{}()[]^-\\.,"#@~&<>01'), max_size=12), st.booleans())
def test_what_is_let_through_is_an_expression_that_tantivy_reads(pattern: str, case_insensitive: bool) -> None:
    try:
        expression = regexp_expression(pattern, case_insensitive=case_insensitive)
    except PatternError:
        return
    refusal = _refusal(expression)
    assert refusal is None or "exceeds size limit" in refusal
