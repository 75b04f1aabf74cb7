"""Which moves a request for them means. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-reroute.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isthmus.cluster.messages import Member
from isthmus.errors import UsageError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import REQUIRED_NODE

MAX_COMMANDS: Final = 1_000
_KEYS: Final = ("index", "shard", "from_node", "to_node")
_REFUSED: Final = {
    "cancel": "a move ends by itself, or when one of its nodes stops",
    "allocate_replica": "an index has one copy",
    "allocate_stale_primary": "an index has one copy; restore it from a backup",
    "allocate_empty_primary": "make the index anew, or restore it from a backup",
}


class RerouteBodyError(UsageError):
    """A body that cannot be read as commands."""

    type = "parse_exception"


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """One index to one node. `why_not` tells why it may not go there; None if it may."""

    index: IndexMetadata
    source: Member
    target: Member
    why_not: str | None


def orders(body: Any, indices: Mapping[str, IndexMetadata], members: Sequence[Member]) -> list[MoveOrder]:
    """Return the moves of a body. Raises UsageError that names what is wrong, IndexNotFoundError."""
    return [_order(given, indices, members) for given in _commands(body)]


def _commands(body: Any) -> Iterable[Mapping[str, Any]]:
    if not isinstance(body, dict) or set(body) - {"commands"}:
        raise RerouteBodyError("a reroute is an object with [commands]")
    commands = body.get("commands", [])
    if not isinstance(commands, list) or len(commands) > MAX_COMMANDS:
        raise RerouteBodyError(f"[commands] is an array of at most {MAX_COMMANDS} commands")
    for command in commands:
        if not isinstance(command, dict) or len(command) != 1:
            raise RerouteBodyError("a command is an object with one key, its name")
        ((name, given),) = command.items()
        if name in _REFUSED:
            raise UsageError(f"the command [{name}] is not supported", hint=_REFUSED[name])
        if name != "move":
            raise RerouteBodyError(f"unknown command [{name[:50]}]", hint="there is [move]")
        if not isinstance(given, dict) or set(given) - set(_KEYS):
            raise RerouteBodyError(f"[move] is an object of {', '.join(f'[{key}]' for key in _KEYS)}")
        yield given


def _order(given: Mapping[str, Any], indices: Mapping[str, IndexMetadata], members: Sequence[Member]) -> MoveOrder:
    missing = [key for key in _KEYS if key not in given]
    if missing:
        raise RerouteBodyError(f"[move] command missing the {missing[0]} parameter")
    index = indices.get(str(given["index"]))
    if index is None:
        raise IndexNotFoundError(str(given["index"]))
    if given["shard"] not in (0, "0"):
        raise UsageError(f"[move] [{index.name}] has one shard, [0], and no shard [{str(given['shard'])[:20]}]")
    source, target = (_member(str(given[key]), members) for key in ("from_node", "to_node"))
    if index.node != source.id:
        holder = next((one.name for one in members if one.id == index.node), index.node)
        raise UsageError(
            f"[move_allocation] can't move [{index.name}][0], failed to find it on node [{source.name}]",
            hint=f"it is on [{holder}]",
        )
    return MoveOrder(index, source, target, _why_not(index, target))


def _why_not(index: IndexMetadata, target: Member) -> str | None:
    wanted = index.settings.get(REQUIRED_NODE)
    if target.id == index.node:
        return "the shard is on this node already"
    if "data" not in target.roles:
        return "the node lacks the role [data]"
    if wanted is not None and wanted not in (target.name, [target.name]):
        return f"[{REQUIRED_NODE}] of the index is [{wanted}]: clear it first"
    if index.relocating is not None:
        return "the shard is being moved already"
    return None


def _member(name: str, members: Sequence[Member]) -> Member:
    for member in members:
        if name in (member.id, member.name, member.transport_address):
            return member
    known = ", ".join(member.name for member in members)
    raise UsageError(f"failed to resolve [{name[:100]}], no matching nodes", hint=f"there are {known}")
