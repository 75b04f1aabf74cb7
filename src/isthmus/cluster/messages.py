"""The actions by which the nodes of a cluster speak of membership and state, as MessagePack under our own names."""

from __future__ import annotations

import msgspec

from isthmus.state.history import Commit, Position, Snapshot, Term, Write
from isthmus.transport.messages import FOR_NODES, Action


class Member(msgspec.Struct, frozen=True):
    """A node as the others see it. Addresses are `ip:port`; `roles` are Elasticsearch's role names.

    `remote_cluster_address` is where other clusters ask, None where they may not.
    """

    name: str
    id: str
    ephemeral_id: str
    host: str
    ip: str
    transport_address: str
    http_address: str | None
    roles: tuple[str, ...]
    attributes: dict[str, str]
    version: str
    build_hash: str
    remote_cluster_address: str | None = None


class PeerStanding(msgspec.Struct, frozen=True):
    """What a node tells a peer of itself, asking and answering alike.

    `cluster_uuid` is None for a node that never joined; `owner` is the live owner it knows, itself included.
    """

    member: Member
    cluster_uuid: str | None
    position: Position
    owner: Member | None


class JoinRequest(msgspec.Struct, frozen=True):
    """Asks the owner for a seat. A blank node has no `cluster_uuid` and stands at (0, 0)."""

    member: Member
    cluster_uuid: str | None
    position: Position


class PublishRequest(msgspec.Struct, frozen=True):
    """The owner's word: the members now, and what brings the receiver's copy to `revision`."""

    cluster_uuid: str
    members: list[Member]
    terms: list[Term]
    revision: int
    commits: list[Commit] = []
    snapshot: Snapshot | None = None


class CheckRequest(msgspec.Struct, frozen=True):
    """A member's sign of life to its owner, or its farewell."""

    cluster_uuid: str
    ephemeral_id: str


class WriteRequest(msgspec.Struct, frozen=True):
    """Writes that a member wants made in one commit."""

    writes: list[Write]


class WriteResponse(msgspec.Struct, frozen=True):
    """The revision that the writes made; the asking member's copy has it."""

    revision: int


class Done(msgspec.Struct, frozen=True):
    """Nothing to say but that it was done."""


PEERS = Action("internal:isthmus/cluster/peers", PeerStanding, PeerStanding, FOR_NODES)
JOIN = Action("internal:isthmus/cluster/join", JoinRequest, Done, FOR_NODES)
LEAVE = Action("internal:isthmus/cluster/leave", CheckRequest, Done, FOR_NODES)
CHECK = Action("internal:isthmus/cluster/check", CheckRequest, Done, FOR_NODES)
PUBLISH = Action("internal:isthmus/cluster/publish", PublishRequest, Position, FOR_NODES)
WRITE = Action("internal:isthmus/state/write", WriteRequest, WriteResponse, FOR_NODES)
