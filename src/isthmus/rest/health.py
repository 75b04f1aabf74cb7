"""`GET /_cluster/health`: how the cluster and its indices are, now or once they are as good as was asked for.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-health.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from isthmus.errors import UsageError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import Options, resolve
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.indices.health import STATUSES, IndexHealth, counts, percent_active, told, worst
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request
from isthmus.rest.view import ClusterHealth, NodeView, Status

PARAMETERS = (
    *INDICES_PARAMETERS,
    "level",
    "timeout",
    "wait_for_active_shards",
    "wait_for_no_initializing_shards",
    "wait_for_no_relocating_shards",
    "wait_for_nodes",
    "wait_for_status",
)
DEFAULT_SECONDS = 30.0
MAX_SECONDS = 3600.0
_LEVELS = ("cluster", "indices", "shards")
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "": lambda found, asked: found == asked,
    ">=": lambda found, asked: found >= asked,
    "<=": lambda found, asked: found <= asked,
    ">": lambda found, asked: found > asked,
    "<": lambda found, asked: found < asked,
}
_WORDS = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
_NODES = re.compile(r"(>=|<=|>|<|)\s*([0-9]{1,9})|(ge|le|gt|lt)\(\s*([0-9]{1,9})\s*\)", re.ASCII)

Indices = Callable[[], Mapping[str, IndexMetadata]]


@dataclass(frozen=True)
class _Health:
    """`found` is false while an index that was named is missing: then all is red."""

    cluster: ClusterHealth
    indices: list[IndexHealth]
    found: bool = True

    @property
    def status(self) -> Status:
        if not self.found:
            return "red"
        return worst([self.cluster.status, *(one.status for one in self.indices)])

    @property
    def active_shards(self) -> int:
        return sum(one.active for one in self.indices)

    @property
    def wanted_shards(self) -> int:
        return sum(1 + one.replicas for one in self.indices)


Condition = Callable[[_Health], bool]


async def health(view: NodeView, indices: Indices, request: Request) -> Json:
    """Answer the health of all indices or those of the path; wait for what is asked for up to `timeout`.

    In vain is 408, as with Elasticsearch; an index that is missing is waited for.
    """
    parameters = request.parameters
    level = parameters.choice("level", _LEVELS) or "cluster"
    conditions: list[Condition] = [
        *_nodes(parameters),
        *_status(parameters),
        *_shards(parameters),
        lambda now: now.found,
    ]
    seconds = request.parameters.seconds("timeout", DEFAULT_SECONDS, MAX_SECONDS)
    human = request.parameters.boolean("human")

    def now() -> _Health:
        return _now(view, indices(), request)

    def holds() -> bool:
        found = now()
        return all(condition(found) for condition in conditions)

    in_time = holds() or await view.wait_until(holds, seconds)
    found = now()
    body = _body(view.cluster_name, found, timed_out=not in_time, human=human)
    if level != "cluster":
        body["indices"] = told(found.indices, shards=level == "shards")
    return Json(body, 200 if in_time else 408)


def _now(view: NodeView, indices: Mapping[str, IndexMetadata], request: Request) -> _Health:
    present = {member.id for member in view.members()}
    try:
        chosen = resolve(request.variables.get("index", "_all"), indices, _options(request))
    except IndexNotFoundError:
        return _Health(view.health(), [], found=False)
    return _Health(view.health(), [IndexHealth.of(one.index, present) for one in chosen])


def _options(request: Request) -> Options:
    """All indices are hidden ones too, unless the request says what a wildcard means."""
    asked = options(request.parameters)
    return asked if "expand_wildcards" in request.parameters else replace(asked, hidden=True)


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


def _shards(parameters: Parameters) -> list[Condition]:
    parameters.boolean("wait_for_no_initializing_shards")  # a shard is there or not
    still = parameters.boolean("wait_for_no_relocating_shards")
    conditions: list[Condition] = [lambda now: not any(one.relocating for one in now.indices)] if still else []
    raw = parameters.text("wait_for_active_shards")
    if raw is None:
        return conditions
    if raw == "all":
        return [*conditions, lambda now: now.active_shards == now.wanted_shards]
    asked = parameters.number("wait_for_active_shards", 0)
    return [*conditions, lambda now: now.active_shards >= asked]


def _body(cluster_name: str, now: _Health, *, timed_out: bool, human: bool) -> dict[str, Any]:
    active = percent_active(now.indices)
    body: dict[str, Any] = {
        "cluster_name": cluster_name,
        "status": now.status,
        "timed_out": timed_out,
        "number_of_nodes": now.cluster.number_of_nodes,
        "number_of_data_nodes": now.cluster.number_of_data_nodes,
        **counts(now.indices),
        "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0,
        **({"task_max_waiting_in_queue": "0s"} if human else {}),
        "task_max_waiting_in_queue_millis": 0,
        **({"active_shards_percent": f"{active:.1f}%"} if human else {}),
        "active_shards_percent_as_number": active,
    }
    return body | {"warnings": list(now.cluster.warnings)} if now.cluster.warnings else body
