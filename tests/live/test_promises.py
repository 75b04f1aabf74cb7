"""What the crash test calls a broken promise."""

from __future__ import annotations

from tests.live.crashing import Promises


def _promised() -> Promises:
    promises = Promises()
    promises.sent({"a": 1, "b": 1})
    promises.acknowledged({"a": 1, "b": 1})
    promises.sent({"a": 2})
    return promises


def test_what_was_acknowledged_must_be_there_or_what_was_sent_after_it() -> None:
    assert _promised().broken({"a": 1, "b": 1}) == []
    assert _promised().broken({"a": 2, "b": 1}) == []
    assert _promised().broken({"a": 1}) == ["[b] holds None, possible is [1]"]


def test_what_was_over_must_not_come_back() -> None:
    promises = _promised()
    promises.acknowledged({"a": 2})
    assert promises.broken({"a": 1, "b": 1}) == ["[a] holds 1, possible is [2]"]


def test_a_deletion_is_promised_too() -> None:
    promises = _promised()
    promises.sent({"b": None})
    assert promises.broken({"a": 1}) == []
    promises.acknowledged({"b": None})
    assert promises.broken({"a": 1, "b": 1}) == ["[b] holds 1, possible is [None]"]


def test_a_document_that_nobody_acknowledged_may_be_absent() -> None:
    promises = Promises()
    promises.sent({"a": 1})
    assert promises.broken({}) == []
    assert promises.broken({"a": 1}) == []
