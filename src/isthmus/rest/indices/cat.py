"""Tables of indices: `_cat/indices`, `aliases`, `shards`, `templates`, `recovery`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cat-indices.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from isthmus.cluster.indices.creation import Indices
from isthmus.cluster.messages import Member
from isthmus.index.metadata.aliases import shown
from isthmus.index.metadata.expressions import matches
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.metadata.templates import Template
from isthmus.index.shard.statistics import ShardStatistics
from isthmus.rest.answers import Answer
from isthmus.rest.cat.table import PARAMETERS as TABLE
from isthmus.rest.cat.table import Cell, Column, Table
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices.upkeep import Upkeep
from isthmus.rest.media import Kind
from isthmus.rest.routing import Request, Route
from isthmus.rest.units import Duration, Size
from isthmus.security.acting import acting

Members = Callable[[], Sequence[Member]]
_KINDS: tuple[Kind, ...] = ("text", "json")
_SHOWN = (*TABLE, *PARAMETERS, "local", "master_timeout")
_OF_STATE = (*TABLE, "local", "master_timeout")


@dataclass(frozen=True)
class _Index:
    index: IndexMetadata
    numbers: ShardStatistics | None
    holder: Member | None = None

    @property
    def replicas(self) -> int:
        return int(str(self.index.settings.get("index.number_of_replicas", "0")))

    @property
    def health(self) -> str:
        if self.numbers is None:
            return "red"
        return "yellow" if self.replicas else "green"

    @property
    def documents(self) -> int | None:
        return None if self.numbers is None else self.numbers.documents

    @property
    def deleted(self) -> int | None:
        return None if self.numbers is None else self.numbers.deleted

    @property
    def size(self) -> Size | None:
        return None if self.numbers is None else Size(self.numbers.size)


@dataclass(frozen=True)
class _Shard:
    """The shard of an index, or one of the copies that were asked for and that nobody holds."""

    row: _Index
    replica: int

    @property
    def state(self) -> str:
        if self.held is None:
            return "UNASSIGNED"
        return "STARTED" if self.row.index.relocating is None else "RELOCATING"

    @property
    def held(self) -> _Index | None:
        return None if self.replica or self.row.numbers is None else self.row


@dataclass(frozen=True)
class _Recovery:
    """A shard that came from another node, or whose projection was built anew."""

    index: str
    type: str
    stage: str
    seconds: float
    reason: str | None = None
    source: str | None = None
    target: str | None = None
    documents: int | None = None
    done: int | None = None
    sent: Size | None = None
    total: Size | None = None
    operations: int | None = None


def _of(get: Callable[[_Index], Cell]) -> Callable[[_Shard], Cell]:
    return lambda shard: None if shard.held is None else get(shard.held)


def routes(indices: Indices, upkeep: Upkeep, members: Members) -> tuple[Route, ...]:
    """Return the routes of the tables."""
    monitor = "indices:monitor/stats"
    tables = (
        ("indices", monitor, partial(_cat_indices, indices, upkeep), (*_SHOWN, "health"), "index"),
        ("aliases", "indices:admin/aliases/get", partial(_aliases, indices), (*_OF_STATE, "expand_wildcards"), "name"),
        ("shards", monitor, partial(_shards, indices, upkeep, members), _SHOWN, "index"),
        ("templates", "cluster:monitor/state", partial(_templates, indices), _OF_STATE, "name"),
        ("recovery", "indices:monitor/recovery", partial(_recovery, indices, upkeep), _SHOWN, "index"),
    )
    return tuple(
        Route("GET", path, action, handler, parameters, kinds=_KINDS)
        for name, action, handler, parameters, variable in tables
        for path in (f"/_cat/{name}", f"/_cat/{name}/{{{variable}}}")
    )


async def _cat_indices(indices: Indices, upkeep: Upkeep, request: Request) -> Answer:
    rows = await _rows(indices, upkeep, request)
    wanted = request.parameters.choice("health", ("green", "yellow", "red"))
    return Table(_INDEX_COLUMNS, request.parameters).render(
        [row for row in rows if wanted in (None, row.health)], request.kind
    )


async def _shards(indices: Indices, upkeep: Upkeep, members: Members, request: Request) -> Answer:
    by_id = {member.id: member for member in members()}
    rows = [replace(row, holder=by_id.get(row.index.node)) for row in await _rows(indices, upkeep, request)]
    shards = [_Shard(row, replica) for row in rows for replica in range(1 + row.replicas)]
    return Table(_SHARD_COLUMNS, request.parameters).render(shards, request.kind)


async def _recovery(indices: Indices, upkeep: Upkeep, request: Request) -> Answer:
    rows = [one for row in await _rows(indices, upkeep, request) for one in _recoveries(row)]
    return Table(_RECOVERY_COLUMNS, request.parameters).render(rows, request.kind)


async def _aliases(indices: Indices, request: Request) -> Answer:
    names = [one for one in request.variables.get("name", "*").split(",") if one]
    rows = [
        (alias, index.name, settings)
        for index in _every_index(indices, request)
        for alias, settings in index.aliases.items()
        if acting().sees(alias) and any(matches(pattern, alias) for pattern in names)
    ]
    return Table(_ALIAS_COLUMNS, request.parameters).render(sorted(rows, key=lambda row: row[:2]), request.kind)


def _every_index(indices: Indices, request: Request) -> list[IndexMetadata]:
    """Aliases are shown of hidden indices too, unless the request says what a wildcard means."""
    asked = options(request.parameters)
    chosen = asked if "expand_wildcards" in request.parameters else replace(asked, hidden=True)
    return [one.index for one in indices.catalogue.resolve("_all", chosen)]


async def _templates(indices: Indices, request: Request) -> Answer:
    pattern = request.variables.get("name", "*")
    rows = [one for name, one in sorted(indices.templates.templates.items()) if matches(pattern, name)]
    return Table(_TEMPLATE_COLUMNS, request.parameters).render(rows, request.kind)


async def _rows(indices: Indices, upkeep: Upkeep, request: Request) -> list[_Index]:
    expression = request.variables.get("index", "_all")
    found = [one.index for one in indices.catalogue.resolve(expression, options(request.parameters))]
    numbers = await upkeep.statistics(found)
    return [_Index(index, numbers.get(index.name)) for index in found]


def _created(row: _Index) -> str:
    return datetime.fromtimestamp(row.index.creation_date / 1000, UTC).isoformat(timespec="milliseconds")


_INDEX_COLUMNS = (
    Column[_Index]("health", ("h",), "current health status", lambda row: row.health),
    Column[_Index]("status", ("s",), "open/close status", lambda _: "open"),
    Column[_Index]("index", ("i", "idx"), "index name", lambda row: row.index.name),
    Column[_Index]("uuid", ("id",), "index uuid", lambda row: row.index.uuid),
    Column[_Index]("pri", ("p",), "number of primary shards", lambda _: 1, right=True),
    Column[_Index]("rep", ("r",), "number of replica shards", lambda row: row.replicas, right=True),
    Column[_Index]("docs.count", ("dc",), "available docs", lambda row: row.documents, right=True),
    Column[_Index]("docs.deleted", ("dd",), "deleted docs", lambda row: row.deleted, right=True),
    Column[_Index]("store.size", ("ss",), "store size of primaries & replicas", lambda row: row.size, right=True),
    Column[_Index]("pri.store.size", (), "store size of primaries", lambda row: row.size, right=True),
    Column[_Index](
        "creation.date", ("cd",), "index creation date (ms)", lambda row: row.index.creation_date, shown=False
    ),
    Column[_Index]("creation.date.string", ("cds",), "index creation date (as string)", _created, shown=False),
)
_SHARD_COLUMNS = (
    Column[_Shard]("index", ("i",), "index name", lambda shard: shard.row.index.name),
    Column[_Shard]("shard", ("s",), "shard name", lambda _: 0),
    Column[_Shard]("prirep", ("p",), "primary or replica", lambda shard: "r" if shard.replica else "p"),
    Column[_Shard]("state", ("st",), "shard state", lambda shard: shard.state),
    Column[_Shard]("docs", ("d",), "number of docs", _of(lambda row: row.documents), right=True),
    Column[_Shard]("store", ("sto",), "store size", _of(lambda row: row.size), right=True),
    Column[_Shard]("ip", (), "ip of the node that holds it", _of(lambda row: row.holder.ip if row.holder else None)),
    Column[_Shard](
        "node", ("n",), "name of the node that holds it", _of(lambda row: row.holder.name if row.holder else None)
    ),
    Column[_Shard]("id", (), "id of the node that holds it", _of(lambda row: row.index.node), shown=False),
)
_RECOVERY_COLUMNS = (
    Column[_Recovery]("index", ("i", "idx"), "index name", lambda one: one.index),
    Column[_Recovery]("shard", ("s", "sh"), "shard name", lambda _: 0),
    Column[_Recovery]("time", ("t", "ti"), "recovery time", lambda one: Duration(one.seconds)),
    Column[_Recovery]("type", ("ty",), "recovery type", lambda one: one.type),
    Column[_Recovery]("stage", ("st",), "recovery stage", lambda one: one.stage),
    Column[_Recovery]("reason", ("r",), "why the projection was built anew", lambda one: one.reason),
    Column[_Recovery]("source_node", ("snode",), "id of the node it came from", lambda one: one.source),
    Column[_Recovery]("target_node", ("tnode",), "id of the node it goes to", lambda one: one.target),
    Column[_Recovery]("documents", ("d",), "documents to project", lambda one: one.documents, right=True),
    Column[_Recovery]("documents_done", ("dd",), "documents projected", lambda one: one.done, right=True),
    Column[_Recovery]("bytes_recovered", ("br",), "bytes sent", lambda one: one.sent, right=True),
    Column[_Recovery]("bytes_total", ("tb",), "bytes to send", lambda one: one.total, right=True),
    Column[_Recovery]("translog_ops_recovered", ("tor",), "operations sent", lambda one: one.operations, right=True),
)
_ALIAS_COLUMNS = (
    Column[tuple[str, str, Alias]]("alias", ("a",), "alias name", lambda row: row[0]),
    Column[tuple[str, str, Alias]]("index", ("i",), "index alias points to", lambda row: row[1]),
    Column[tuple[str, str, Alias]]("filter", ("f",), "filter", lambda row: "*" if row[2].filter else "-"),
    Column[tuple[str, str, Alias]](
        "routing.index", ("ri",), "index routing", lambda row: shown(row[2]).get("index_routing", "-")
    ),
    Column[tuple[str, str, Alias]](
        "routing.search", ("rs",), "search routing", lambda row: shown(row[2]).get("search_routing", "-")
    ),
    Column[tuple[str, str, Alias]](
        "is_write_index",
        ("w",),
        "write index",
        lambda row: "-" if row[2].is_write_index is None else str(row[2].is_write_index).lower(),
    ),
)
_TEMPLATE_COLUMNS = (
    Column[Template]("name", ("n",), "template name", lambda one: one.name),
    Column[Template]("index_patterns", ("t",), "patterns", lambda one: f"[{', '.join(one.index_patterns)}]"),
    Column[Template]("order", ("o", "p"), "priority", lambda one: one.priority or 0),
    Column[Template]("version", ("v",), "version", lambda one: one.version),
    Column[Template]("composed_of", ("c",), "components", lambda one: f"[{', '.join(one.composed_of)}]"),
)


def _recoveries(row: _Index) -> Iterator[_Recovery]:
    """What is told of an index: its move, and how its projection was built anew."""
    numbers, name = row.numbers, row.index.name
    if numbers is None:
        return
    if numbers.relocation is not None:
        move = numbers.relocation
        yield _Recovery(
            index=name,
            type="peer",
            stage=move.stage,
            seconds=move.seconds,
            source=move.source,
            target=move.target,
            sent=Size(move.sent),
            total=Size(move.total),
            operations=move.operations,
        )
    if numbers.recovery is not None:
        why, done, documents, seconds, over = numbers.recovery
        stage = "done" if over else "index"
        yield _Recovery(name, "projection", stage, seconds, reason=why, documents=documents, done=done)
