"""The ways into a running node besides the transport: HTTP, and the admin socket of its own machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from isthmus.errors import UsageError
from isthmus.node.addresses import Bound
from isthmus.node.backup.making import Origin, make_backup, origin_of
from isthmus.node.backup.manifest import summary
from isthmus.node.folder import DataFolder
from isthmus.node.security import NodeSecurity
from isthmus.node.view import View
from isthmus.rest.admin import AdminSocket, admin_routes, open_admin_socket
from isthmus.rest.answers import Json
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.cluster_settings import settings_routes
from isthmus.rest.health import Indices
from isthmus.rest.metrics import Families, metrics_routes
from isthmus.rest.routes import node_routes
from isthmus.rest.routing import Request, Route
from isthmus.rest.server import HttpServer, start
from isthmus.rest.view import ClusterHealth
from isthmus.security.audit.trail import Trail
from isthmus.security.users.native import StateUsers
from isthmus.security.users.stored import USERS, user_key
from isthmus.settings import Settings, network_settings
from isthmus.settings.hosts import bindable
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.replicated import ReplicatedMap
from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel

log = logging.getLogger(__name__)
T = TypeVar("T")
_OURS = "cluster:admin/isthmus"


class _Backup(msgspec.Struct, forbid_unknown_fields=True):
    folder: str


class _TakeOver(msgspec.Struct, forbid_unknown_fields=True):
    force: bool = False


class Interfaces:
    """Opens and closes both; `tls` is that of HTTP, `trail` where its requests are audited."""

    def __init__(
        self,
        settings: Settings,
        view: View,
        state: ReplicatedMap,
        security: NodeSecurity,
        dynamic: DynamicSettings,
        folder: DataFolder,
        tls: TlsChannel | None,
        families: Families,
        routes: Sequence[Route],
        orders: Sequence[Route],
        indices: Indices,
        trail: Trail | None = None,
    ) -> None:
        self._settings = settings
        self._dynamic = dynamic
        self._view = view
        self._folder = folder
        self._tls = tls
        self._families = families
        self._routes = routes
        self._indices = indices
        self._trail = trail
        self._security = security
        self._orders = (*orders, *Orders(view, state, security.users, origin_of(settings, folder)).routes())
        self._http: HttpServer | None = None
        self._admin: AdminSocket | None = None

    async def open(self) -> list[Bound]:
        """Listen, and return where HTTP does. Raises ConfigError."""
        settings = self._settings
        app = make_app(
            (
                *node_routes(self._view, self._indices, [route.path for route in self._routes]),
                *settings_routes(self._dynamic),
                *metrics_routes(self._families),
                *self._security.routes(),
                *self._routes,
            ),
            basic_gate(self._security.authenticator),
            max_content_length=settings.get(network_settings.HTTP_MAX_CONTENT_LENGTH),
            permissions=self._security.roles.permission_of,
            trail=self._trail,
            challenges_anonymous=self._security.challenges_anonymous,
        )
        self._admin = await open_admin_socket(self._folder.admin_socket, self._orders)
        hosts = bindable(settings.get(network_settings.HTTP_BIND_HOST))
        self._http = await start(app, hosts, settings.get(network_settings.HTTP_PORT), self._tls)
        return list(self._http.bound)

    @property
    def connection_count(self) -> int:
        """How many HTTP connections are open."""
        return 0 if self._http is None else self._http.connection_count

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See HttpServer.expel."""
        return 0 if self._http is None else self._http.expel(judge, at_once=at_once)

    async def close(self) -> None:
        """Let requests in flight end, then close both."""
        if self._http is not None:
            await self._http.close()
        if self._admin is not None:
            await self._admin.close()
        self._security.close()


class Orders:
    """What the administrator of this machine may order; implements `isthmus.rest.admin.AdminView`."""

    def __init__(self, view: View, state: ReplicatedMap, users: StateUsers, origin: Origin) -> None:
        self._view = view
        self._origin = origin
        self._map = state
        self._users = users.users

    def routes(self) -> tuple[Route, ...]:
        """Return the orders that the admin socket serves."""
        take_over = Route("POST", "/_admin/take_over", f"{_OURS}/take_over", self._take_over, takes_body=True)
        backup = Route("POST", "/_admin/backup", f"{_OURS}/backup", self._backup, takes_body=True)
        return (*admin_routes(self), take_over, backup)

    def health(self) -> ClusterHealth:
        return self._view.health()

    def has_user(self, username: str) -> bool:
        return self._users.get(username) is not None

    async def set_password_hash(self, username: str, hashed: str) -> None:
        user = self._users.get(username)
        if user is not None:
            await self._map.put(user_key(username), USERS.encode(replace(user, password_hash=hashed)))

    async def _take_over(self, request: Request) -> Json:
        order = _order(request, _TakeOver)
        term = await self._view.take_over(force=order.force)
        return Json({"node": self._view.name, "term": term.number, "revision": term.first_revision})

    async def _backup(self, request: Request) -> Json:
        target = Path(_order(request, _Backup).folder)
        if not target.is_absolute():
            raise UsageError("the folder of a backup must be named from the root", where=str(target))
        manifest = await asyncio.to_thread(make_backup, self._origin, target)
        log.info("a backup was made in [%s]", target)
        return Json(summary(manifest))


def _order(request: Request, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(request.body or b"{}", type=shape)
    except msgspec.MsgspecError as cause:
        raise UsageError(f"the order cannot be read: {cause}") from cause
