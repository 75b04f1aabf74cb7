"""A plan and what became of it, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from isthmus.lifecycle.rotation.events import Event, goes_back, is_done, parties_of
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.outline import phases_of, why
from isthmus.lifecycle.rotation.plan import HoldingRecord, Plan
from isthmus.lifecycle.rotation.preparing import describe_authority
from isthmus.lifecycle.rotation.vouching import vouchers_of
from isthmus.pki.rotation import Party

SHOWN_NAMES = 8
BAR = 40
MOST_LETTERS = 48


def plan_as_text(plan: Plan, papers: Papers) -> str:
    """Tell each phase, why it waits, and how long it may take."""
    lines = [f"Rotation of {_and(one.channel for one in plan.channels)}; signed by {plan.signer}."]
    if plan.changes_authority:
        lines += [
            f"  goes   {describe_authority(papers.authority(one))}" for one in plan.before if one not in plan.after
        ]
        lines += [
            f"  comes  {describe_authority(papers.authority(one))}" for one in plan.after if one not in plan.before
        ]
    for at, phase in enumerate(phases_of(plan, vouchers_of(plan, papers)), 1):
        does, waits = why(phase.kind, phase.channel)
        lines += [
            "",
            f"{at}. {phase.channel}: {phase.kind} (about {_duration(phase.seconds)})",
            f"   each of {_names(phase.parties)} {does};",
            f"   {waits}.",
        ]
    if any(one.channel == "transport" for one in plan.channels):
        lines += ["", "While this program waits, nodes log keys that they refuse: it is the one that presents them."]
    return "\n".join(lines)


def status_as_text(plan: Plan, events: Sequence[Event]) -> str:
    """Tell of each party where it stands, and draw the timeline."""
    lines = [
        f"{channel:10} {party.name:20} {_STANDINGS[_standing(party)]}"
        for channel, parties in parties_of(plan, events).items()
        for party in parties
    ]
    return "\n".join([*lines, "", *timeline(events)])


def status_for_machines(plan: Plan, events: Sequence[Event]) -> dict[str, object]:
    """Give `state` (planned, under_way, going_back, done), the `plan`, each of the `parties`, and all `events`."""
    parties = [
        {
            "channel": channel,
            "name": party.name,
            "state": _standing(party),
            "installed": HoldingRecord.of(party.installed),
            "goal": HoldingRecord.of(party.goal),
        }
        for channel, those in parties_of(plan, events).items()
        for party in those
    ]
    return {"state": _state(events), "plan": plan, "parties": parties, "events": events}


def _state(events: Sequence[Event]) -> str:
    if is_done(events):
        return "done"
    if goes_back(events):
        return "going_back"
    return "under_way" if events else "planned"


def timeline(events: Sequence[Event]) -> list[str]:
    """Draw each step of each party as a bar from the moment it was given to the one it was seen."""
    spans = list(_spans(events))
    if not spans:
        return ["nothing was done yet"]
    start, end = min(begun for _, begun, _ in spans), max(seen for _, _, seen in spans)
    whole = max((end - start).total_seconds(), 0.001)
    width = min(MOST_LETTERS, max(len(name) for name, _, _ in spans))
    drawn = []
    for name, begun, seen in spans:
        before = int((begun - start).total_seconds() / whole * BAR)
        length = max(1, round((seen - begun).total_seconds() / whole * BAR))
        took = (seen - begun).total_seconds()
        drawn.append(
            f"{_clipped(name):{width}} {' ' * before}{'█' * length}{' ' * max(0, BAR - before - length)} {took:6.1f} s"
        )
    return [*drawn, f"{'':{width}} {'whole rotation':>{BAR}} {whole:6.1f} s"]


def _clipped(name: str) -> str:
    """The end of a path tells more than its beginning."""
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS // 2 - 1]}…{name[-MOST_LETTERS // 2 :]}"


def _spans(events: Sequence[Event]) -> Iterable[tuple[str, datetime, datetime]]:
    open_steps: dict[tuple[str, str], Event] = {}
    for event in events:
        at = event.channel, event.party
        if event.event == "given":
            open_steps[at] = event
        elif event.event == "found" and at in open_steps and event.holding == open_steps[at].holding:
            begun = open_steps.pop(at)
            yield f"{begun.channel} {begun.step} {begun.party}", _moment(begun), _moment(event)


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event.at)


_STANDINGS = {
    "done": "done",
    "unseen": "not seen",
    "late": "has not taken up its new files",
    "waits": "waits for its next step",
}


def _standing(party: Party) -> str:
    if party.is_settled and party.installed == party.goal:
        return "done"
    if not party.seen:
        return "unseen"
    return "late" if party.earlier else "waits"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _names(names: Sequence[str]) -> str:
    more = len(names) - SHOWN_NAMES
    return ", ".join(names[:SHOWN_NAMES]) + (f" and {more} more" if more > 0 else "")


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
