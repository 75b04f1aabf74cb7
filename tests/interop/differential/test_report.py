"""The page of the comparison counts every answer once and says of every difference why."""

from __future__ import annotations

from datetime import date

from tests.interop.differential.asked import Asked
from tests.interop.differential.report import Row, page, rows
from tests.interop.differential.running import Known, Verdict

REASON = Known("b/*", ("ours", "theirs"), "a | b is read in another way")
VERDICTS = [
    Verdict(Asked("a/one", "GET", "/"), "theirs", (), None),
    Verdict(Asked("b/two", "GET", "/"), "theirs", ("hits: 1, theirs 2",), REASON),
    Verdict(Asked("a/three", "GET", "/"), "others", ("total 3, theirs 4",), None),
]
VERSIONS = {"ours": "1.0", "theirs": "8.1", "others": "2.1"}


def test_every_answer_is_equal_known_or_unknown() -> None:
    assert rows(VERDICTS) == [Row("a", 1, 0, 1), Row("b", 0, 1, 0), Row("all", 1, 1, 1)]


def test_the_page_names_its_day_and_the_engines() -> None:
    assert "Asked on 2026-03-04: ours 1.0, judged by theirs 8.1 and others 2.1." in page(
        VERDICTS, VERSIONS, date(2026, 3, 4)
    )


def test_the_page_tells_known_differences_with_their_reason_and_the_others_as_they_are() -> None:
    shown = page(VERDICTS, VERSIONS, date(2026, 3, 4)).splitlines()
    assert "| a \\| b is read in another way | theirs | `b/two` |" in shown
    assert "| a/three | others | total 3, theirs 4 |" in shown


def test_a_page_without_unknown_differences_has_no_place_for_them() -> None:
    assert "not explained" not in page(VERDICTS[:2], VERSIONS, date(2026, 3, 4))


def test_a_reason_that_says_what_differs_covers_nothing_else() -> None:
    scores = Known("b/*", ("ours", "theirs"), "other statistics", saying="score")
    asked = Asked("b/two", "GET", "/")
    assert scores.covers(asked, ["hits.max_score 1, theirs 2"])
    assert not scores.covers(asked, ["hits.max_score 1, theirs 2", "hits.total 1, theirs 2"])
    assert not scores.covers(Asked("a/one", "GET", "/"), ["hits.max_score 1, theirs 2"])
