"""What a port accepts and serves, seen by dialling it with every key of the rotation, is one of the holdings or none.

Trust shows in whom a port lets in: a holding predicts for each leaf whether it is accepted, and the holding that
predicts all that was seen is the one the party is in. Of two that predict the same (a CA renewed with the same key)
the one in its files is believed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from isthmus.lifecycle.rotation.plan import ChannelRecord
from isthmus.pki.rotation import Holding, Party, Vouchers

EVERY_PAIR = 12
"""Up to so many parties every one is dialled with the keys of all; beyond, with one for each set of vouchers."""


@dataclass(frozen=True)
class Answer:
    """What a port did: `accepted` the leaf it was shown, None if no leaf was judged; `served` is the leaf's id that it
    showed, None if it is none of the rotation's. `words` say what was wrong otherwise."""

    accepted: bool | None
    served: str | None
    words: str = ""


def keys_to_try(record: ChannelRecord, vouchers: Vouchers) -> list[str]:
    """Choose the leaves to dial with: the old and the new of every party, or one for each set of vouchers if many.

    One that nobody vouches for, since it or its CA has expired, proves nothing.
    """
    known = list(dict.fromkeys(leaf for one in record.parties for leaf in one.leaves if vouchers.get(leaf)))
    if len(record.parties) <= EVERY_PAIR:
        return known
    return list({vouchers[leaf]: leaf for leaf in known}.values())


def state_of(party: Party, answers: Mapping[str, Answer], vouchers: Vouchers) -> tuple[Holding | None, str]:
    """Tell which holding the party is in, by its answers to each leaf; None if it is in none that is known.

    And why it is not in the one that its files hold.
    """
    if not any(answer.accepted is not None for answer in answers.values()) and party.judges:
        return None, "no key of the rotation is valid now, so that nothing can be proved"
    served = {answer.served for answer in answers.values()}
    if len(served) > 1 or None in served:
        other = next((answer.words for answer in answers.values() if answer.served is None), "")
        return None, other or "its ports serve several certificates, or one of them several in turn"
    shown = served.pop()
    for holding in _possible(party):
        if holding.leaf == shown and not _contradictions(holding, answers, vouchers):
            return holding, "" if holding == party.installed else _why(party, shown, answers, vouchers)
    return None, _why(party, shown, answers, vouchers)


def _possible(party: Party) -> Iterable[Holding]:
    return dict.fromkeys((party.installed, *party.earlier))


def _contradictions(holding: Holding, answers: Mapping[str, Answer], vouchers: Vouchers) -> list[str]:
    return [
        leaf
        for leaf, answer in answers.items()
        if answer.accepted is not None and answer.accepted != bool(holding.trusts & vouchers[leaf])
    ]


def _why(party: Party, served: str | None, answers: Mapping[str, Answer], vouchers: Vouchers) -> str:
    if served != party.installed.leaf:
        return f"it serves [{served}], and its files hold [{party.installed.leaf}]"
    wrong = _contradictions(party.installed, answers, vouchers)
    accepted = [leaf for leaf in wrong if answers[leaf].accepted]
    refused = [leaf for leaf in wrong if not answers[leaf].accepted]
    told = [f"it accepts [{accepted[0]}] though its files do not trust who vouches for it"] if accepted else []
    if refused:
        told.append(f"it refuses [{refused[0]}] though its files trust who vouches for it: {answers[refused[0]].words}")
    return "; ".join(told)
