"""Whether a node may have a seat in the cluster, and why not. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.cluster.messages import JoinRequest, Member
from isthmus.errors import IsthmusError
from isthmus.settings.node_settings import ROLES


class JoinRefusedError(IsthmusError):
    """The owner does not give this node a seat."""

    type = "coordination_state_rejected_exception"
    status = 403
    exit_code = 78


@dataclass(frozen=True)
class Seats:
    """The owner's view: the cluster, its members, and whether it takes members at all."""

    cluster_name: str
    cluster_uuid: str
    term: int
    members: Sequence[Member]
    single_node: bool = False


def judge_join(request: JoinRequest, seats: Seats) -> None:
    """Raise JoinRefusedError if `request` must not be granted.

    Whether a member of the same name or id is still alive has been checked before: those in `seats` are.
    """
    _check_cluster(request, seats)
    _check_names(request.member, seats)


def _check_cluster(request: JoinRequest, seats: Seats) -> None:
    who = f"node [{request.member.name}]"
    if seats.single_node:
        raise JoinRefusedError(
            f"{who} cannot join: the owner runs with discovery.type: single-node",
            hint="remove discovery.type there and restart it to let other nodes in",
        )
    if request.cluster_uuid not in (None, seats.cluster_uuid):
        raise JoinRefusedError(
            f"{who} belongs to another cluster of the name [{seats.cluster_name}] (uuid {request.cluster_uuid}, "
            f"this one is {seats.cluster_uuid})",
            hint="start it with an empty data folder and without cluster.initial_master_nodes to let it join this one",
        )
    if request.position.term > seats.term:
        raise JoinRefusedError(
            f"{who} is in term {request.position.term}, the node it asks only in term {seats.term}",
            hint="the cluster's state was taken over by another node; see that node's log",
        )


def _check_names(joiner: Member, seats: Seats) -> None:
    for member in seats.members:
        if member.id == joiner.id:
            raise JoinRefusedError(
                f"node [{joiner.name}] has the same node id as [{member.name}] at {member.transport_address}",
                hint="two nodes run on copies of one data folder; give one of them an empty one",
            )
        if member.name == joiner.name:
            raise JoinRefusedError(
                f"a node named [{joiner.name}] is already a member, at {member.transport_address}",
                hint="give each node its own node.name",
            )


def check_roles(member: Member, pattern: str | None, certificate_names: Sequence[str]) -> None:
    """Raise JoinRefusedError for an unknown role, or one that no name of the node's certificate grants.

    `pattern` is `isthmus.transport.node_role_pattern`: matched in full against each name of the certificate, its
    group `role` is a role that the certificate grants.
    """
    unknown = [role for role in member.roles if role not in ROLES]
    if unknown:
        raise JoinRefusedError(
            f"node [{member.name}] has the unknown role [{unknown[0]}]", hint=f"known are {', '.join(ROLES)}"
        )
    if pattern is None:
        return
    granted = {match["role"] for name in certificate_names if (match := re.fullmatch(pattern, name))}
    missing = [role for role in member.roles if role not in granted]
    if missing:
        raise JoinRefusedError(
            f"node [{member.name}] claims the role [{missing[0]}], which its certificate does not grant "
            f"(names: {', '.join(certificate_names) or 'none'})",
            hint=f"issue it a certificate with a name that matches {pattern}, or take the role away",
        )
