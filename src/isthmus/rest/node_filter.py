"""Which members a `{node_id}` of a path means. Pure.

A comma-separated list, read from left to right: `_all`, `_local`, `_master`, an id, a name, host or address (with
`*`), `attribute:value` (with `*`), and `role:true`, which adds, or `role:false`, which takes away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isthmus.rest.view import MemberView
from isthmus.rest.wildcards import matches
from isthmus.wire.nodes import ROLES

MAX_PARTS = 1_000


def select(expression: str, members: Sequence[MemberView], *, local: str, master: str | None) -> list[MemberView]:
    """Return the members that `expression` means, in the order of `members`. `local` and `master` are ids."""
    chosen: set[str] = set()
    for part in [part.strip() for part in expression.split(",")][:MAX_PARTS]:
        role, colon, wanted = part.partition(":")
        if colon and wanted in ("true", "false") and (role in ROLES or role == "coordinating_only"):
            having = {one.id for one in members if _has(one, role)}
            chosen = chosen | having if wanted == "true" else chosen - having
        else:
            chosen |= set(_meant(part, members, local, master))
    return [one for one in members if one.id in chosen]


def _meant(part: str, members: Sequence[MemberView], local: str, master: str | None) -> Iterable[str]:
    match part:
        case "_all":
            return [one.id for one in members]
        case "_local":
            return [local]
        case "_master":
            return [] if master is None else [master]
        case _:
            return [one.id for one in members if _is(one, part)]


def _is(member: MemberView, part: str) -> bool:
    if part == member.id or any(matches(part, text) for text in (member.name, member.host, member.ip)):
        return True
    name, colon, pattern = part.partition(":")
    return bool(colon) and name in member.attributes and matches(pattern, member.attributes[name])


def _has(member: MemberView, role: str) -> bool:
    if role == "coordinating_only":
        return not set(member.roles) - {"remote_cluster_client"}
    return role in member.roles
