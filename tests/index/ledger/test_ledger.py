"""What a ledger keeps, and under which conditions it takes a write."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from isthmus.errors import CannotCreateError
from isthmus.index.ledger.errors import LedgerClosedError
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, OpType, Outcome, Refused, StoredDocument, Written
from isthmus.index.ledger.schema import FILE
from isthmus.index.ledger.views import Views

LATER = 2**62


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.create(tmp_path, "uuid-1")
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
    assert updated == Written(id="a", result="updated", version=2, seq_no=1, replaces=True)
    assert deleted == Written(id="a", result="deleted", version=3, seq_no=2, replaces=True)
    assert again == Written(id="a", result="created", version=4, seq_no=3)
    assert ledger.get(["a"]) == [StoredDocument(id="a", seq_no=3, version=4, source=b"[]")]
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


@pytest.mark.parametrize(
    ("kind", "conditions", "told"),
    [
        ("index", {"if_seq_no": 1}, "must be set together"),
        ("delete", {"if_primary_term": 1}, "must be set together"),
        ("index", {"if_seq_no": -1, "if_primary_term": 1}, r"must be non negative. got \[-1\]"),
        ("create", {"if_seq_no": 0, "if_primary_term": 1}, "do not support compare and set"),
        ("index", {"version": 3}, "internal versioning can not be used"),
        ("index", {"version_type": "external"}, r"illegal version value \[None\] for version type \[EXTERNAL\]"),
        ("create", {"version": 3, "version_type": "external"}, "only support internal versioning"),
        (
            "index",
            {"version": 3, "version_type": "external", "if_seq_no": 0, "if_primary_term": 1},
            "compare and write operations can not use versioning",
        ),
    ],
)
def test_conditions_that_contradict_each_other_are_refused_by_name(
    ledger: Ledger, kind: OpType, conditions: dict[str, Any], told: str
) -> None:
    outcome = only(ledger.apply([Operation(kind=kind, id="a", **conditions)]))
    assert isinstance(outcome, Refused)
    assert (outcome.type, outcome.status) == ("action_request_validation_exception", 400)
    assert re.search(told, outcome.reason)
    assert ledger.max_seq_no == -1


def test_a_reopened_ledger_goes_on_where_it_was(ledger: Ledger) -> None:
    ledger.apply([index("a", routing="r"), index("b"), delete("b")])
    ledger.close()
    again = Ledger(ledger.path.parent, "uuid-1")
    assert (again.max_seq_no, again.count) == (2, 1)
    assert again.get(["b", "a", "c"]) == [
        None,
        StoredDocument(id="a", seq_no=0, version=1, routing="r", source=b"{}"),
        None,
    ]
    again.close()


def test_changes_come_in_order_and_are_bounded(ledger: Ledger) -> None:
    ledger.apply([index(str(number)) for number in range(10)])
    assert [change.seq_no for change in ledger.changes(3, 4)] == [4, 5, 6, 7]


def test_documents_are_listed_as_they_are_and_in_the_order_they_were_made(ledger: Ledger) -> None:
    ledger.apply([index("a"), index("b"), index("c"), index("a", b"[2]"), delete("b")])
    assert [(one.id, one.source) for one in ledger.documents(-1, 9)] == [("c", b"{}"), ("a", b"[2]")]
    assert [one.id for one in ledger.documents(2, 9)] == ["a"]


def test_many_ids_are_found_at_once_and_answered_in_the_order_asked(ledger: Ledger) -> None:
    ids = [f"id-{number}" for number in range(1200)]
    ledger.apply([index(id_, id_.encode()) for id_ in ids])
    asked = [*reversed(ids), "absent", ids[0]]
    found = ledger.get(asked)
    assert [one and one.source.decode() for one in found] == [*reversed(ids), None, ids[0]]
    assert sorted(ledger.sources(range(1200))) == list(range(1200))


@pytest.mark.parametrize("id_", ["a\0b", "", "ä😀", "a'\"b", "x" * 512])
def test_any_id_leads_to_its_own_document(ledger: Ledger, id_: str) -> None:
    ledger.apply([index("a", b"another"), index(id_, b"mine")])
    assert [one and one.source for one in ledger.get([id_, "a"])] == [b"mine", b"another"]
    assert reason(only(ledger.apply([Operation(kind="create", id=id_)]))).startswith(f"[{id_}]: version conflict")


def test_a_superseded_operation_is_readable_until_every_view_sees_its_successor(ledger: Ledger) -> None:
    ledger.apply([index("a", b"1")])
    views = Views().opened("pit", ledger.max_seq_no)
    ledger.apply([index("a", b"2")])
    assert ledger.prune(views.seen_by_all(ledger.max_seq_no)) == 0
    assert ledger.sources([0])[0].source == b"1"
    assert ledger.prunable_count() == 1
    assert ledger.prune(views.closed("pit").seen_by_all(ledger.max_seq_no)) == 1
    assert ledger.sources([0]) == {}
    assert ledger.prunable_count() == 0
    assert [change.source for change in ledger.changes(-1, 9)] == [b"2"]


def test_what_waits_to_be_pruned_is_counted_once(ledger: Ledger) -> None:
    ledger.apply([delete("a"), index("a"), delete("a"), delete("b")])
    assert ledger.prunable_count() == 4
    ledger.apply([index("c"), index("c")])
    assert ledger.prunable_count() == 5


def test_garbage_is_found_again_after_a_restart_and_pruned_in_slices(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.apply([index(str(number)) for number in range(1500)])
    ledger.close()
    again = Ledger(ledger.path.parent, "uuid-1")
    assert again.prune(again.max_seq_no) == 3000
    assert [one.seq_no for one in again.changes(-1, 9999)] == list(range(3000, 4500))
    again.close()


def test_a_pruned_tombstone_is_forgotten_and_its_sequence_number_is_not_used_again(
    ledger: Ledger,
) -> None:
    ledger.apply([index("b"), delete("a")])
    assert ledger.prune_tombstones(LATER, seen=0) == 0
    assert ledger.prune_tombstones(0, seen=1) == 0
    assert ledger.prune_tombstones(LATER, seen=1) == 1
    ledger.close()
    again = Ledger(ledger.path.parent, "uuid-1")
    assert only(again.apply([index("a")])) == Written(id="a", result="created", version=1, seq_no=2)
    again.close()


def test_a_document_written_over_a_tombstone_outlasts_its_pruning(ledger: Ledger) -> None:
    ledger.apply([delete("a"), index("a", b"kept")])
    assert ledger.prune_tombstones(LATER, seen=9) == 1
    assert ledger.prune(9) == 1
    (stored,) = ledger.get(["a"])
    assert stored is not None
    assert (stored.source, stored.version) == (b"kept", 2)


def test_a_copy_made_while_writes_go_on_is_whole_and_of_one_moment(ledger: Ledger, tmp_path: Path) -> None:
    ledger.apply([index(str(number)) for number in range(1000)])
    folder = tmp_path / "copy"
    folder.mkdir()
    target = folder / FILE
    done = threading.Event()
    writing = threading.Thread(target=_write_until, args=(ledger, done))
    writing.start()
    try:
        ledger.copy_to(target)
    finally:
        done.set()
        writing.join()
    assert [one.name for one in folder.iterdir()] == [FILE]
    assert target.stat().st_mode & 0o777 == 0o600
    copy = Ledger(folder, "uuid-1")
    changes = copy.changes(-1, 100_000)
    assert changes == ledger.changes(-1, len(changes))
    assert len(changes) >= 1000
    assert len(changes) % 10 == 0, "a commit is in the copy whole or not at all"
    copy.close()


def _write_until(ledger: Ledger, done: threading.Event) -> None:
    while not done.is_set():
        ledger.apply([index(f"more-{number}") for number in range(10)])


def test_a_copy_never_overwrites(ledger: Ledger, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_bytes(b"precious")
    with pytest.raises(CannotCreateError):
        ledger.copy_to(there)
    assert there.read_bytes() == b"precious"


def test_readers_in_many_threads_see_every_acknowledged_write(ledger: Ledger) -> None:
    def write_and_read(worker: int) -> bool:
        for number in range(50):
            ledger.apply([index(f"{worker}", str(number).encode())])
            (stored,) = ledger.get([f"{worker}"])
            if stored is None or stored.source != str(number).encode():
                return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(write_and_read, range(12)))
    assert (ledger.max_seq_no, ledger.count) == (599, 12)


def test_a_ledger_that_rests_holds_no_file_open_and_goes_on_when_it_is_needed(ledger: Ledger) -> None:
    ledger.apply([index("a")])
    ledger.get(["a"])
    assert _opened(ledger)
    ledger.rest()
    assert not _opened(ledger)
    assert ledger.get(["a"]) != [None]
    assert isinstance(only(ledger.apply([index("b")])), Written)


def _opened(ledger: Ledger) -> list[str]:
    return [one.path for one in psutil.Process().open_files() if one.path.startswith(str(ledger.path))]


def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(LedgerClosedError):
        ledger.apply([index("a")])
    with pytest.raises(LedgerClosedError):
        ledger.get(["a"])
    with pytest.raises(LedgerClosedError):
        ledger.prune(0)
    ledger.close()


def test_a_new_ledger_never_takes_the_place_of_another(ledger: Ledger) -> None:
    ledger.apply([index("a")])
    with pytest.raises(CannotCreateError):
        Ledger.create(ledger.path.parent, "uuid-2")
    assert ledger.get(["a"]) != [None]
    assert ledger.path.stat().st_mode & 0o777 == 0o600
