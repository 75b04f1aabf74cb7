"""What a plan will do, in phases, for a person to read before it is done. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from isthmus.lifecycle.rotation.plan import Plan
from isthmus.pki.rotation import Kind, Party, Vouchers, decide

TAKES_UP = 6.0
"""Seconds within which a node takes up new files: Elasticsearch and Isthmus look at them every 5 s."""

_WAITS: dict[Kind, str] = {
    "widen": "waits until each was seen to let in keys that either signed",
    "reissue": "waits until each was seen to serve it, and all others to let it in",
    "narrow": "waits until each was seen to refuse keys that the old one signed",
}
# On HTTP the nodes judge nobody: who trusts is a client, whose file is read.
_WAITS_ON_HTTP: dict[Kind, str] = {
    "widen": "waits until each file was seen to hold both, and an operator vouches for clients that nobody can look at",
    "reissue": "waits until each was seen to serve it",
    "narrow": "waits until each file was seen to hold it alone",
}


@dataclass(frozen=True)
class Phase:
    """Steps of one kind on one channel, in order. `seconds` is how long they may take if all goes well."""

    channel: str
    kind: Kind
    parties: tuple[str, ...]
    seconds: float


def phases_of(plan: Plan, vouchers: Vouchers) -> list[Phase]:
    """Carry the plan out in the mind: everybody takes up at once what it is given."""
    found: list[Phase] = []
    for channel in plan.channels:
        parties = {
            one.name: Party(one.name, one.before.holding, one.after.holding, judges=one.judges)
            for one in channel.parties
        }
        for kind, names in _steps(parties, vouchers):
            rounds = -(-len(names) // plan.at_once)
            found.append(Phase(channel.channel, kind, names, rounds * TAKES_UP))
    return found


def _steps(parties: dict[str, Party], vouchers: Vouchers) -> Iterator[tuple[Kind, tuple[str, ...]]]:
    while steps := decide(list(parties.values()), vouchers, at_once=len(parties)).steps:
        kind = steps[0].kind
        for step in steps:
            parties[step.party] = parties[step.party].given(step.holding).found(step.holding)
        yield kind, tuple(step.party for step in steps)


def why(kind: Kind, channel: str) -> tuple[str, str]:
    """Say what a phase does, and what it waits for."""
    does = {
        "widen": "trusts the new CA besides the old one",
        "reissue": "gets its new certificate",
        "narrow": "trusts the new CA alone",
    }
    return does[kind], _WAITS_ON_HTTP[kind] if channel == "http" else _WAITS[kind]
