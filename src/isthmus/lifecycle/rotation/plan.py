"""What is to become of whom: the channels of a rotation, their parties, and what each holds before and after.

A plan is a value that is written down once. How far it got is told by the events.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from isthmus.lifecycle.rotation.inventory import Inventory
from isthmus.pki.rotation import Holding

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

    @property
    def leaves(self) -> tuple[str, ...]:
        """Return the ids of what it shows, before and after."""
        return tuple(leaf for leaf in (self.before.leaf, self.after.leaf) if leaf is not None)


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
    def authorities(self) -> tuple[str, ...]:
        """Return all of them, each once."""
        return tuple(dict.fromkeys([*self.before, *self.after]))

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
