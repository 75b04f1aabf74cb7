"""The `_security` APIs over users of a state of this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import bcrypt
import pytest

from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.security.users import UserHandlers
from isthmus.rest.security.who import who_routes
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator, Realms
from isthmus.security.users.native import SUPERUSER, StateUsers
from isthmus.security.users.service import UserService
from isthmus.security.users.stored import StoredUser, encode_user, user_key
from tests.rest.client import Client
from tests.security.doubles import PASSWORD, basic
from tests.security.state import own_state


@pytest.fixture
async def elastic(tmp_path: Path) -> AsyncIterator[Client]:
    """A client that is logged in as `elastic`."""
    with own_state(tmp_path) as state:
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
        await state.put(user_key(SUPERUSER), encode_user(StoredUser(password_hash=hashed)))
        users = StateUsers(state)
        authenticator = Authenticator(Realms(passwords=(users,)))
        routes = (*who_routes(), *UserHandlers(UserService(state, users)).routes())
        server = await start(
            make_app(routes, basic_gate(authenticator), max_content_length=1 << 20), ["127.0.0.1"], [0], None
        )
        async with aiohttp.ClientSession() as session:
            client = Client(session, "http://{}:{}".format(*server.bound[0]))
            session.headers["Authorization"] = basic(SUPERUSER, PASSWORD)
            yield client
        await server.close()
        authenticator.close()
