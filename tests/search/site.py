"""A small cluster in one process: real indices on disk, nodes that talk in real messages without a network."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.documents import Documents
from isthmus.cluster.indices.holder import Holders, named
from isthmus.cluster.indices.holdings import Holdings
from isthmus.cluster.indices.messages import MAINTAIN, IndexName, Maintain
from isthmus.cluster.indices.moving.arriving import Arriving
from isthmus.cluster.indices.moving.leaving import Leaving
from isthmus.cluster.service import ClusterService
from isthmus.errors import IsthmusError
from isthmus.index.ledger.operation import Written
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import one_to_read, one_to_write
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.index.shard.shard import Machine, make_folder
from isthmus.index.writing.item import Answered, Item
from isthmus.rest.errors import error_body
from isthmus.search.asynchronous import AsyncSearches
from isthmus.search.rules import SearchRules
from isthmus.search.scrolls import Scrolls
from isthmus.search.service import SearchService
from isthmus.search.targets import node as nodes
from isthmus.search.targets.local import LocalTarget
from isthmus.search.targets.node import NodeTarget
from isthmus.security.acting import acting, doing
from isthmus.security.authorization.permission import Permission
from isthmus.security.forwarding.asking import headers_of
from isthmus.security.forwarding.guard import Guard
from isthmus.security.roles.registry import built_in_permission
from isthmus.security.subject import Authentication
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from isthmus.transport.errors import ConnectError, RemoteError
from isthmus.transport.messages import Action, ForNodes, decode, encode
from isthmus.transport.registry import ActionRegistry

UNSAID = "indices:admin/tests"
NOW = 1_700_000_000_000


class Network:
    """Carries messages between nodes as bytes, errors as a peer tells them."""

    def __init__(self) -> None:
        self.registries: dict[str, ActionRegistry] = {}
        self.away: set[str] = set()
        self.asked: list[str] = []
        self.aliases_of: Callable[[str], Iterable[str]] = lambda _index: ()
        self.permissions = built_in_permission
        self.before: Callable[[str], Awaitable[object]] | None = None
        self.after: Callable[[str], Awaitable[object]] | None = None

    def cluster(self, me: str) -> ClusterService:
        """What a node `me` sees of the cluster."""
        registry = self.registries[me] = ActionRegistry(Guard(self._permission_of, self.aliases_of))
        members = [SimpleNamespace(id=one) for one in ("one", "two")]
        membership = SimpleNamespace(me=SimpleNamespace(id=me), members=members, registry=registry)
        return cast("ClusterService", SimpleNamespace(membership=membership, ask=self.ask))

    def _permission_of(self, who: Authentication) -> Permission:
        return self.permissions(who)

    async def ask(self, member: Any, action: Action[Any, Any], request: Any, *, timeout: float) -> Any:
        self.asked.append(action.name)
        if member.id in self.away:
            raise ConnectError(f"[{member.id}] cannot be reached within {timeout:g} s")
        if self.before is not None:
            await self.before(action.name)
        entry = self.registries[member.id].find(action.name)
        assert entry is not None, action.name
        assert entry.encode is not None
        try:
            answer = entry.handler(encode(request), cast("Any", SimpleNamespace(headers=_headers_of(action))))
            answered = await asyncio.ensure_future(answer) if inspect.isawaitable(answer) else answer
        except IsthmusError as error:
            raise RemoteError(error.type, error.status, error.reason, where=member.id) from error
        if self.after is not None:
            await self.after(action.name)
        return decode(entry.encode(answered), action.response)


def _headers_of(action: Action[Any, Any]) -> Mapping[str, str]:
    """Tests that do not say what they do, do what the action is for."""
    if isinstance(action.asked, ForNodes) or acting().action != UNSAID:
        return headers_of(action)
    with doing(action.asked.actions[0].replace("*", "search")):
        return headers_of(action)


class ANode:
    """One node of the site."""

    def __init__(self, name: str, folder: Path, network: Network, catalogue: Catalogue, machine: Machine) -> None:
        cluster = network.cluster(name)
        self.name = name
        self.rules = SearchRules()
        self.threads = ThreadPoolExecutor(2)
        self.holders = Holders(cluster, network.registries[name])
        self.folder = folder / name
        self.holdings = Holdings(self.folder, catalogue, name, machine)
        self.holdings.register(self.holders)
        self.arriving = Arriving(name, self.holdings, catalogue)
        self.arriving.register(self.holders)
        self.leaving = Leaving(name, self.holdings, self.holders, catalogue)
        self.leaving.register(self.holders)
        self.documents = Documents(self.holders, catalogue)
        self.local = LocalTarget(name, catalogue, self.holdings, self.documents, lambda: self.rules, self.threads)
        nodes.serve(self.holders, self.local)
        self.search = SearchService(
            catalogue.resolve,
            lambda node: NodeTarget(node, self.holders),
            lambda: self.rules,
            lambda: 1_700_000_000_000,
        )
        self.later = AsyncSearches(name, self.search, self.holders, error_body)
        self.scrolls = Scrolls(name, self.search, self.holders, lambda: ("one", "two"))


class Site:
    """Two nodes, `one` and `two`, and the indices that they hold."""

    def __init__(self, folder: Path) -> None:
        self.network = Network()
        self._pool = ThreadPoolExecutor(2)
        self._store = StateStore(folder / "state.sqlite")
        self._state = ReplicatedMap(self._store)
        self._state.write_through(self._commit)
        self.catalogue = Catalogue(self._state)
        machine = Machine(self._pool, self._pool)
        self.one = ANode("one", folder, self.network, self.catalogue, machine)
        self.two = ANode("two", folder, self.network, self.catalogue, machine)

    async def index(
        self,
        name: str,
        documents: dict[str, Any],
        *,
        node: str = "one",
        mappings: dict[str, Any] | None = None,
        settings: dict[str, str | list[str]] | None = None,
        aliases: dict[str, Any] | None = None,
    ) -> IndexMetadata:
        """Make an index of documents by id; they can be searched when this returns. Filters of aliases are JSON."""
        holder = self.one if node == "one" else self.two
        index = IndexMetadata(
            name=name,
            uuid=f"uuid-of-{name}",
            node=node,
            creation_date=0,
            settings=settings or {},
            mappings=mappings or {},
            aliases={
                alias: Alias(filter=None if query is None else msgspec.json.encode(query))
                for alias, query in (aliases or {}).items()
            },
        )
        await asyncio.to_thread(make_folder, holder.folder / index.uuid, index.uuid)
        await self.catalogue.write({name: index}, [])
        await self.write(name, documents)
        return index

    async def write(self, name: str, documents: dict[str, Any]) -> list[Answered]:
        """Index documents by id; they can be searched when this returns."""
        items = [
            Item(kind="index", id=id_, source=msgspec.json.encode(document)) for id_, document in documents.items()
        ]
        return await self.one.documents.write(self.catalogue.indices[name], items, "true")

    async def put(self, name: str, documents: dict[str, Any]) -> None:
        """Index documents by id, without making them visible."""
        items = [Item(kind="index", id=id_, source=msgspec.json.encode(one)) for id_, one in documents.items()]
        for answered in await self.one.documents.write(self.catalogue.indices[name], items):
            assert isinstance(answered.outcome, Written)

    def name(self, index: str) -> IndexName:
        """How nodes name an index."""
        return named(self.catalogue.indices[index])

    async def delete(self, name: str, deleted: Sequence[str]) -> list[Answered]:
        """Delete documents by id."""
        items = [Item(kind="delete", id=id_) for id_ in deleted]
        return await self.one.documents.write(self.catalogue.indices[name], items)

    async def set(self, name: str, settings: dict[str, str | list[str]]) -> None:
        """Change settings of an index."""
        await self.catalogue.change(
            name, lambda index: msgspec.structs.replace(index, settings={**index.settings, **settings})
        )

    async def refresh(self, indices: Sequence[IndexMetadata]) -> None:
        """Make everything that was written visible."""
        for index in indices:
            await self.one.holders.ask(index, MAINTAIN, Maintain([named(index)], "refresh"))

    async def write_index(self, name: str, *, require_alias: bool = False, make: bool = True) -> IndexMetadata:
        """The index that is written to by a name; none is made."""
        found = one_to_write(name, self.catalogue.indices)
        if found is None or (require_alias and name == found.name):
            raise IndexNotFoundError(name)
        return found

    def read_index(self, name: str) -> IndexMetadata:
        """The index that is read by a name."""
        return one_to_read(name, self.catalogue.indices)

    async def _commit(self, writes: Sequence[Write]) -> int:
        commit = self._store.commit(writes)
        self._state.changed([write.key for write in writes])
        return commit.revision

    async def close(self) -> None:
        for node in (self.one, self.two):
            await node.scrolls.close()
            node.later.close()
        for node in (self.one, self.two):
            node.local.contexts.clear()
            await node.leaving.close()
            await node.arriving.close()
            await node.holdings.close()
            node.threads.shutdown()
        self._pool.shutdown()
        self._store.close()


def ids(answer: dict[str, Any]) -> list[str]:
    """The ids of an answer's hits."""
    return [hit["_id"] for hit in answer["hits"]["hits"]]


def seen(answer: Any) -> Any:
    """An answer as a client sees it."""
    return msgspec.json.decode(msgspec.json.encode(answer))


def sequence(count: int, start: int = 0) -> dict[str, Any]:
    """Documents that count."""
    return {f"{n:03}": {"n": n, "tag": "even" if n % 2 == 0 else "odd"} for n in range(start, start + count)}


def all_of(answers: Sequence[dict[str, Any]]) -> list[str]:
    """The ids of several answers' hits."""
    return [one for answer in answers for one in ids(answer)]
