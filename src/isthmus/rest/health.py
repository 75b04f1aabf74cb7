"""`GET /_cluster/health`: the state of the cluster, now or once it is as good as was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request
from isthmus.rest.view import ClusterHealth, NodeView

PARAMETERS = ("timeout", "wait_for_nodes", "wait_for_status")
DEFAULT_SECONDS = 30.0
MAX_SECONDS = 3600.0
_STATUSES = ("green", "yellow", "red")
_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "": lambda found, asked: found == asked,
    ">=": lambda found, asked: found >= asked,
    "<=": lambda found, asked: found <= asked,
    ">": lambda found, asked: found > asked,
    "<": lambda found, asked: found < asked,
}
_WORDS = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
_NODES = re.compile(r"(>=|<=|>|<|)\s*([0-9]{1,9})|(ge|le|gt|lt)\(\s*([0-9]{1,9})\s*\)", re.ASCII)

Condition = Callable[[ClusterHealth], bool]


async def health(view: NodeView, request: Request) -> Json:
    """Answer the health; wait for `wait_for_nodes` and `wait_for_status` up to `timeout` if they are given.

    In vain is 408, as with Elasticsearch.
    """
    conditions = [*_nodes(request.parameters), *_status(request.parameters)]
    seconds = request.parameters.seconds("timeout", DEFAULT_SECONDS, MAX_SECONDS)
    human = request.parameters.boolean("human")

    def holds() -> bool:
        found = view.health()
        return all(condition(found) for condition in conditions)

    in_time = holds() or await view.wait_until(holds, seconds)
    body = _body(view.cluster_name, view.health(), timed_out=not in_time, human=human)
    return Json(body, 200 if in_time else 408)


def _nodes(parameters: Parameters) -> list[Condition]:
    raw = parameters.text("wait_for_nodes")
    if raw is None:
        return []
    found = _NODES.fullmatch(raw)
    if found is None:
        raise UsageError(f"[wait_for_nodes] is [{raw[:50]}]", hint="give a number, >=N, <=N, >N, <N, ge(N), le(N) …")
    compare = _COMPARISONS[found[1] if found[3] is None else _WORDS[found[3]]]
    asked = int(found[2] or found[4])
    return [lambda now: compare(now.number_of_nodes, asked)]


def _status(parameters: Parameters) -> list[Condition]:
    raw = parameters.choice("wait_for_status", _STATUSES)
    if raw is None:
        return []
    worst = _STATUSES.index(raw)
    return [lambda now: _STATUSES.index(now.status) <= worst]


def _body(cluster_name: str, now: ClusterHealth, *, timed_out: bool, human: bool) -> dict[str, Any]:
    # A cluster that holds no indices has no shards, and all of none are active.
    body: dict[str, Any] = {
        "cluster_name": cluster_name,
        "status": now.status,
        "timed_out": timed_out,
        "number_of_nodes": now.number_of_nodes,
        "number_of_data_nodes": now.number_of_data_nodes,
        "active_primary_shards": 0,
        "active_shards": 0,
        "relocating_shards": 0,
        "initializing_shards": 0,
        "unassigned_shards": 0,
        "unassigned_primary_shards": 0,
        "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0,
        **({"task_max_waiting_in_queue": "0s"} if human else {}),
        "task_max_waiting_in_queue_millis": 0,
        **({"active_shards_percent": "100.0%"} if human else {}),
        "active_shards_percent_as_number": 100.0,
    }
    return body | {"warnings": list(now.warnings)} if now.warnings else body
