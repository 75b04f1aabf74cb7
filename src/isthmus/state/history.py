"""The values that the map is replicated by, and what a copy needs to become equal to the owner's.

The map's history is a sequence of commits, each raising the revision by one. A term is one owner's reign; it begins
at the revision that its owner held when it took over. Two copies that stand at the same revision of the same term
are equal; a copy whose last term went on, without its owner's successor knowing, has diverged.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Write(msgspec.Struct, frozen=True):
    """A wish to set `key` to `value` (None deletes it), if the key's revision is `expected` (0: absent; None: any)."""

    key: str
    value: bytes | None
    expected: int | None = None


class Commit(msgspec.Struct, frozen=True):
    """What one commit did to the map: `revision` is the map's after it; a value of None is a deletion."""

    revision: int
    changes: dict[str, bytes | None]


class StoredEntry(msgspec.Struct, frozen=True):
    """One key of a snapshot, with the revision of its last write."""

    key: str
    value: bytes
    revision: int


class Term(msgspec.Struct, frozen=True):
    """One owner's reign: its number, its owner, and the map's revision when it began."""

    number: int
    owner_id: str
    owner_name: str
    first_revision: int


class Snapshot(msgspec.Struct, frozen=True):
    """The whole map at one revision, with the terms that led to it."""

    revision: int
    entries: list[StoredEntry]


class Position(msgspec.Struct, frozen=True):
    """Where a copy stands: the term it last followed and the revision it holds. A blank copy stands at (0, 0)."""

    term: int
    revision: int


class Need(StrEnum):
    """What brings a copy up to date."""

    NOTHING = "nothing"
    COMMITS = "commits"
    SNAPSHOT = "snapshot"


def need_of(copy: Position, terms: Sequence[Term], revision: int) -> Need:
    """Say what a copy at `copy` needs to equal an owner at `revision` whose history is `terms` (in order).

    A copy that went further in its term than the term lasted for the owner has diverged: only a snapshot helps.
    """
    if copy.term == 0 or copy.revision > _end_of(copy.term, terms, revision):
        return Need.SNAPSHOT
    return Need.NOTHING if copy.revision == revision else Need.COMMITS


def _end_of(number: int, terms: Sequence[Term], revision: int) -> int:
    if all(term.number != number for term in terms):
        return -1
    later = [term.first_revision for term in terms if term.number > number]
    return min(later, default=revision)
