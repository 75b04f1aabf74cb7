"""A served application and a client that is logged in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import bcrypt
import pytest
from aiohttp import web

from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.routes import node_routes
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator, Realms
from tests.rest.client import Client
from tests.rest.node import ANode
from tests.security.doubles import PASSWORD, SomeUsers, basic

MAX_CONTENT = 4096


@pytest.fixture
def node() -> ANode:
    return ANode()


@pytest.fixture
def users() -> SomeUsers:
    return SomeUsers({"elastic": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()})


@pytest.fixture
async def authenticator(users: SomeUsers) -> AsyncIterator[Authenticator]:
    authenticator = Authenticator(Realms(passwords=(users,)))
    yield authenticator
    authenticator.close()


@pytest.fixture
def app(node: ANode, authenticator: Authenticator) -> web.Application:
    return make_app(node_routes(node, dict), basic_gate(authenticator), max_content_length=MAX_CONTENT)


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        yield Client(session, "http://{}:{}".format(*server.bound[0]))
    await server.close()
