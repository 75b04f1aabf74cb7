"""Which change of certificates is safe now: a rotation of leaves and authorities as a pure function. No I/O, no clock.

A *party* shows a certificate (a leaf), judges those of others by the authorities it trusts, or both: a node does both
on the transport and serves alone on HTTP; a client's trust file judges alone. What a party has is its *holding*.

`installed` is what its files hold. A party takes up its files when it likes, and until it was seen to have done so it
may be as it was in any of the `earlier` holdings. Three kinds of step follow from that:

- *widen*: trust that is added never breaks anything. It comes first, at every party.
- *reissue*: a leaf is replaced only while every party, in every state it may be in, trusts who vouches for the new one.
- *narrow*: trust is taken away only while what remains vouches for every leaf that any party may still show.

No gate opens while a party is not seen. The invariant, whatever crashes and however late: no party refuses another.
`decide` remembers nothing, so a plan may be cut anywhere and carried on; to go back, the old holdings become the goal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["widen", "reissue", "narrow"]
Vouchers = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Holding:
    """The ids of the authorities that a party trusts, and of the leaf it shows (None: it shows none)."""

    trusts: frozenset[str]
    leaf: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """One party and its `goal`. `judges` is False for one that verifies nobody, whose trust then means nothing.

    `seen`: it was found in one of the states known of it when it was last looked at.
    """

    name: str
    installed: Holding
    goal: Holding
    judges: bool = True
    seen: bool = True
    earlier: tuple[Holding, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether it was seen to be as its files are."""
        return self.seen and not self.earlier

    @property
    def leaves(self) -> set[str]:
        """Every leaf it may show now."""
        return {one.leaf for one in (self.installed, *self.earlier) if one.leaf is not None}

    def surely_accepts(self, vouchers: frozenset[str]) -> bool:
        """Tell whether it trusts one of these authorities in every state that it may be in."""
        return not self.judges or all(one.trusts & vouchers for one in (self.installed, *self.earlier))

    def given(self, holding: Holding) -> Party:
        """Return it with `holding` in its files, which it has not taken up yet."""
        earlier = dict.fromkeys((self.installed, *self.earlier))
        earlier.pop(holding, None)
        return replace(self, installed=holding, earlier=tuple(earlier))

    def found(self, holding: Holding | None) -> Party:
        """Return it after it was looked at: it is as `holding` says, or (None) it was not seen or is not understood."""
        if holding is None:
            return replace(self, seen=False)
        return replace(self, seen=True, earlier=() if holding == self.installed else (holding,))


@dataclass(frozen=True, slots=True)
class Step:
    """Give the party `holding`."""

    kind: Kind
    party: str
    holding: Holding


@dataclass(frozen=True, slots=True)
class Decision:
    """The `steps` that are safe now, in any order; where there are none, the parties that all others wait for.

    Neither: every party was seen at its goal.
    """

    steps: tuple[Step, ...] = ()
    waits_for: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do or to wait for."""
        return not self.steps and not self.waits_for


def decide(parties: Sequence[Party], vouchers: Vouchers, *, at_once: int = 1) -> Decision:
    """Give the next safe steps, so that at most `at_once` parties are between two states.

    `vouchers` tells of each leaf which authorities vouch for it (two, if a CA was renewed with the same key).
    """
    unsettled = [party.name for party in parties if not party.is_settled]
    due = _widening(parties, vouchers) or _reissuing(parties, vouchers) or _narrowing(parties, vouchers)
    again = [step for step in due if step.party in unsettled]
    fresh = [step for step in due if step.party not in unsettled][: max(0, at_once - len(unsettled))]
    if again or fresh:
        return Decision(steps=(*again, *fresh))
    missing = [party.name for party in parties if party.installed != party.goal]
    return Decision(waits_for=tuple(unsettled or missing))


def for_newcomer(parties: Iterable[Party], goal: Holding, before: Holding, vouchers: Vouchers) -> Holding:
    """Give what a node that joins in the middle must hold before it starts: all trust, and a leaf that all accept."""
    parties = list(parties)
    accepted = goal.leaf is not None and all(party.surely_accepts(vouchers[goal.leaf]) for party in parties)
    shown = frozenset[str]().union(*(vouchers[leaf] for party in parties for leaf in party.leaves))
    trusts = goal.trusts if accepted and shown <= goal.trusts else goal.trusts | before.trusts
    return Holding(trusts, goal.leaf if accepted else before.leaf)


def _widening(parties: Sequence[Party], vouchers: Vouchers) -> list[Step]:
    shown = _shown(parties, vouchers)
    return [step for party in parties if party.judges and (step := _widened(party, shown)) is not None]


def _widened(party: Party, shown: set[frozenset[str]]) -> Step | None:
    trusts = party.installed.trusts
    lacking = [those for those in shown if not trusts & those]
    if not lacking:
        return None
    return Step("widen", party.name, replace(party.installed, trusts=trusts.union(party.goal.trusts, *lacking)))


def _reissuing(parties: Sequence[Party], vouchers: Vouchers) -> list[Step]:
    if not all(party.seen for party in parties):
        return []
    due = [party for party in parties if party.installed.leaf != party.goal.leaf]
    accepted = {
        those: all(party.surely_accepts(those) for party in parties)
        for those in {vouchers[party.goal.leaf] for party in due if party.goal.leaf is not None}
    }
    return [
        Step("reissue", party.name, replace(party.installed, leaf=party.goal.leaf))
        for party in due
        if party.goal.leaf is None or accepted[vouchers[party.goal.leaf]]
    ]


def _narrowing(parties: Sequence[Party], vouchers: Vouchers) -> list[Step]:
    if not all(party.seen for party in parties):
        return []
    shown = _shown(parties, vouchers)
    return [
        Step("narrow", party.name, party.goal)
        for party in parties
        if party.installed.trusts != party.goal.trusts
        and party.installed.leaf == party.goal.leaf
        and all(party.goal.trusts & those for those in shown)
    ]


def _shown(parties: Sequence[Party], vouchers: Vouchers) -> set[frozenset[str]]:
    """Who vouches for the leaves that anybody may show now, or shall."""
    leaves = {leaf for party in parties for leaf in (*party.leaves, party.goal.leaf) if leaf is not None}
    return {vouchers[leaf] for leaf in leaves}
