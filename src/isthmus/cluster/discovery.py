"""What a node should do next, from what it is and what the nodes it reached have said. Pure.

The rules, in their order:

1. Whoever holds state of a cluster stays with that cluster; answers of another cluster are only warned of.
2. A copy whose term was overtaken must not lead again (`Refused`), or two owners would write.
3. A live owner of the newest term is joined.
4. A blank node that is the initial master makes a new cluster, but never beside one that already exists.
5. Otherwise it waits and asks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.cluster.messages import Member, PeerStanding
from isthmus.state.history import Position


@dataclass(frozen=True)
class Standing:
    """What a node knows of itself. `owns_term`: it is the owner of the newest term in its copy."""

    name: str
    node_id: str
    cluster_name: str
    cluster_uuid: str | None
    position: Position
    owner_name: str | None
    owns_term: bool
    initial_master: bool


@dataclass(frozen=True)
class Lead:
    """Be the owner: of a new cluster (`bootstrap`), or again of the one whose state this node holds."""

    bootstrap: bool


@dataclass(frozen=True)
class Join:
    """Ask this owner for a seat."""

    owner: Member


@dataclass(frozen=True)
class Wait:
    """Ask again later."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """Do not lead and do not join: a person has to decide."""

    reason: str
    hint: str


Decision = Lead | Join | Wait | Refused


def decide(me: Standing, answers: Sequence[PeerStanding]) -> Decision:
    """Return the next step of a node that stands as `me` and heard `answers` (one a node that it reached)."""
    if me.cluster_uuid is None:
        return _decide_blank(me, answers)
    kin = [answer for answer in answers if answer.cluster_uuid == me.cluster_uuid]
    if me.owns_term:
        return _decide_owner(me, kin)
    return _join_newest(kin, at_least=me.position.term) or Wait(
        f"the owner of the cluster's state, [{me.owner_name}], cannot be reached"
    )


def strangers(me: Standing, answers: Sequence[PeerStanding]) -> list[Member]:
    """Return the nodes that bear this cluster's name but belong to another cluster."""
    if me.cluster_uuid is None:
        return []
    return [answer.member for answer in answers if answer.cluster_uuid not in (None, me.cluster_uuid)]


def _decide_blank(me: Standing, answers: Sequence[PeerStanding]) -> Decision:
    clusters = {answer.cluster_uuid: answer for answer in answers if answer.cluster_uuid is not None}
    if len(clusters) > 1:
        names = ", ".join(f"[{a.member.name}] at {a.member.transport_address}" for a in clusters.values())
        return Refused(
            f"the seed hosts belong to {len(clusters)} different clusters of the name [{me.cluster_name}]: {names}",
            "name only nodes of one cluster in discovery.seed_hosts",
        )
    if clusters and me.initial_master:
        return _second_initial_master(me, next(iter(clusters.values())))
    if me.initial_master:
        return Lead(bootstrap=True)
    if clusters:
        return _join_newest(answers, at_least=0) or Wait(
            "the cluster exists, but none of the nodes reached can reach the owner of its state"
        )
    return Wait("no node of the cluster was reached yet")


def _second_initial_master(me: Standing, found: PeerStanding) -> Refused:
    return Refused(
        f"cluster [{me.cluster_name}] exists already (node [{found.member.name}] at {found.member.transport_address} "
        f"belongs to it), and this node, first in cluster.initial_master_nodes, holds no state of it",
        "to join it, remove cluster.initial_master_nodes here; if this node owned it and lost its data, "
        "run `isthmus node take-over` on a member that has a copy",
    )


def _decide_owner(me: Standing, kin: Sequence[PeerStanding]) -> Decision:
    newest = max(kin, key=lambda answer: answer.position.term, default=None)
    if newest is None or newest.position.term <= me.position.term:
        return Lead(bootstrap=False)
    return Refused(
        f"this node owned the cluster's state in term {me.position.term}, but node [{newest.member.name}] is in term "
        f"{newest.position.term}: another node took over",
        "keep this node's data folder if writes made here in the meantime matter; "
        "to let it join again, start it with an empty data folder and without cluster.initial_master_nodes",
    )


def _join_newest(answers: Sequence[PeerStanding], *, at_least: int) -> Join | None:
    led = [answer for answer in answers if answer.owner is not None and answer.position.term >= at_least]
    newest = max(led, key=lambda answer: answer.position.term, default=None)
    return None if newest is None or newest.owner is None else Join(newest.owner)
