"""Nodes over one state, each with what it knows of indices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from isthmus.cluster.indices.administration import Administration
from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.templates import TemplateCatalogue
from isthmus.cluster.messages import Member
from isthmus.errors import UsageError
from isthmus.index.mapping.definition import canonical
from isthmus.index.metadata.templates import Checks, Contents, parse_contents, parse_index_template
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


CHECKS = Checks(check_filter, canonical)


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
        self.administration = Administration(self.catalogue, self.templates, me.id, lambda: [me, *others], check_filter)

    async def create(self, name: str, **body: Any) -> Any:
        return await self.administration.create(name, contents(**body))

    async def put_template(self, name: str, **body: Any) -> None:
        await self.templates.put_index_template(name, parse_index_template(name, body, CHECKS))

    async def _commit(self, writes: Sequence[Write]) -> int:
        first, self.before_commit = self.before_commit, None
        if first is not None:
            await first()
        commit = self.store.commit(writes)
        self.map.changed(commit.changes)
        return commit.revision


def contents(**body: Any) -> Contents:
    """What a request asks for."""
    return parse_contents(body, CHECKS)
