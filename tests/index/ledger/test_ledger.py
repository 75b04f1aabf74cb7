"""What a ledger keeps, and under which conditions it takes a write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.errors import CannotCreateError, NoInputError, StorageError
from isthmus.index.ledger.errors import LedgerClosedError, LedgerDamagedError, LedgerFormatError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, Outcome, Refused, StoredDocument, Written
from isthmus.index.ledger.views import Views


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.create(tmp_path / "ledger.sqlite", "uuid-1")
    yield opened
    opened.close()


def index(id_: str, source: bytes = b"{}", **conditions: object) -> Operation:
    return Operation(kind="index", id=id_, source=source, **conditions)  # type: ignore[arg-type]


def delete(id_: str) -> Operation:
    return Operation(kind="delete", id=id_)


def only(outcomes: list[Outcome]) -> Outcome:
    (outcome,) = outcomes
    return outcome


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused)
    return outcome.reason


def test_operations_of_one_batch_see_each_other(ledger: Ledger) -> None:
    created, updated, deleted, again = ledger.apply([index("a"), index("a"), delete("a"), index("a", b"[]")])
    assert created == Written(id="a", result="created", version=1, seq_no=0)
    assert updated == Written(id="a", result="updated", version=2, seq_no=1, superseded=0)
    assert deleted == Written(id="a", result="deleted", version=3, seq_no=2, superseded=1)
    assert again == Written(id="a", result="created", version=4, seq_no=3)
    assert ledger.get("a") == StoredDocument(id="a", seq_no=3, version=4, source=b"[]")
    assert (ledger.max_seq_no, ledger.count) == (3, 1)


def test_deleting_an_absent_document_uses_a_version_and_a_sequence_number(ledger: Ledger) -> None:
    assert only(ledger.apply([delete("a")])) == Written(id="a", result="not_found", version=1, seq_no=0)
    assert only(ledger.apply([delete("a")])) == Written(id="a", result="not_found", version=2, seq_no=1)
    assert only(ledger.apply([index("a")])) == Written(id="a", result="created", version=3, seq_no=2)


def test_a_refused_operation_does_not_hinder_the_others_nor_use_a_sequence_number(ledger: Ledger) -> None:
    create = Operation(kind="create", id="a", source=b"{}")
    first, refused, other = ledger.apply([create, create, index("b")])
    assert refused == Refused(
        id="a",
        type="version_conflict_engine_exception",
        reason="[a]: version conflict, document already exists (current version [1])",
        status=409,
    )
    assert [getattr(outcome, "seq_no", None) for outcome in (first, other)] == [0, 1]


def test_a_write_on_another_sequence_number_is_a_conflict_that_names_both(ledger: Ledger) -> None:
    ledger.apply([index("a"), index("a")])
    late = only(ledger.apply([index("a", if_seq_no=0, if_primary_term=1)]))
    assert reason(late) == (
        "[a]: version conflict, required seqNo [0], primary term [1]. "
        "current document has seqNo [1] and primary term [1]"
    )
    absent = only(ledger.apply([index("b", if_seq_no=0, if_primary_term=1)]))
    assert reason(absent).endswith("required seqNo [0], primary term [1]. but no document was found")
    assert isinstance(only(ledger.apply([index("a", if_seq_no=1, if_primary_term=1)])), Written)


def test_an_external_version_must_be_higher_and_external_gte_may_be_equal(ledger: Ledger) -> None:
    ledger.apply([index("a", version=5, version_type="external")])
    equal = only(ledger.apply([index("a", version=5, version_type="external")]))
    assert reason(equal) == "[a]: version conflict, current version [5] is higher or equal to the one provided [5]"
    lower = only(ledger.apply([index("a", version=4, version_type="external_gte")]))
    assert reason(lower) == "[a]: version conflict, current version [5] is higher than the one provided [4]"
    again = only(ledger.apply([index("a", version=5, version_type="external_gte")]))
    assert isinstance(again, Written)
    assert again.version == 5


def test_a_reopened_ledger_goes_on_where_it_was(ledger: Ledger) -> None:
    ledger.apply([index("a", routing="r"), index("b"), delete("b")])
    ledger.close()
    again = Ledger.open(ledger.path)
    assert (again.uuid, again.max_seq_no, again.count) == ("uuid-1", 2, 1)
    assert again.get("a") == StoredDocument(id="a", seq_no=0, version=1, routing="r", source=b"{}")
    again.close()


def test_changes_come_in_order_and_are_bounded(ledger: Ledger) -> None:
    ledger.apply([index(str(number)) for number in range(10)])
    assert [change.seq_no for change in ledger.changes(3, 4)] == [4, 5, 6, 7]


def test_a_superseded_operation_is_readable_until_every_view_sees_its_successor(ledger: Ledger) -> None:
    ledger.apply([index("a", b"1")])
    views = Views().opened("pit", ledger.max_seq_no)
    ledger.apply([index("a", b"2")])
    assert ledger.prune_superseded(views.seen_by_all(ledger.max_seq_no)) == 0
    assert [old.source for old in ledger.sources([0])] == [b"1"]
    assert ledger.prune_superseded(views.closed("pit").seen_by_all(ledger.max_seq_no)) == 1
    assert ledger.sources([0]) == []
    assert [change.source for change in ledger.changes(-1, 9)] == [b"2"]


def test_a_pruned_tombstone_is_forgotten_and_its_sequence_number_is_not_used_again(ledger: Ledger) -> None:
    ledger.apply([delete("a")])
    assert ledger.prune_tombstones(0, 2**62) == 0
    ledger.apply([index("b")])
    assert ledger.prune_tombstones(0, 2**62) == 0 + 1
    assert ledger.get("a") is None
    assert only(ledger.apply([index("a")])) == Written(id="a", result="created", version=1, seq_no=2)


def test_a_tombstone_that_was_written_over_is_not_pruned_as_one(ledger: Ledger) -> None:
    ledger.apply([delete("a"), index("a", b"kept"), index("b")])
    assert ledger.prune_tombstones(9, 2**62) == 0
    stored = ledger.get("a")
    assert stored is not None
    assert stored.source == b"kept"


def test_a_copy_holds_the_same_and_is_for_its_owner_only(ledger: Ledger, tmp_path: Path) -> None:
    ledger.apply([index(str(number)) for number in range(100)])
    target = tmp_path / "copy.sqlite"
    ledger.copy_to(target)
    with pytest.raises(CannotCreateError):
        ledger.copy_to(target)
    copy = Ledger.open(target)
    assert copy.changes(-1, 1000) == ledger.changes(-1, 1000)
    assert (copy.count, target.stat().st_mode & 0o777, ledger.path.stat().st_mode & 0o777) == (100, 0o600, 0o600)
    copy.close()


def test_a_full_file_refuses_the_whole_batch_and_the_ledger_goes_on(ledger: Ledger) -> None:
    ledger.apply([index("a")])
    pages = ledger._writer.execute("PRAGMA page_count").fetchone()[0]
    ledger._writer.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StorageError, match="full"):
        ledger.apply([index(str(number), b"x" * 5000) for number in range(100)])
    assert (ledger.max_seq_no, ledger.count, ledger.get("1")) == (0, 1, None)
    ledger._writer.execute("PRAGMA max_page_count=100000")
    assert isinstance(only(ledger.apply([index("b")])), Written)


def test_a_newer_format_is_refused_by_name(ledger: Ledger) -> None:
    ledger.close()
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(LedgerFormatError, match=r"format \[99\]"):
        Ledger.open(ledger.path)


def test_what_is_no_ledger_or_is_cut_short_is_told(ledger: Ledger, tmp_path: Path) -> None:
    ledger.apply([index(str(number), b"x" * 1000) for number in range(100)])
    ledger.close()
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LedgerDamagedError):
        Ledger.open(ledger.path)
    ledger.path.write_bytes(b"no database" * 100)
    with pytest.raises(LedgerDamagedError):
        Ledger.open(ledger.path)
    with pytest.raises(NoInputError):
        Ledger.open(tmp_path / "absent")


def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(LedgerClosedError):
        ledger.apply([index("a")])
    with pytest.raises(LedgerClosedError):
        ledger.get("a")
