"""One node, from its settings: what it is made of, and in which order that starts and ends."""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TextIO

import msgspec

from isthmus.cluster.links import Links
from isthmus.cluster.service import ClusterService
from isthmus.lifecycle.reloading.channel import ChannelReload
from isthmus.node import configuration
from isthmus.node.addresses import Bound, joined, publish_address
from isthmus.node.agreement import Agreement
from isthmus.node.audit import AuditLog
from isthmus.node.denials import Denials
from isthmus.node.folder import DataFolder, new_id
from isthmus.node.forgetting import Forgetting
from isthmus.node.indices import NodeIndices
from isthmus.node.interfaces import Interfaces
from isthmus.node.logs import LogContext
from isthmus.node.metrics import Metrics, counting
from isthmus.node.ports_file import write_ports
from isthmus.node.reloading import Reloading, reloader
from isthmus.node.remote_clusters import RemoteClusterServer, role_sets
from isthmus.node.secure_settings import SecureSettings, credentials
from isthmus.node.security import NodeSecurity
from isthmus.node.users import ensure_first_password
from isthmus.node.view import View
from isthmus.remote.linking.registry import RemoteClusters
from isthmus.remote.outgoing.asking import Asking
from isthmus.remote.outgoing.rights import Rights
from isthmus.rest.counters import REFUSED, RELOADS
from isthmus.rest.handshakes import HandshakeLog
from isthmus.rest.meter import Meter
from isthmus.rest.remote_clusters import remote_routes
from isthmus.rest.remote_orders import remote_orders
from isthmus.rest.security.caches import CacheHandlers
from isthmus.security.authorization.permission import Permission
from isthmus.security.forwarding.guard import Guard
from isthmus.security.subject import Authentication
from isthmus.settings import Settings, audit_settings, network_settings, node_settings
from isthmus.settings.hosts import bindable
from isthmus.settings.ssl_settings import HTTP_SSL, REMOTE_CLUSTER_CLIENT_SSL, REMOTE_CLUSTER_SERVER_SSL, TRANSPORT_SSL
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.replicated import ReplicatedMap
from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel
from isthmus.transport.refusals import RefusedConnection
from isthmus.transport.registry import ActionRegistry
from isthmus.transport.service import TransportService
from isthmus.wire.nodes import ROLES, DiscoveryNode

log = logging.getLogger(__name__)

REMOTE_CLUSTER = "remote_cluster"


class Node:
    """A node that is not started yet. `terminal` is where a first password may be shown.

    Raises ConfigError for what the settings, or the files they name, have wrong.
    """

    def __init__(self, settings: Settings, logs: LogContext, terminal: TextIO) -> None:
        self._settings = settings
        self._logs = logs
        self._terminal = terminal
        transport_tls = configuration.tls_channel(settings, TRANSPORT_SSL)
        http_tls = configuration.tls_channel(settings, HTTP_SSL, HandshakeLog())
        serves_clusters = settings.get(network_settings.REMOTE_CLUSTER_SERVER_ENABLED)
        remote_tls = configuration.tls_channel(settings, REMOTE_CLUSTER_SERVER_SSL) if serves_clusters else None
        channels = [channel for channel in (transport_tls, http_tls, remote_tls) if channel is not None]
        self._counters = counting({"transport": transport_tls, "http": http_tls, REMOTE_CLUSTER: remote_tls})
        self._folder = DataFolder(settings.resolve(settings.get(node_settings.PATH_DATA)))
        self._map = ReplicatedMap(self._folder.state)
        self._dynamic = DynamicSettings(settings, self._map)
        registry = ActionRegistry(Guard(self._permission_of, self._aliases_of))
        self._transport = TransportService(
            local_node=self._discovery_node,
            cluster_name=settings.get(node_settings.CLUSTER_NAME),
            registry=registry,
            tls=transport_tls,
            trust_network=settings.get(network_settings.TRANSPORT_TRUST_NETWORK),
            on_refused=self._refused,
        )
        self._cluster = self._make_cluster(registry)
        self._channels = channels
        self._reloader = reloader(settings, list(self._reloads(transport_tls, http_tls, remote_tls)))
        reloading = Reloading(self._cluster, self._reloader)
        reloading.register(registry)
        name = self._cluster.membership.me.name
        self._agreement = Agreement(self._map, self._cluster, name, credentials(settings))
        client_tls = configuration.tls_channel(settings, REMOTE_CLUSTER_CLIENT_SSL)
        self._clusters = RemoteClusters(self._dynamic, credentials(settings), client_tls, name)
        secure = SecureSettings(settings, self._cluster, self._agreement, self._clusters.take)
        secure.register(registry)
        self._view = View(
            settings, self._cluster, Meter(self._folder.path), channels, self._warn, reloading, secure, self._agreement
        )
        self._view.register(registry)
        families = Metrics(self._view, channels, self._counters, self._connections).families
        self._security = NodeSecurity(settings, self._map, name)
        limiting = role_sets(self._security.roles)
        asking = Asking(self._clusters, limiting, name)
        rights = Rights(self._clusters, limiting, self._security.found_by_administrator, name)
        self._indices = NodeIndices(self._folder.path, self._map, self._dynamic, self._cluster, registry, asking)
        forgetting = Forgetting(self._cluster, self._security.forget, self._security.realms)
        forgetting.register(registry)
        self._audit = self._open_audit() if settings.get(audit_settings.ENABLED) else None
        self._remote = (
            RemoteClusterServer(
                settings,
                remote_tls,
                self._cluster,
                self._security,
                self._indices,
                lambda: None if self._audit is None else self._audit.trail,
                partial(self._refused, channel=REMOTE_CLUSTER),
            )
            if serves_clusters
            else None
        )
        self._interfaces = Interfaces(
            settings,
            self._view,
            self._map,
            self._security,
            self._dynamic,
            self._folder,
            http_tls,
            families,
            (
                *self._indices.routes(),
                *CacheHandlers(self._view, forgetting).routes(),
                *remote_routes(self._clusters, asking, self._indices.catalogue.resolve),
            ),
            remote_orders(rights),
            lambda: self._indices.catalogue.indices,
            None if self._audit is None else self._audit.trail,
        )
        Denials(
            self._dynamic,
            self._cluster.membership,
            self._transport,
            transport_tls,
            {
                channel: partial(expel, at_once=True)
                for channel, expel in ((http_tls, self._expel_clients), (remote_tls, self._expel_clusters))
                if channel is not None
            },
        )
        self._watching: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Bind both listeners, then begin to look for the cluster. Raises ConfigError if an address is not free."""
        self._logs.set_node_id(self._folder.node_id)
        self._tell_start()
        settings = self._settings
        hosts = bindable(settings.get(network_settings.TRANSPORT_BIND_HOST))
        transport = await self._transport.bind(hosts, settings.get(network_settings.TRANSPORT_PORT))
        http = await self._interfaces.open()
        remote, remote_address = ([], None) if self._remote is None else await self._remote.open()
        self._publish_addresses(transport, http, remote_address)
        listening = {"transport": transport} | ({REMOTE_CLUSTER: remote} if remote else {}) | {"http": http}
        for name, bound in listening.items():
            self._tell_ports(name, bound)
        for channel in self._reloader.channels:
            channel.bound = listening[channel.name]
        self._reloader.start()
        self._cluster.start()
        self._clusters.start()
        for watch in (
            self._view.expiry.run(),
            self._view.neighbours.run(),
            self._agreement.run(),
            *self._security.watching(),
        ):
            self._watching.append(asyncio.get_running_loop().create_task(watch))

    def reload_soon(self) -> None:
        """Read key, certificate and trust of every channel anew."""
        self._reloader.ask()

    async def stop(self) -> None:
        """Leave the cluster, end every connection, and let go of the data folder."""
        await self._reloader.stop()
        for watch in self._watching:
            watch.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self._interfaces.close()
        await self._clusters.close()
        if self._remote is not None:
            await self._remote.port.close()
        await self._indices.close()
        await self._cluster.stop()
        await self._transport.close()
        if self._audit is not None:
            self._audit.close()
        self._folder.close()
        log.info("stopped")

    def _refused(self, refused: RefusedConnection, channel: str = "transport") -> None:
        self._counters.count(REFUSED, channel, refused.kind)
        if self._audit is not None and refused.is_denied:
            profile = "default" if channel == "transport" else f"_{channel}"
            self._audit.trail.connection_denied(refused.address, profile, f"deny {refused.reason}")

    def _open_audit(self) -> AuditLog:
        def address() -> tuple[str, str]:
            me = self._cluster.membership.me
            return me.host, me.ip

        return AuditLog(self._settings, self._logs.origin, address)

    def _make_cluster(self, registry: ActionRegistry) -> ClusterService:
        timing = configuration.cluster_timing(self._settings)
        me = configuration.member(self._settings, self._folder.node_id, new_id())
        links = Links(self._transport, timing.connect_timeout)
        cluster = ClusterService(
            me, configuration.cluster_rules(self._settings), self._folder.state, self._map, links, timing, self._joined
        )
        cluster.register(registry)
        return cluster

    def _reloads(
        self, transport: TlsChannel | None, http: TlsChannel | None, remote: TlsChannel | None
    ) -> Iterator[ChannelReload]:
        if transport is not None:
            yield ChannelReload(
                "transport",
                transport,
                self._transport.expel,
                self._cluster.renew_connections,
                told=partial(self._reloaded, "transport"),
            )
        if http is not None:
            yield ChannelReload("http", http, self._expel_clients, told=partial(self._reloaded, "http"))
        if remote is not None:
            yield ChannelReload(
                REMOTE_CLUSTER, remote, self._expel_clusters, told=partial(self._reloaded, REMOTE_CLUSTER)
            )

    def _permission_of(self, who: Authentication) -> Permission:
        return self._security.roles.permission_of(who)

    def _aliases_of(self, index: str) -> Iterable[str]:
        found = self._indices.catalogue.get(index)
        return () if found is None else found.aliases

    def _expel_clients(self, judge: Judge, *, at_once: bool = False) -> int:
        expelled = self._interfaces.expel(judge, at_once=at_once)
        self._counters.count(REFUSED, "http", "expelled", by=expelled)
        return expelled

    def _expel_clusters(self, judge: Judge, *, at_once: bool = False) -> int:
        return 0 if self._remote is None else self._remote.port.expel(judge, at_once=at_once)

    def _reloaded(self, channel: str, result: str) -> None:
        self._counters.count(RELOADS, channel, result)
        self._view.expiry.look()

    def _warn(self) -> list[str]:
        return [*configuration.warnings(self._settings, self._channels), *self._reloader.warnings]

    def _publish_addresses(self, transport: list[Bound], http: list[Bound], remote_address: str | None) -> None:
        host, ip, port = publish_address(transport, self._settings.get(network_settings.TRANSPORT_PUBLISH_HOST))
        _, http_ip, http_port = publish_address(http, self._settings.get(network_settings.HTTP_PUBLISH_HOST))
        membership = self._cluster.membership
        membership.me = msgspec.structs.replace(
            membership.me,
            host=host,
            ip=ip,
            transport_address=joined(ip, port),
            http_address=joined(http_ip, http_port),
            remote_cluster_address=remote_address,
        )
        self._view.bound(transport, http)

    def _discovery_node(self) -> DiscoveryNode:
        """Who this node is in Elasticsearch's handshake."""
        me = self._cluster.membership.me
        return DiscoveryNode(
            name=me.name,
            id=me.id,
            ephemeral_id=me.ephemeral_id,
            host_name=me.host,
            host_address=me.ip,
            address=(me.ip, int(me.transport_address.rpartition(":")[2])),
            attributes=me.attributes,
            roles=tuple(ROLES[role] for role in me.roles),
        )

    def _connections(self) -> dict[tuple[str, str], int]:
        inbound, outbound = self._transport.connection_count
        http = self._interfaces.connection_count
        remote = {} if self._remote is None else {(REMOTE_CLUSTER, "inbound"): len(self._remote.port)}
        own = {("transport", "inbound"): inbound, ("transport", "outbound"): outbound, ("http", "inbound"): http}
        return own | remote

    async def _joined(self) -> None:
        await self._indices.holdings.clean()
        self._logs.set_cluster_uuid(self._cluster.cluster_uuid or "")
        self._agreement.look()
        if self._cluster.is_owner:
            password = self._settings.get(node_settings.BOOTSTRAP_PASSWORD)
            await ensure_first_password(self._map, password, self._terminal)

    def _tell_start(self) -> None:
        log.info("node [%s] starts, Python %s", self._cluster.membership.me.name, platform.python_version())
        for warning in (*self._settings.warnings, *self._warn()):
            log.warning("%s", warning)

    def _tell_ports(self, channel: str, bound: list[Bound]) -> None:
        log.info("%s listens on %s", channel, ", ".join(joined(*address) for address in bound))
        if self._settings.get(node_settings.PORTSFILE):
            write_ports(self._settings.resolve(self._settings.get(node_settings.PATH_LOGS)), channel, bound)
