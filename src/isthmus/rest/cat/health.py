"""`GET /_cat/health`: the health of the cluster in one line."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from isthmus.rest.answers import Answer
from isthmus.rest.cat.table import PARAMETERS as TABLE
from isthmus.rest.cat.table import Column, Table
from isthmus.rest.health_conditions import Seen
from isthmus.rest.routing import Request
from isthmus.rest.shard_health import active_percent, counts

PARAMETERS = (*TABLE, "ts")


@dataclass(frozen=True)
class _Row:
    cluster_name: str
    seen: Seen
    at: float


async def health(cluster_name: str, see: Callable[[], Seen], request: Request) -> Answer:
    """Answer the health as a table; `ts=false` leaves the time out."""
    timed = request.parameters.text("ts") is None or request.parameters.boolean("ts")
    table = Table(_COLUMNS if timed else _COLUMNS[len(_TIMES) :], request.parameters)
    return table.render([_Row(cluster_name, see(), time.time())], request.kind)


def _count(name: str, aliases: tuple[str, ...], text: str, key: str) -> Column[_Row]:
    return Column(name, aliases, text, lambda row: counts(row.seen.shards)[key], right=True)


_TIMES = (
    Column[_Row]("epoch", ("t", "time"), "seconds since 1970-01-01 00:00:00", lambda row: int(row.at)),
    Column[_Row](
        "timestamp", ("ts", "hms"), "time in HH:MM:SS", lambda row: datetime.fromtimestamp(row.at, UTC).strftime("%X")
    ),
)
_COLUMNS = (
    *_TIMES,
    Column[_Row]("cluster", ("cl",), "cluster name", lambda row: row.cluster_name),
    Column[_Row]("status", ("st",), "health status", lambda row: row.seen.status),
    Column[_Row]("node.total", ("nt",), "nodes", lambda row: row.seen.cluster.number_of_nodes, right=True),
    Column[_Row](
        "node.data", ("nd",), "nodes that hold data", lambda row: row.seen.cluster.number_of_data_nodes, right=True
    ),
    _count("shards", ("sh",), "active shards", "active_shards"),
    _count("pri", ("p",), "active primary shards", "active_primary_shards"),
    _count("relo", ("r",), "relocating shards", "relocating_shards"),
    _count("init", ("i",), "initializing shards", "initializing_shards"),
    _count("unassign", ("u",), "unassigned shards", "unassigned_shards"),
    _count("unassign.pri", ("up",), "unassigned primary shards", "unassigned_primary_shards"),
    Column[_Row]("pending_tasks", ("pt",), "tasks that wait: none ever does", lambda _: 0, right=True),
    Column[_Row]("max_task_wait_time", ("mtwt",), "wait time of the longest one", lambda _: None, right=True),
    Column[_Row](
        "active_shards_percent",
        ("asp",),
        "active shards, percent",
        lambda row: f"{active_percent(row.seen.shards):.1f}%",
        right=True,
    ),
)
