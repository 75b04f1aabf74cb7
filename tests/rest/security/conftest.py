"""The `_security` APIs over a state of this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import bcrypt
import pytest

from isthmus.node.security import NodeSecurity
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.server import start
from isthmus.security.audit.trail import Trail
from isthmus.security.users.native import SUPERUSER
from isthmus.security.users.stored import USERS, StoredUser, user_key
from isthmus.settings import Settings
from isthmus.settings.resolved import Given
from tests.rest.client import Client
from tests.security.doubles import PASSWORD, basic
from tests.security.state import own_state


@pytest.fixture
def settings() -> dict[str, Given]:
    """The settings of the node; tests give their own."""
    return {}


@pytest.fixture
async def elastic(tmp_path: Path, settings: dict[str, Given]) -> AsyncIterator[Client]:
    """A client that is logged in as `elastic`."""
    headers = {"Authorization": basic(SUPERUSER, PASSWORD)}
    async with security_apis(tmp_path, settings=settings) as base, aiohttp.ClientSession(headers=headers) as session:
        yield Client(session, base)


@asynccontextmanager
async def security_apis(
    folder: Path, trail: Trail | None = None, settings: dict[str, Given] | None = None
) -> AsyncIterator[str]:
    """Serve them, with the user `elastic`, and give the address."""
    with own_state(folder) as state:
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        await state.put(user_key(SUPERUSER), USERS.encode(StoredUser(password_hash=hashed)))
        security = NodeSecurity(Settings(folder, settings or {}), state, "node-a")
        app = make_app(
            security.routes(),
            basic_gate(security.authenticator),
            max_content_length=1 << 20,
            permissions=security.roles.permission_of,
            trail=trail,
            challenges_anonymous=security.challenges_anonymous,
        )
        server = await start(app, ["127.0.0.1"], [0], None)
        yield "http://{}:{}".format(*server.bound[0])
        await server.close()
        security.close()
