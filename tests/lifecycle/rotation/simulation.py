"""A simulated cluster for the driver: nodes that take up their files late, crash, or lie."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from isthmus.errors import StorageError
from isthmus.lifecycle.rotation.driver import Sighting
from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.lifecycle.rotation.plan import FORMAT_VERSION, ChannelRecord, HoldingRecord, PartyRecord, Plan
from isthmus.pki.rotation import Holding, Party

OLD, NEW = "old CA", "new CA"


def leaf(name: str, authority: str) -> str:
    return f"{name} of {authority}"


def vouchers(names: Sequence[str]) -> dict[str, frozenset[str]]:
    return {leaf(name, authority): frozenset({authority}) for name in names for authority in (OLD, NEW)}


def plan_for(names: Sequence[str], at_once: int = 1) -> Plan:
    """A rotation of the transport from the old CA to the new one."""
    parties = tuple(
        PartyRecord(
            name,
            "node",
            number,
            HoldingRecord((OLD,), leaf(name, OLD)),
            HoldingRecord((NEW,), leaf(name, NEW)),
            judges=True,
        )
        for number, name in enumerate(names)
    )
    return Plan(
        format_version=FORMAT_VERSION,
        started="2026-01-01T00:00:00Z",
        before=(OLD,),
        after=(NEW,),
        signer="a test",
        asked=("transport",),
        channels=(ChannelRecord("transport", parties),),
        inventory=Inventory(tuple(NodeEntry(name) for name in names)),
        at_once=at_once,
    )


@dataclass
class SimulatedSite:
    """Nodes by name: what their files hold and what they run on. `slow`, `fails`, `away` are chances, 0 to 1."""

    names: Sequence[str]
    seed: int = 0
    slow: float = 0.0
    fails: float = 0.0
    away: float = 0.0
    files: dict[str, Holding] = field(init=False)
    runs_on: dict[str, Holding] = field(init=False)
    installations: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self.files = {name: Holding(frozenset({OLD}), leaf(name, OLD)) for name in self.names}
        self.runs_on = dict(self.files)

    async def look(self, channel: str, at: Sequence[Party]) -> Mapping[str, Sighting]:
        return {party.name: self._sighting(party.name) for party in at}

    async def give(self, channel: str, party: Party) -> None:
        holding = party.installed
        if self.files[party.name] == holding:
            return
        if self._dice.random() < self.fails:
            raise StorageError("the disk is full", where=party.name)
        self.files[party.name] = holding
        self.installations += 1

    def _sighting(self, name: str) -> Sighting:
        if self._dice.random() < self.away:
            return Sighting(None, "it is restarting")
        if self._dice.random() >= self.slow:
            self.runs_on[name] = self.files[name]
        return Sighting(self.runs_on[name])

    def pairs_that_refuse(self) -> list[tuple[str, str]]:
        known = vouchers(self.names)
        shown = {name: known[one.leaf] for name, one in self.runs_on.items() if one.leaf is not None}
        return [(a, b) for a, those in shown.items() for b, one in self.runs_on.items() if not one.trusts & those]
