"""The indices of a node, put together: what the cluster knows of them, those it holds, and the ways to all of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.indices.creation import Indices
from isthmus.cluster.indices.documents import Documents
from isthmus.cluster.indices.holder import Holders
from isthmus.cluster.indices.holdings import Holdings
from isthmus.cluster.indices.template_catalogue import TemplateCatalogue
from isthmus.cluster.service import ClusterService
from isthmus.index.shard.shard import Machine
from isthmus.query.parsing import Bounds, parse_query
from isthmus.rest.documents.routes import document_routes
from isthmus.rest.documents.service import DocumentService
from isthmus.rest.health import health_routes
from isthmus.rest.indices.routes import index_routes
from isthmus.rest.indices.upkeep import Upkeep
from isthmus.rest.routing import Route
from isthmus.rest.view import NodeView
from isthmus.settings import index_cluster_settings
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.replicated import ReplicatedMap
from isthmus.transport.registry import ActionRegistry

FOLDER = "indices"
COMMIT_THREADS, THREADS = 2, 4


class NodeIndices:
    """Everything about indices on one node; `folder` is the node's data folder."""

    def __init__(
        self,
        folder: Path,
        state: ReplicatedMap,
        settings: DynamicSettings,
        cluster: ClusterService,
        registry: ActionRegistry,
    ) -> None:
        self._settings = settings
        self._commits = ThreadPoolExecutor(COMMIT_THREADS, thread_name_prefix="commit")
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="index")
        self.catalogue = Catalogue(state)
        self.holders = Holders(cluster, registry)
        machine = Machine(self._commits, self._threads)
        me = cluster.membership.me.id
        self.holdings = Holdings(folder / FOLDER, self.catalogue, me, machine)
        self.holdings.register(self.holders)
        self.documents = Documents(self.holders)
        self.upkeep = Upkeep(self.holders)
        self.indices = Indices(
            self.catalogue, TemplateCatalogue(state), self.holders, cluster.membership, settings, self.check_query
        )

    def routes(self, view: NodeView) -> tuple[Route, ...]:
        """Return the routes of indices and documents, and of the health of all; `view` sees the members."""
        documents = DocumentService(self.indices, self.documents, self.upkeep.refresh)
        return (
            *document_routes(documents),
            *health_routes(view, self.catalogue),
            *index_routes(self.indices, self.upkeep, self._settings, self.check_query, view),
        )

    def check_query(self, query: Any) -> object:
        """Return the tree of a query. Raises UsageError for what is none."""
        return parse_query(query, bounds=self.bounds())

    def bounds(self) -> Bounds:
        """Return how large queries may be now."""
        return Bounds(
            depth=self._settings.get(index_cluster_settings.MAX_NESTED_DEPTH),
            clauses=self._settings.get(index_cluster_settings.MAX_CLAUSE_COUNT),
        )

    async def close(self) -> None:
        """Close every index; what was acknowledged is on disk."""
        await self.holdings.close()
        self._commits.shutdown()
        self._threads.shutdown()
