"""The APIs of indices, served by one node that really holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from isthmus.cluster.service import ClusterService
from isthmus.node.indices import NodeIndices
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.cluster_settings import settings_routes
from isthmus.rest.routes import node_routes
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator
from isthmus.settings import Settings
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.replicated import ReplicatedMap
from isthmus.transport.registry import ActionRegistry
from tests.rest.client import Client
from tests.rest.indices.site import Cluster, Site
from tests.rest.node import ANode
from tests.security.doubles import PASSWORD, basic


@pytest.fixture
async def site(node: ANode, state: ReplicatedMap, authenticator: Authenticator, tmp_path: Path) -> AsyncIterator[Site]:
    settings = DynamicSettings(Settings(Path("/config"), {}), state)
    cluster = cast("ClusterService", Cluster(node))
    indices = NodeIndices(tmp_path, state, settings, cluster, ActionRegistry())
    own = indices.routes(node)
    routes = (*node_routes(node, [route.path for route in own]), *settings_routes(settings), *own)
    app = make_app(routes, basic_gate(authenticator), max_content_length=1 << 20)
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        yield Site(Client(session, "http://{}:{}".format(*server.bound[0])))
    await server.close()
    await indices.close()
