"""`GET /_cluster/health`: the state of the cluster and its indices, now or once it is as good as was asked for.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-health.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.index.metadata.expressions import Options
from isthmus.rest.answers import Json
from isthmus.rest.cat import health as cat_health
from isthmus.rest.health_conditions import Seen, conditions
from isthmus.rest.indices.options import options
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request, Route
from isthmus.rest.shard_health import active_percent, counts, of_index, shard_health
from isthmus.rest.view import NodeView

PARAMETERS = (
    "expand_wildcards",
    "level",
    "local",
    "master_timeout",
    "timeout",
    "wait_for_active_shards",
    "wait_for_events",
    "wait_for_no_initializing_shards",
    "wait_for_no_relocating_shards",
    "wait_for_nodes",
    "wait_for_status",
)
DEFAULT_SECONDS = 30.0
MAX_SECONDS = 3600.0


def health_routes(view: NodeView, catalogue: Catalogue) -> tuple[Route, ...]:
    """Return the routes by which the health of the cluster and its indices is asked for."""
    health = Health(view, catalogue)
    action = "cluster:monitor/health"
    table = partial(cat_health.health, view.cluster_name, lambda: health.seen("_all", Options(hidden=True)))
    return (
        Route("GET", "/_cluster/health", action, health.answer, PARAMETERS),
        Route("GET", "/_cluster/health/{index}", action, health.answer, PARAMETERS),
        Route("GET", "/_cat/health", action, table, cat_health.PARAMETERS, kinds=("text", "json")),
    )


class Health:
    """Sees the cluster, and waits for it to become as it is asked for."""

    def __init__(self, view: NodeView, catalogue: Catalogue) -> None:
        self._view = view
        self._catalogue = catalogue
        self._changed = asyncio.Event()
        catalogue.on_change(self._notify)

    async def answer(self, request: Request) -> Json:
        """Answer the health; wait for what `wait_for_…` say up to `timeout`. In vain is 408, as with Elasticsearch."""
        parameters = request.parameters
        expression = request.variables.get("index", "_all")
        chosen = _options(parameters)
        wanted = conditions(parameters)
        level = parameters.choice("level", ("cluster", "indices", "shards")) or "cluster"
        seconds = parameters.seconds("timeout", DEFAULT_SECONDS, MAX_SECONDS)

        def holds() -> bool:
            seen = self.seen(expression, chosen)
            return not seen.missing and all(condition(seen) for condition in wanted)

        in_time = holds() or await self._wait(holds, seconds)
        told = _body(self._view.cluster_name, self.seen(expression, chosen), timed_out=not in_time, level=level)
        if parameters.boolean("human"):
            told["task_max_waiting_in_queue"] = "0s"
            told["active_shards_percent"] = f"{told['active_shards_percent_as_number']:.1f}%"
        return Json(told, 200 if in_time else 408)

    def seen(self, expression: str, chosen: Options) -> Seen:
        """Return what there is now of the indices that an expression means."""
        nodes = {member.id for member in self._view.members()}
        found = [one.index for one in self._catalogue.resolve(expression, chosen)]
        plain = [part for part in expression.split(",") if part != "_all" and "*" not in part]
        known = self._catalogue.indices
        aliases = {alias for index in known.values() for alias in index.aliases}
        missing = any(part not in known and part not in aliases for part in plain)
        return Seen(self._view.health(), tuple(shard_health(index, nodes) for index in found), missing)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds()` after some change of members or indices; return False after `seconds`."""
        members = asyncio.ensure_future(self._view.wait_until(holds, seconds))
        try:
            while not members.done() and not holds():
                changed = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait([members, changed], return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
            return holds()
        finally:
            members.cancel()
            with suppress(asyncio.CancelledError):
                await members


def _options(parameters: Parameters) -> Options:
    """A name that means nothing is waited for, and hidden indices count."""
    chosen = options(parameters) if "expand_wildcards" in parameters else Options(hidden=True)
    return replace(chosen, ignore_unavailable=True)


def _body(cluster_name: str, now: Seen, *, timed_out: bool, level: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "cluster_name": cluster_name,
        "status": now.status,
        "timed_out": timed_out,
        "number_of_nodes": now.cluster.number_of_nodes,
        "number_of_data_nodes": now.cluster.number_of_data_nodes,
        **counts(now.shards),
        "delayed_unassigned_shards": 0,
        "number_of_pending_tasks": 0,
        "number_of_in_flight_fetch": 0,
        "task_max_waiting_in_queue_millis": 0,
        "active_shards_percent_as_number": active_percent(now.shards),
    }
    if level != "cluster":
        body["indices"] = {one.index: of_index(one, shards=level == "shards") for one in now.shards}
    return body | {"warnings": list(now.cluster.warnings)} if now.cluster.warnings else body
