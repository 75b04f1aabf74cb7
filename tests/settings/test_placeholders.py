"""`${NAME}` and `${NAME:default}`."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.settings.placeholders import fill

ENVIRON = {"HOST": "10.0.0.1", "EMPTY": "", "TRAP": "${HOST}"}


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("${HOST}", "10.0.0.1"),
        ("${HOST}:9300,${HOST}:9301", "10.0.0.1:9300,10.0.0.1:9301"),
        ("${NONE:127.0.0.1:9300}", "127.0.0.1:9300"),
        ("${HOST:other}", "10.0.0.1"),
        ("${NONE:}", ""),
        ("${EMPTY:x}", ""),
        ("$HOST {HOST} $", "$HOST {HOST} $"),
        ("${TRAP}", "${HOST}"),
    ],
)
def test_a_placeholder_is_the_variable_else_its_default(value: str, filled: str) -> None:
    assert fill(value, ENVIRON) == filled


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("${NONE}", "no variable"),
        ("${HOST", "not closed"),
        ("${A:${B}}", "holds another"),
        ("${}", "names no variable"),
    ],
)
def test_a_placeholder_that_cannot_be_filled_is_refused(value: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        fill(value, ENVIRON)


def test_a_filled_value_is_bounded() -> None:
    with pytest.raises(ValueError, match="longer than"):
        fill("${A}${A}", {"A": "x" * 40_000})


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_a_text_without_placeholder_stays_as_it_is(value: str, environ: dict[str, str]) -> None:
    if "${" not in value:
        assert fill(value, environ) == value


@given(st.text(alphabet="${}:AB"))
def test_any_text_is_filled_or_refused(value: str) -> None:
    with suppress(ValueError):
        assert "${A}" not in fill(value, {"A": "a", "B": "b"})
