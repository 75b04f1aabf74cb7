"""Looks, decides, writes down, installs, until every goal is reached. What is safe is `pki.rotation`'s to say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from isthmus.errors import IsthmusError, UnavailableError
from isthmus.lifecycle.rotation.events import parties_of
from isthmus.lifecycle.rotation.journal import Journal
from isthmus.lifecycle.rotation.plan import HoldingRecord
from isthmus.pki.rotation import Decision, Holding, Party, Step, Vouchers, decide

LOOK_INTERVAL = 0.5
PATIENCE = 120.0


@dataclass(frozen=True)
class Sighting:
    """What was seen of a party: the holding it is in, or None and why that is not known."""

    holding: Holding | None
    words: str = ""


class Site(Protocol):
    """The cluster, as far as it can be looked at and changed."""

    async def look(self, channel: str, at: Sequence[Party]) -> Mapping[str, Sighting]:
        """Look at the parties `at`, with every key there is; return what was seen by name."""

    async def give(self, channel: str, party: Party) -> None:
        """Put what is to be `installed` into the party's files, unless it stands there already. Raises IsthmusError."""


@dataclass
class Driver:
    """Carries one rotation out. `tell` takes a line for a person, `patience` is in seconds.

    Raises UnavailableError from `run` if nothing moves on for so long; whoever is waited for is named, with the reason.
    """

    journal: Journal
    site: Site
    vouchers: Vouchers
    tell: Callable[[str], None]
    patience: float = PATIENCE
    look_interval: float = LOOK_INTERVAL
    _parties: dict[str, dict[str, Party]] = field(init=False)
    _words: dict[tuple[str, str], str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        standing = parties_of(self.journal.plan, self.journal.events)
        self._parties = {channel: {one.name: one for one in parties} for channel, parties in standing.items()}

    async def run(self) -> None:
        """Reach the goal of every channel, one after the other."""
        for channel in self._parties:
            await self._put_right(channel)
            await self._reach_goal(channel)
        self.journal.add("done")

    async def recover(self) -> None:
        """Give every party its goal at once and wait until all are seen there: for a cluster that is down anyway."""
        for channel, parties in self._parties.items():
            for party in list(parties.values()):
                await self._take(channel, Step("reissue", party.name, party.goal))
        self.tell("every node has its new files: start those by hand now that are down or do not reload by themselves")
        for channel in self._parties:
            await self._wait_for_all(channel)
        await self.run()

    async def _put_right(self, channel: str) -> None:
        """Install again what was written down: a crash may have come between the two."""
        for party in self._parties[channel].values():
            await self._give(channel, party)

    async def _reach_goal(self, channel: str) -> None:
        phase, moved_at = "", _now()
        while True:
            decision = self._decision(channel)
            next_phase = decision.steps[0].kind if decision.steps else "goal" if decision.is_done else phase
            if next_phase != phase:
                # A gate: everybody is looked at anew, with every key, before what comes next is begun or believed.
                phase = next_phase
                await self._look(channel, list(self._parties[channel].values()))
                continue
            if decision.is_done:
                return
            for step in decision.steps:
                await self._take(channel, step)
            unsettled = [party for party in self._parties[channel].values() if not party.is_settled]
            if await self._look(channel, unsettled) or decision.steps:
                moved_at = _now()
                continue
            self._lose_patience(channel, decision.waits_for, _now() - moved_at)
            await asyncio.sleep(self.look_interval)

    async def _wait_for_all(self, channel: str) -> None:
        """No step is taken meanwhile: trust is not widened for certificates that nobody accepts any more."""
        moved_at = _now()
        while unsettled := [party for party in self._parties[channel].values() if not party.is_settled]:
            if await self._look(channel, unsettled):
                moved_at = _now()
                continue
            self._lose_patience(channel, [party.name for party in unsettled], _now() - moved_at)
            await asyncio.sleep(self.look_interval)

    def _decision(self, channel: str) -> Decision:
        return decide(list(self._parties[channel].values()), self.vouchers, at_once=self.journal.plan.at_once)

    async def _take(self, channel: str, step: Step) -> None:
        party = self._parties[channel][step.party].given(step.holding)
        record = HoldingRecord.of(step.holding)
        self.journal.add("given", channel=channel, party=step.party, step=step.kind, holding=record)
        self._parties[channel][step.party] = party
        await self._give(channel, party)
        self.tell(f"{channel}: {step.kind} {step.party}")

    async def _give(self, channel: str, party: Party) -> None:
        try:
            await self.site.give(channel, party)
        except IsthmusError as error:
            self.journal.add("said", channel=channel, party=party.name, words=str(error))
            raise

    async def _look(self, channel: str, at: Sequence[Party]) -> bool:
        """Look at some and write down what is new; tell whether something is."""
        seen = await self.site.look(channel, at)
        news = [self._note(channel, name, sighting) for name, sighting in seen.items()]
        return any(news)

    def _note(self, channel: str, name: str, sighting: Sighting) -> bool:
        before = self._parties[channel][name]
        after = before.found(sighting.holding)
        self._parties[channel][name] = after
        said_before = self._words.get((channel, name), "")
        self._words[channel, name] = sighting.words
        if sighting.holding is None and sighting.words not in ("", said_before):
            self.tell(f"{channel}: {name}: {sighting.words}")
        if after == before:
            return False
        if sighting.holding is None:
            self.journal.add("unseen", channel=channel, party=name, words=sighting.words)
        else:
            self.journal.add("found", channel=channel, party=name, holding=HoldingRecord.of(sighting.holding))
        return True

    def _lose_patience(self, channel: str, names: Sequence[str], seconds: float) -> None:
        if seconds < self.patience:
            return
        reasons = [f"[{name}] {self._words.get((channel, name)) or 'has not taken up its new files'}" for name in names]
        raise UnavailableError(
            f"{channel}: nothing moved on for {self.patience:g} s: {'; '.join(reasons[:5])}",
            hint="nothing is broken: put that right and carry on with 'isthmus rotate resume', or go back with "
            "'isthmus rotate abort'",
            where=str(self.journal.path.parent),
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
