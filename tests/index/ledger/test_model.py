"""Any sequence of operations, judged by a dict that follows Elasticsearch's rules of versions."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation, Outcome, Refused, Written
from isthmus.index.ledger.schema import FILE
from isthmus.index.ledger.views import Views

IDS = st.sampled_from(["a", "b", "c", "a\0", "ä", ""])
SMALL = st.integers(0, 12)


@dataclass(frozen=True)
class Known:
    """A document of the model."""

    seq_no: int
    version: int
    source: bytes | None


def plain() -> st.SearchStrategy[Operation]:
    return st.builds(
        Operation,
        kind=st.sampled_from(["index", "create", "delete"]),
        id=IDS,
        source=st.binary(max_size=20),
        routing=st.none() | st.just("r"),
    )


def conditional() -> st.SearchStrategy[Operation]:
    return st.builds(
        Operation, kind=st.sampled_from(["index", "delete"]), id=IDS, if_seq_no=SMALL, if_primary_term=st.just(1)
    )


def external() -> st.SearchStrategy[Operation]:
    return st.builds(
        Operation,
        kind=st.sampled_from(["index", "delete"]),
        id=IDS,
        version=SMALL,
        version_type=st.sampled_from(["external", "external_gte"]),
    )


class LedgerAndModel(RuleBasedStateMachine):
    """The model keeps what is known of each document, and every operation that was ever made."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.ledger = Ledger.create(self.folder, "uuid")
        self.known: dict[str, Known] = {}
        self.made: dict[int, tuple[str, bytes | None]] = {}
        self.superseded_by: dict[int, int] = {}
        self.gone: set[int] = set()
        self.views = Views()
        self.next_seq_no = 0

    @rule(operations=st.lists(plain() | conditional() | external(), max_size=8))
    def apply(self, operations: list[Operation]) -> None:
        outcomes = self.ledger.apply(operations)
        assert len(outcomes) == len(operations)
        for operation, outcome in zip(operations, outcomes, strict=True):
            self._expect(operation, outcome)

    @rule()
    def reopen(self) -> None:
        self.ledger.close()
        self.ledger = Ledger(self.folder, "uuid")

    @rule()
    def rest(self) -> None:
        self.ledger.rest()

    @rule(name=st.sampled_from(["searcher", "scroll"]))
    def open_view(self, name: str) -> None:
        self.views = self.views.opened(name, self.next_seq_no - 1)

    @rule(name=st.sampled_from(["searcher", "scroll"]))
    def close_view(self, name: str) -> None:
        self.views = self.views.closed(name)

    @rule()
    def prune(self) -> None:
        seen = self.views.seen_by_all(self.next_seq_no - 1)
        self.ledger.prune(seen)
        self.gone |= {seq_no for seq_no, by in self.superseded_by.items() if by <= seen}

    @rule()
    def prune_tombstones(self) -> None:
        seen = self.views.seen_by_all(self.next_seq_no - 1)
        self.ledger.prune_tombstones(2**62, seen)
        self.gone |= {seq_no for seq_no, (_, source) in self.made.items() if source is None and seq_no <= seen}
        self.known = {id_: one for id_, one in self.known.items() if one.seq_no not in self.gone}

    @rule()
    def copy(self) -> None:
        folder = self.folder / "copy"
        folder.mkdir()
        self.ledger.copy_to(folder / FILE)
        copy = Ledger(folder, "uuid")
        assert copy.changes(-1, 10_000) == self.ledger.changes(-1, 10_000)
        assert (copy.max_seq_no, copy.count) == (self.ledger.max_seq_no, self.ledger.count)
        copy.close()
        shutil.rmtree(folder)

    @invariant()
    def documents_are_those_of_the_model(self) -> None:
        found = [one for one in self.ledger.get(["a", "b", "c", "a\0", "ä", ""]) if one is not None]
        assert {one.id: Known(one.seq_no, one.version, one.source) for one in found} == {
            id_: one for id_, one in self.known.items() if one.source is not None
        }
        live = sorted(one.seq_no for one in self.known.values() if one.source is not None)
        assert [one.seq_no for one in self.ledger.documents(-1, 10_000)] == live
        assert (self.ledger.count, self.ledger.max_seq_no) == (len(live), self.next_seq_no - 1)

    @invariant()
    def operations_are_kept_until_every_view_has_seen_what_followed(self) -> None:
        kept = [(one.seq_no, one.id, None if one.deleted else one.source) for one in self.ledger.changes(-1, 10_000)]
        assert kept == [(seq_no, *one) for seq_no, one in sorted(self.made.items()) if seq_no not in self.gone]

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    def _expect(self, operation: Operation, outcome: Outcome) -> None:
        before = self.known.get(operation.id)
        live = before is not None and before.source is not None
        if not self._allowed(operation, before, live=live):
            assert isinstance(outcome, Refused)
            assert outcome.status == 409
            return
        deletes = operation.kind == "delete"
        version = operation.version if operation.version is not None else (before.version + 1 if before else 1)
        assert outcome == Written(
            id=operation.id,
            result=("deleted" if live else "not_found") if deletes else ("updated" if live else "created"),
            version=version,
            seq_no=self.next_seq_no,
            replaces=live,
        )
        if before is not None:
            self.superseded_by[before.seq_no] = self.next_seq_no
        source = None if deletes else operation.source
        self.known[operation.id] = Known(self.next_seq_no, version, source)
        self.made[self.next_seq_no] = (operation.id, source)
        self.next_seq_no += 1

    def _allowed(self, operation: Operation, before: Known | None, *, live: bool) -> bool:
        if operation.if_seq_no is not None:
            return live and before is not None and before.seq_no == operation.if_seq_no
        if operation.version is not None:
            least = operation.version - (operation.version_type == "external")
            return before is None or before.version <= least
        return operation.kind != "create" or not live


TestLedgerAndModel = LedgerAndModel.TestCase
TestLedgerAndModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
