"""The indices of a node, put together: what the cluster knows of them, those it holds, and the ways to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.creation import Indices
from isthmus.cluster.indices.documents import Documents
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.holdings import Holdings
from isthmus.cluster.indices.moving.arriving import Arriving
from isthmus.cluster.indices.moving.leaving import Leaving
from isthmus.cluster.indices.template_catalogue import TemplateCatalogue
from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService
from isthmus.index.shard.shard import Machine
from isthmus.query.parsing import parse_query
from isthmus.remote.outgoing.asking import Asking
from isthmus.remote.outgoing.looking import OtherIndices
from isthmus.remote.outgoing.searching import CrossClusterSearches
from isthmus.rest.documents.routes import document_routes
from isthmus.rest.documents.service import DocumentService
from isthmus.rest.errors import error_body
from isthmus.rest.indices.reroute import reroute_routes
from isthmus.rest.indices.routes import index_routes
from isthmus.rest.indices.upkeep import Upkeep
from isthmus.rest.routing import Route
from isthmus.rest.search.asynchronous import async_search_routes
from isthmus.rest.search.by_query_routes import by_query_routes
from isthmus.rest.search.routes import search_routes
from isthmus.search.asynchronous import AsyncSearches
from isthmus.search.by_query import ByQuery
from isthmus.search.rules import rules_of
from isthmus.search.scrolls import Scrolls
from isthmus.search.service import SearchService
from isthmus.search.targets.local import LocalTarget
from isthmus.search.targets.node import NodeTarget, serve
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.replicated import ReplicatedMap
from isthmus.transport.registry import ActionRegistry

FOLDER = "indices"
COMMIT_THREADS, THREADS, SEARCH_THREADS = 2, 4, 4


class NodeIndices:
    """Everything about indices on one node; `folder` is the node's data folder, `asking` the way to other clusters."""

    def __init__(
        self,
        folder: Path,
        state: ReplicatedMap,
        settings: DynamicSettings,
        cluster: ClusterService,
        registry: ActionRegistry,
        asking: Asking,
    ) -> None:
        self._settings = settings
        self._others = OtherIndices(asking)
        self._commits = ThreadPoolExecutor(COMMIT_THREADS, thread_name_prefix="commit")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="index")
        self.catalogue = Catalogue(state)
        self.holders = Holders(cluster, registry)
        machine = Machine(self._commits, self._threads)
        me = cluster.membership.me.id
        self.holdings = Holdings(folder / FOLDER, self.catalogue, me, machine)
        self.holdings.register(self.holders)
        self.arriving = Arriving(me, self.holdings, self.catalogue)
        self.arriving.register(self.holders)
        self.leaving = Leaving(me, self.holdings, self.holders, self.catalogue)
        self.leaving.register(self.holders)
        self.documents = Documents(self.holders, self.catalogue)
        self.upkeep = Upkeep(self.holders)
        self.indices = Indices(
            self.catalogue, TemplateCatalogue(state), self.holders, cluster.membership, settings, self.check_query
        )

        self._searches = ThreadPoolExecutor(SEARCH_THREADS, thread_name_prefix="search")
        rules = rules_of(settings)
        local = LocalTarget(me, self.catalogue, self.holdings, self.documents, rules, self._searches)
        serve(self.holders, local)
        self.searches = SearchService(
            self.catalogue.resolve, lambda node: local if node == me else NodeTarget(node, self.holders), rules
        )
        self.searches.others = CrossClusterSearches(asking)
        membership = self._membership = cluster.membership
        self.scrolls = Scrolls(me, self.searches, self.holders, lambda: [one.id for one in membership.members])

        self.later = AsyncSearches(me, self.searches, self.holders, error_body)
        self.by_query = ByQuery(self.searches, self.documents, self.upkeep.refresh)

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of indices, documents and searches."""
        documents = DocumentService(self.indices, self.documents, self.upkeep.refresh)

        def members() -> Sequence[Member]:
            return self._membership.members

        return (
            *document_routes(documents),
            *search_routes(self.searches, self.scrolls),
            *async_search_routes(self.later),
            *by_query_routes(self.by_query, self.searches, self.indices),
            *reroute_routes(self.catalogue, self.holders, members),
            *index_routes(self.indices, self.upkeep, self._settings, self.check_query, members, self._others),
        )

    def check_query(self, query: Any) -> object:
        """Return the tree of a query. Raises UsageError for what is none."""
        return parse_query(query, bounds=rules_of(self._settings)().bounds)

    async def close(self) -> None:
        """Close every index; what was acknowledged is on disk."""
        self.later.close()
        await self.scrolls.close()
        await self.leaving.close()
        await self.arriving.close()
        await self.holdings.close()
        self._commits.shutdown()
        self._searches.shutdown()
        self._threads.shutdown()
