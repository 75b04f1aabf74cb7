"""`GET /_cat/health`: the health of the cluster as one line.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cat-health.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from isthmus.rest.answers import Answer
from isthmus.rest.cat.table import Cell, Column, Table
from isthmus.rest.health import Indices
from isthmus.rest.indices.health import IndexHealth, counts, percent_active, worst
from isthmus.rest.routing import Request
from isthmus.rest.view import ClusterHealth, NodeView


@dataclass(frozen=True)
class _Row:
    cluster_name: str
    cluster: ClusterHealth
    indices: list[IndexHealth]
    now: float


async def health(view: NodeView, indices: Indices, request: Request) -> Answer:
    """Answer the health now."""
    present = {member.id for member in view.members()}
    found = [IndexHealth.of(index, present) for index in indices().values()]
    row = _Row(view.cluster_name, view.health(), found, time.time())
    return Table(_COLUMNS, request.parameters).render([row], request.kind)


def _count(name: str) -> Callable[[_Row], Cell]:
    return lambda row: counts(row.indices)[name]


def _status(row: _Row) -> str:
    return worst([row.cluster.status, *(one.status for one in row.indices)])


_COLUMNS = (
    Column[_Row]("epoch", ("t", "time"), "seconds since 1970-01-01 00:00:00", lambda row: int(row.now)),
    Column[_Row](
        "timestamp", ("ts",), "time in HH:MM:SS", lambda row: datetime.fromtimestamp(row.now, UTC).strftime("%H:%M:%S")
    ),
    Column[_Row]("cluster", ("cl",), "cluster name", lambda row: row.cluster_name),
    Column[_Row]("status", ("st",), "health status", _status),
    Column[_Row]("node.total", ("nt",), "number of nodes", lambda row: row.cluster.number_of_nodes, right=True),
    Column[_Row](
        "node.data", ("nd",), "number of nodes with data", lambda row: row.cluster.number_of_data_nodes, right=True
    ),
    Column[_Row]("shards", ("sh",), "shards that are held", _count("active_shards"), right=True),
    Column[_Row]("pri", ("p",), "primary shards that are held", _count("active_primary_shards"), right=True),
    Column[_Row]("relo", ("r",), "shards on their way", _count("relocating_shards"), right=True),
    Column[_Row]("init", ("i",), "shards that begin", _count("initializing_shards"), right=True),
    Column[_Row]("unassign", ("u",), "shards that nobody holds", _count("unassigned_shards"), right=True),
    Column[_Row](
        "unassign.pri", ("up",), "primary shards that nobody holds", _count("unassigned_primary_shards"), right=True
    ),
    Column[_Row](
        "active_shards_percent",
        ("asp",),
        "shards that are held, percent",
        lambda row: f"{percent_active(row.indices):.1f}%",
        right=True,
    ),
)
