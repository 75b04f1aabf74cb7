"""A node that holds its indices, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from isthmus.cluster.membership import Membership
from isthmus.cluster.service import ClusterService
from isthmus.node.indices import NodeIndices
from isthmus.remote.linking.registry import RemoteClusters
from isthmus.remote.outgoing.asking import Asking as AskingOthers
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.cluster_settings import settings_routes
from isthmus.rest.routes import node_routes
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator
from isthmus.security.forwarding.guard import Guard
from isthmus.security.roles.registry import built_in_permission
from isthmus.settings import Settings
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from isthmus.transport.registry import ActionRegistry
from tests.rest.client import Answered, Client
from tests.rest.node import FIRST, ANode
from tests.security.doubles import PASSWORD, basic

MAX_CONTENT = 1 << 20


class Asking:
    """Asks in JSON."""

    def __init__(self, client: Client, node: ANode) -> None:
        self.base = client.base
        self._client = client
        self.node = node

    async def __call__(self, method: str, path: str, body: Any = None) -> Answered:
        data = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return await self._client.ask(method, path, headers=headers, data=data)

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        """Ask for what must succeed; return the answer's JSON."""
        answer = await self(method, path, body)
        assert answer.status in (200, 201), answer.text
        return answer.json

    async def lines(self, path: str, *given: Any) -> Any:
        """Post lines of JSON; return the answer's JSON."""
        headers = {"Content-Type": "application/x-ndjson"}
        data = "".join(json.dumps(one) + "\n" for one in given)
        return (await self._client.ask("POST", path, headers=headers, data=data)).json

    async def table(self, path: str) -> list[list[str]]:
        """Return the cells of a table."""
        return [line.split() for line in (await self("GET", path)).text.splitlines()]


@pytest.fixture
async def ask(tmp_path: Path, node: ANode, authenticator: Authenticator) -> AsyncIterator[Asking]:
    store = StateStore(tmp_path / "state.sqlite")
    state = ReplicatedMap(store)

    async def commit(writes: Sequence[Write]) -> int:
        made = store.commit(writes)
        state.changed(made.changes)
        return made.revision

    state.write_through(commit)
    membership = Membership(FIRST, store, lambda _member: True)
    cluster = cast(ClusterService, SimpleNamespace(membership=membership))
    settings = DynamicSettings(Settings(tmp_path, {}), state)
    registry = ActionRegistry(Guard(built_in_permission, lambda _index: ()))
    others = AskingOthers(RemoteClusters(settings, {}, None, FIRST.name), lambda _who: (), FIRST.name)
    indices = NodeIndices(tmp_path, state, settings, cluster, registry, others)
    routes = indices.routes()
    of_node = node_routes(node, lambda: indices.catalogue.indices, [route.path for route in routes])
    app = make_app(
        (*of_node, *settings_routes(settings), *routes), basic_gate(authenticator), max_content_length=MAX_CONTENT
    )
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        yield Asking(Client(session, "http://{}:{}".format(*server.bound[0])), node)
    await server.close()
    await indices.close()
    store.close()
