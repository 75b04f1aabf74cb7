"""A site of two nodes whose first one answers over HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.search.asynchronous import async_search_routes
from isthmus.rest.search.by_query_routes import by_query_routes
from isthmus.rest.search.routes import search_routes
from isthmus.rest.server import start
from isthmus.search.by_query import ByQuery
from isthmus.security.authenticator import Authenticator
from tests.rest.client import Answered, Client
from tests.search.site import Site
from tests.security.doubles import PASSWORD, basic


@dataclass(frozen=True)
class Searching:
    """The site, and a client of its first node."""

    site: Site
    client: Client
    by_query: ByQuery

    async def ask(self, method: str, path: str, body: Any = None) -> Answered:
        if body is None:
            return await self.client.ask(method, path)
        return await self.client.ask(method, path, headers={"Content-Type": "application/json"}, data=json.dumps(body))

    async def lines(self, path: str, *lines: Any) -> Answered:
        data = "".join(json.dumps(one) + "\n" for one in lines)
        return await self.client.ask("POST", path, headers={"Content-Type": "application/x-ndjson"}, data=data)


@pytest.fixture
async def searching(tmp_path: Path, authenticator: Authenticator) -> AsyncIterator[Searching]:
    site = Site(tmp_path)
    by_query = ByQuery(site.one.search, site.one.documents, site.refresh)
    routes = search_routes(site.one.search, site.one.scrolls) + by_query_routes(by_query, site.one.search, site)
    routes += tuple(async_search_routes(site.one.later))
    app = make_app(routes, basic_gate(authenticator), max_content_length=1 << 20)
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        yield Searching(site, Client(session, "http://{}:{}".format(*server.bound[0])), by_query)
    await server.close()
    await site.close()
