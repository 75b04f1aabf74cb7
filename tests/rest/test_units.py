"""Sizes and times in Elasticsearch's writing."""

from __future__ import annotations

import pytest

from isthmus.rest.units import Duration, Size


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0b"), (1023, "1023b"), (1024, "1kb"), (1536, "1.5kb"), (1024**2 - 1, "1023.9kb"), (3 << 30, "3gb")],
)
def test_a_size_is_written_in_the_largest_unit_that_fits(size: int, text: str) -> None:
    assert Size(size).text() == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0nanos"), (0.0015, "1.5ms"), (59.0, "59s"), (90.0, "1.5m"), (86400.0, "1d")]
)
def test_so_is_a_time(seconds: float, text: str) -> None:
    assert Duration(seconds).text() == text


def test_a_unit_that_was_asked_for_is_not_written_and_parts_are_dropped() -> None:
    assert Size(1536).text("kb") == "1"
    assert Duration(90.0).text("m") == "1"
    assert Duration(0.5).text("ms") == "500"
