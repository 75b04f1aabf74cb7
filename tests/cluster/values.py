"""Members and answers as the pure parts of membership take them."""

from __future__ import annotations

from isthmus.cluster.messages import Member, PeerStanding
from isthmus.state.history import Position


def member(name: str, *, node_id: str | None = None, roles: tuple[str, ...] = ("data", "master")) -> Member:
    """A member whose id and addresses follow from its name."""
    return Member(
        name=name,
        id=node_id or f"id-{name}",
        ephemeral_id=f"run-{name}",
        host=f"{name}.example.com",
        ip="127.0.0.1",
        transport_address=f"{name}.example.com:9300",
        http_address=None,
        roles=roles,
        attributes={},
        version="8.19.1",
        build_hash="hash",
    )


def answer(
    name: str, *, uuid: str | None = None, term: int = 0, revision: int = 0, owner: Member | None = None
) -> PeerStanding:
    """What a node of this name says when it is asked for its cluster."""
    return PeerStanding(member(name), uuid, Position(term, revision), owner)
