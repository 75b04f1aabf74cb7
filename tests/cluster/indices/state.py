"""Nodes over one state, each with what it knows of indices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, cast

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.creation import Indices
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.messages import CreateShard, DiscardShard, ShardCreated, ShardDiscarded
from isthmus.cluster.indices.template_catalogue import TemplateCatalogue
from isthmus.cluster.membership import Membership
from isthmus.cluster.messages import Member
from isthmus.errors import UsageError
from isthmus.index.mapping.definition import canonical
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.templates import Template, parse_template
from isthmus.settings import Settings
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from tests.rest.node import FIRST, member

DATA = member("node-0002", "BBBBbbbbccccddddeeeefg", "127.0.0.12", roles=("data",))
TALKER = member("node-0003", "CCCCbbbbccccddddeeeefg", "127.0.0.13", roles=())


def check_filter(query: Any) -> None:
    """Every object is a query."""
    if not isinstance(query, dict):
        raise UsageError("no query")


def template(name: str, *, component: bool = False, **body: Any) -> Template:
    """A template by the keys of its body."""
    return parsed(name, body, component=component)


def parsed(name: str, body: object, *, component: bool) -> Template:
    """The template of a request's body."""
    return parse_template(
        name,
        body,
        component=component,
        check_filter=check_filter,
        check_mappings=lambda mappings, _settings: canonical(mappings),
    )


class Rooms:
    """Stands for the nodes that hold indices: `made` tells on which of them room was made, `kept` what is there."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.kept: set[str] = set()

    async def ask_node(
        self, node: str, why: str, action: object, request: CreateShard | DiscardShard
    ) -> ShardCreated | ShardDiscarded:
        if isinstance(request, DiscardShard):
            self.kept.remove(request.index.uuid)
            return ShardDiscarded()
        self.made.append(node)
        self.kept.add(request.index.uuid)
        return ShardCreated()


class OneNode:
    """A node over the state in `store`, of a cluster with the nodes `others` too.

    `before_commit`, if it is set, is awaited once before the next write: somebody else's change can come first.
    """

    def __init__(self, store: StateStore, me: Member = FIRST, others: Sequence[Member] = ()) -> None:
        self.store = store
        self.before_commit: Callable[[], Awaitable[object]] | None = None
        self.map = ReplicatedMap(store)
        self.map.write_through(self._commit)
        self.catalogue = Catalogue(self.map)
        self.templates = TemplateCatalogue(self.map)
        self.settings = DynamicSettings(Settings(Path("/config"), {}), self.map)
        self.rooms = Rooms()
        membership = Membership(me, store, lambda _member: True)
        membership.learn([me, *others])
        self.indices = Indices(
            self.catalogue, self.templates, cast(Holders, self.rooms), membership, self.settings, check_filter
        )

    def another(self) -> OneNode:
        """Another node over the same state, whose changes this one sees."""
        other = OneNode(self.store)
        other.rooms.kept = self.rooms.kept
        other.map.watch("", lambda key: self.map.changed([key]))
        return other

    async def create(self, name: str, **body: Any) -> IndexMetadata:
        return await self.indices.create(name, body)

    async def put_template(self, name: str, **body: Any) -> None:
        await self.templates.put(template(name, **body), component=False, create=False)

    async def put_component(self, name: str, *, create: bool = False, **contents: Any) -> None:
        made = template(name, component=True, template=contents)
        await self.templates.put(made, component=True, create=create)

    async def _commit(self, writes: Sequence[Write]) -> int:
        first, self.before_commit = self.before_commit, None
        if first is not None:
            await first()
        commit = self.store.commit(writes)
        self.map.changed(commit.changes)
        return commit.revision
