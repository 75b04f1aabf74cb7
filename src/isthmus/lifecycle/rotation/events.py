"""What was done and seen in a rotation, and where its parties stand after it. Pure.

`parties_of` folds the events into what `pki.rotation` decides on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import msgspec

from isthmus.lifecycle.rotation.plan import HoldingRecord, Plan
from isthmus.pki.rotation import Party

EventKind = Literal["given", "found", "unseen", "back", "done", "said"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was done or seen, at a moment (UTC, ISO 8601). `channel` and `party` say where.

    given: `holding` is about to stand in the party's files, as a `step` of that kind. found: it was seen to be so.
    unseen: it was not seen, or is in no state that is known; `words` say why. back: the old holdings are the goal from
    here on. said: an installation failed. done: every goal is reached.
    """

    at: str
    event: EventKind
    channel: str = ""
    party: str = ""
    step: str = ""
    holding: HoldingRecord | None = None
    words: str = ""


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
