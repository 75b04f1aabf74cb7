"""The admin socket: orders of this machine's administrator to a running node, without a password.

HTTP over a Unix socket of mode 0600 in `path.data`. Besides the file's mode the kernel is asked who is on the other
side: only the node's own user and root may give orders.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
from aiohttp import web

from isthmus.errors import DataError, PermissionDeniedError, UnavailableError, UsageError
from isthmus.rest.answers import Json
from isthmus.rest.app import make_app
from isthmus.rest.connection import Crowd
from isthmus.rest.routing import Request, Route
from isthmus.rest.server import Patience, connections
from isthmus.rest.unix_socket import listen, peer_uid
from isthmus.rest.view import ClusterHealth
from isthmus.security.passwords import check_password, generate_password, hash_password
from isthmus.security.subject import Authentication, RealmRef, User

MAX_BODY = 64 * 1024
RESET_PASSWORD = "/_admin/reset_password"  # noqa: S105 - a path


class AdminView(Protocol):
    """What the orders need of the node."""

    def health(self) -> ClusterHealth: ...

    def has_user(self, username: str) -> bool:
        """Tell whether the cluster's state has such a user."""

    async def set_password_hash(self, username: str, hashed: str) -> None:
        """Keep the new hash; raises MasterNotDiscoveredError while nothing can be written."""


class UserNotFoundError(DataError):
    """There is no such user."""

    type = "resource_not_found_exception"
    status = 404


class _ResetPassword(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str | None = None
    force: bool = False


def admin_routes(view: AdminView) -> tuple[Route, ...]:
    """Return the orders that are served; the node adds its own."""
    return (
        Route(
            "POST",
            RESET_PASSWORD,
            "cluster:admin/isthmus/reset_password",
            partial(_reset_password, view),
            takes_body=True,
        ),
    )


class AdminSocket:
    """The listening socket at `path`."""

    def __init__(self, path: Path, runner: web.AppRunner, server: asyncio.Server) -> None:
        self.path = path
        self._runner = runner
        self._server = server

    async def close(self) -> None:
        """Listen no more, and take the socket away."""
        self._server.close()
        await self._runner.cleanup()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()


async def open_admin_socket(path: Path, routes: Iterable[Route]) -> AdminSocket:
    """Serve `routes` at `path`; raises ConfigError if something else than a socket is there."""
    runner = web.AppRunner(make_app(routes, _gate, max_content_length=MAX_BODY), access_log=None)
    await runner.setup()
    loop = asyncio.get_running_loop()
    server = await loop.create_unix_server(connections(runner, Patience(), Crowd()), sock=listen(path))
    return AdminSocket(path, runner, server)


async def _gate(request: web.Request) -> Authentication:
    transport = request.transport
    if transport is None:
        raise UnavailableError("the client has gone")
    with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as peer:
        uid = peer_uid(peer)
    if uid not in (0, os.geteuid()):
        raise PermissionDeniedError(f"the user with id [{uid}] may not give orders to this node")
    return Authentication(
        user=User(username=f"uid:{uid}"), authenticated_by=RealmRef("admin", "admin"), type="internal"
    )


async def _reset_password(view: AdminView, request: Request) -> Json:
    order = _order(request.body)
    if not view.has_user(order.username):
        raise UserNotFoundError(f"user [{order.username[:100]}] does not exist")
    if view.health().status == "red" and not order.force:
        raise UnavailableError("the cluster's health is [red]", hint="see _cluster/health; force the reset to try it")
    password = generate_password() if order.password is None else order.password
    check_password(password)
    await view.set_password_hash(order.username, await hash_password(password))
    return Json({"password": password} if order.password is None else {})


def _order(body: bytes) -> _ResetPassword:
    try:
        return msgspec.json.decode(body, type=_ResetPassword)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        # The cause names fields and types, never values.
        raise UsageError(f"the order cannot be read: {cause}") from cause
