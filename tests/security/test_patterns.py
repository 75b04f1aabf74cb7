"""Patterns of names: which match, and which cover others."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.security.languages import TooComplexError
from isthmus.security.patterns import Patterns, covers

few = st.text("ab.*?", max_size=8)
names = st.text("ab.", max_size=12)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("logs", "logs", "logs2"),
        ("logs-*", "logs-", "logs"),
        ("l?gs", "lags", "lgs"),
        ("*-a-*-b", "x-a--b", "x-a-b"),
        ("a*b*b", "abb", "ab"),
        (r"a\*", "a*", "ab"),
        ("*", "a\nb", None),
        ("/~(([.]|ilm-history-).*)/", "logs", ".security"),
        ("/metrics-(beats|kibana).*/", "metrics-beats.1", "metrics-other"),
        ("/a{2,3}b+/", "aaab", "aaaab"),
        ("/a{1,}/", "aaaa", ""),
        ('/"a.b"[^x-z]/', "a.bc", "a.by"),
        ("/@c&a.*/", "abc", "bc"),
        ("/a(|b)#?/", "a", "b"),
    ],
)
def test_a_pattern_matches(pattern: str, matching: str, other: str | None) -> None:
    found = Patterns([pattern])
    assert found.matches(matching)
    assert other is None or not found.matches(other)


@given(few, names)
def test_stars_and_question_marks_mean_what_shells_mean(pattern: str, name: str) -> None:
    assert Patterns([pattern]).matches(name) == fnmatch.fnmatchcase(name, pattern)


@given(st.lists(few, max_size=3), st.lists(few, min_size=1, max_size=2), names)
def test_what_is_covered_matches_nothing_else(wide: list[str], narrow: list[str], name: str) -> None:
    if covers(tuple(wide), tuple(narrow)) and Patterns(narrow).matches(name):
        assert Patterns(wide).matches(name)


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        (("logs-*",), ("logs-a", "logs-b-*"), True),
        (("logs-*",), ("log*",), False),
        (("/(a|b).*/",), ("a*",), True),
        (("a*", "b*"), ("/[ab].+/",), True),
        (("[ab]*",), ("a",), False),
    ],
)
def test_patterns_cover_others(wide: tuple[str, ...], narrow: tuple[str, ...], does: bool) -> None:
    assert covers(wide, narrow) is does


@pytest.mark.parametrize(
    "pattern", ["/a", "/", "/(/", "/[a/", "/*/", "/a{9999}/", "/<1-5>/", r"/\d/", "/a{3,2}/", "/)/"]
)
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(IsthmusError):
        Patterns([pattern])


@given(st.text(r"ab.*+?{}[]()|&~@#\"<>^-,12", max_size=12), st.text("ab", max_size=6))
def test_any_expression_is_read_or_refused(expression: str, name: str) -> None:
    try:
        Patterns([f"/{expression}/"]).matches(name)
    except IsthmusError:
        return


def test_an_expression_that_others_would_take_ages_for_is_decided() -> None:
    assert not Patterns(["/(a+)+(a+)+(a|aa)+b/"]).matches("a" * 255)
    assert not Patterns(["*a" * 30 + "*b"]).matches("a" * 255)


def test_patterns_that_cannot_be_compared_in_bounded_time_are_refused() -> None:
    with pytest.raises(TooComplexError):
        covers(("/.*a.{15}/",), ("/.*a.{14}./",))
