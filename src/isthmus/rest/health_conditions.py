"""What a request for the health may wait for. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-health.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from isthmus.errors import UsageError
from isthmus.rest.parameters import Parameters
from isthmus.rest.shard_health import STATUSES, ShardHealth, active_percent, worst
from isthmus.rest.view import ClusterHealth, Status

_EVENTS = ("immediate", "urgent", "high", "normal", "low", "languid")
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "": lambda found, asked: found == asked,
    ">=": lambda found, asked: found >= asked,
    "<=": lambda found, asked: found <= asked,
    ">": lambda found, asked: found > asked,
    "<": lambda found, asked: found < asked,
}
_WORDS = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
_NODES = re.compile(r"(>=|<=|>|<|)\s*([0-9]{1,9})|(ge|le|gt|lt)\(\s*([0-9]{1,9})\s*\)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seen:
    """The cluster and the indices that were asked for, as they are now. `missing`: a name among them means nothing."""

    cluster: ClusterHealth
    shards: tuple[ShardHealth, ...]
    missing: bool

    @property
    def status(self) -> Status:
        """The worst of all of it."""
        return "red" if self.missing else worst([self.cluster.status, *(one.status for one in self.shards)])


Condition = Callable[[Seen], bool]


def conditions(parameters: Parameters) -> list[Condition]:
    """Return what must hold. Raises UsageError for what cannot be waited for."""
    # No shard ever initializes or relocates in the state, and no task waits: these hold at once.
    parameters.choice("wait_for_events", _EVENTS)
    parameters.boolean("wait_for_no_initializing_shards")
    parameters.boolean("wait_for_no_relocating_shards")
    return [*_nodes(parameters), *_status(parameters), *_active_shards(parameters)]


def _nodes(parameters: Parameters) -> list[Condition]:
    raw = parameters.text("wait_for_nodes")
    if raw is None:
        return []
    found = _NODES.fullmatch(raw)
    if found is None:
        raise UsageError(f"[wait_for_nodes] is [{raw[:50]}]", hint="give a number, >=N, <=N, >N, <N, ge(N), le(N) …")
    compare = _COMPARISONS[found[1] if found[3] is None else _WORDS[found[3]]]
    asked = int(found[2] or found[4])
    return [lambda now: compare(now.cluster.number_of_nodes, asked)]


def _status(parameters: Parameters) -> list[Condition]:
    raw = parameters.choice("wait_for_status", STATUSES)
    if raw is None:
        return []
    worst = STATUSES.index(raw)
    return [lambda now: STATUSES.index(now.status) <= worst]


def _active_shards(parameters: Parameters) -> list[Condition]:
    raw = parameters.text("wait_for_active_shards")
    if raw is None:
        return []
    if raw == "all":
        return [lambda now: active_percent(now.shards) == 100]
    asked = parameters.number("wait_for_active_shards", 0)
    return [lambda now: sum(one.active for one in now.shards) >= asked]
