"""Whether this copy may become the owner's successor. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.cluster.discovery import Standing
from isthmus.cluster.messages import PeerStanding
from isthmus.errors import IsthmusError


class TakeOverRefusedError(IsthmusError):
    """Taking over now would make two owners, or lose acknowledged writes."""

    type = "illegal_state_exception"
    status = 409
    exit_code = 69


def check_takeover(me: Standing, answers: Sequence[PeerStanding], *, force: bool) -> None:
    """Raise TakeOverRefusedError if a node that stands as `me` must not take over, given what others answered."""
    if me.cluster_uuid is None:
        raise TakeOverRefusedError("this node has never joined a cluster: it has nothing to take over")
    if me.owns_term:
        raise TakeOverRefusedError("this node owns the cluster's state already")
    kin = [answer for answer in answers if answer.cluster_uuid == me.cluster_uuid]
    _check_owner_is_lost(kin)
    if not force:
        _check_newest(me, kin)


def _check_owner_is_lost(kin: Sequence[PeerStanding]) -> None:
    for answer in kin:
        if answer.owner is not None:
            raise TakeOverRefusedError(
                f"the owner [{answer.owner.name}] is alive: [{answer.member.name}] reaches it",
                hint="stop the owner first, or mend this node's connection to it",
            )


def _check_newest(me: Standing, kin: Sequence[PeerStanding]) -> None:
    mine = (me.position.term, me.position.revision)
    for answer in kin:
        theirs = (answer.position.term, answer.position.revision)
        if theirs > mine:
            raise TakeOverRefusedError(
                f"the copy of [{answer.member.name}] is newer: term {theirs[0]}, revision {theirs[1]}, "
                f"here term {mine[0]}, revision {mine[1]}",
                hint="take over on that node; --force takes over here and loses what only that copy has",
            )
