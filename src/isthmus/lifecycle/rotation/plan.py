"""What is to become of whom: the channels of a rotation, their parties, and what each holds before and after.

A plan is a value that is written down once. How far it got is told by the events of the journal: `parties_of` folds
them into what `pki.rotation` decides on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import msgspec

from isthmus.lifecycle.rotation.inventory import Inventory
from isthmus.pki.rotation import Holding, Party

if TYPE_CHECKING:
    from isthmus.lifecycle.rotation.journal import Event

FORMAT_VERSION = 1

PartyKind = Literal["node", "file", "people"]


class HoldingRecord(msgspec.Struct, frozen=True):
    """A `Holding` as it is written down."""

    trusts: tuple[str, ...]
    leaf: str | None = None

    @classmethod
    def of(cls, holding: Holding) -> HoldingRecord:
        return cls(tuple(sorted(holding.trusts)), holding.leaf)

    @property
    def holding(self) -> Holding:
        """Return what it stands for."""
        return Holding(frozenset(self.trusts), self.leaf)


class PartyRecord(msgspec.Struct, frozen=True):
    """One party. node: `entry` is its number in the inventory's nodes; file: in its clients; people: those who trust
    the authority in ways that nobody here can look at, and for whom an operator must vouch."""

    name: str
    kind: PartyKind
    entry: int
    before: HoldingRecord
    after: HoldingRecord
    judges: bool


class ChannelRecord(msgspec.Struct, frozen=True):
    """One thing that is rotated: the certificates of one channel. `channel` is `transport` or `http`."""

    channel: str
    parties: tuple[PartyRecord, ...]


class Plan(msgspec.Struct, frozen=True):
    """A rotation. Authorities are named by their fingerprints; `before` are to go, `after` to come (equal: they stay).

    `signer` says, for a person, who signs the new leaves. `asked` are the channels that were asked for; `channels` has
    HTTP within the transport where both are served from the same files. `started` is a moment (UTC, ISO 8601).
    """

    format_version: int
    started: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    signer: str
    asked: tuple[str, ...]
    channels: tuple[ChannelRecord, ...]
    inventory: Inventory
    at_once: int = 1

    @property
    def changes_authority(self) -> bool:
        """Whether a CA goes and another comes."""
        return set(self.before) != set(self.after)

    @property
    def changes_leaves(self) -> bool:
        """Whether any leaf goes and another comes."""
        return any(one.before.leaf != one.after.leaf for channel in self.channels for one in channel.parties)

    def channel(self, name: str) -> ChannelRecord:
        """Return the channel of that name."""
        return next(one for one in self.channels if one.channel == name)


def parties_of(plan: Plan, events: Iterable[Event]) -> dict[str, list[Party]]:
    """Give the parties of each channel as they stand after `events`; nobody was seen before the first."""
    standing = {
        (one.channel, party.name): Party(
            party.name, party.before.holding, party.after.holding, judges=party.judges, seen=False
        )
        for one in plan.channels
        for party in one.parties
    }
    for event in events:
        _apply(standing, event, plan)
    return {one.channel: [standing[one.channel, party.name] for party in one.parties] for one in plan.channels}


def goes_back(events: Iterable[Event]) -> bool:
    """Tell whether the rotation was told to go back."""
    return any(event.event == "back" for event in events)


def is_done(events: Iterable[Event]) -> bool:
    """Tell whether every goal was reached, and no other was set since."""
    turns = [event.event for event in events if event.event in ("done", "given", "back")]
    return bool(turns) and turns[-1] == "done"


def _apply(standing: dict[tuple[str, str], Party], event: Event, plan: Plan) -> None:
    if event.event == "back":
        for one in plan.channels:
            for record in one.parties:
                at = one.channel, record.name
                standing[at] = replace(standing[at], goal=record.before.holding)
        return
    at = event.channel, event.party
    if at not in standing:
        return
    if event.event == "given" and event.holding is not None:
        standing[at] = standing[at].given(event.holding.holding)
    elif event.event == "found" and event.holding is not None:
        standing[at] = standing[at].found(event.holding.holding)
    elif event.event == "unseen":
        standing[at] = standing[at].found(None)
