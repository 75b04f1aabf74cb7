"""What a node has to do with other clusters, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService
from isthmus.node.addresses import Bound, joined, publish_address
from isthmus.node.indices import NodeIndices
from isthmus.node.security import NodeSecurity
from isthmus.remote.incoming.looking import IncomingLooks
from isthmus.remote.incoming.searching import IncomingSearches
from isthmus.remote.incoming.shards import IncomingShardSearches
from isthmus.remote.linking.subject import api_key_sets, descriptors_in
from isthmus.remote.outgoing.asking import RoleSets
from isthmus.remote.server.access import RemoteAccess
from isthmus.remote.server.actions import RemoteActions
from isthmus.remote.server.port import RemoteClusterPort
from isthmus.security.audit.trail import Trail
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.roles.registry import Roles
from isthmus.security.subject import Authentication
from isthmus.settings import Settings, network_settings, node_settings
from isthmus.settings.hosts import bindable
from isthmus.tls.live import TlsChannel
from isthmus.transport.refusals import RefusedConnection
from isthmus.transport.registry import ActionRegistry
from isthmus.wire.nodes import ROLES, DiscoveryNode


def role_sets(roles: Roles) -> RoleSets:
    """Return what tells the sets of roles that limit somebody."""

    def sets(who: Authentication) -> Sequence[Sequence[RoleDescriptor]]:
        if who.api_key is not None:
            return api_key_sets(who.api_key.role_descriptors, who.api_key.limited_by)
        return [descriptors_in(roles.descriptors_of(who))]

    return sets


class RemoteClusterServer:
    """The port for other clusters, of a node whose settings want one. Raises ConfigError for what they have wrong."""

    def __init__(
        self,
        settings: Settings,
        tls: TlsChannel | None,
        cluster: ClusterService,
        security: NodeSecurity,
        indices: NodeIndices,
        trail: Callable[[], Trail | None],
        refused: Callable[[RefusedConnection], None],
    ) -> None:
        self._settings = settings
        self._membership = membership = cluster.membership

        def make_actions(registry: ActionRegistry) -> RemoteActions:
            return RemoteActions(registry, RemoteAccess(security.api_keys), security.roles.permission_of, trail)

        self.port = RemoteClusterPort(
            tls,
            max_header=settings.get(network_settings.REMOTE_CLUSTER_MAX_HEADER),
            cluster_name=settings.get(node_settings.CLUSTER_NAME),
            local_node=lambda: _as_seen(self._membership.me),
            nodes=self._others,
            refused=refused,
            make_actions=make_actions,
        )
        IncomingSearches(indices.searches, lambda: membership.me.id).register(self.port.actions)
        shards = IncomingShardSearches(indices.searches, lambda: _as_seen(membership.me))
        shards.register(self.port.actions)
        IncomingLooks(indices.catalogue, lambda: _stats(cluster, indices.catalogue)).register(self.port.actions)

    async def open(self) -> tuple[list[Bound], str]:
        """Listen; return where, and the address that others are told. Raises ConfigError."""
        settings = self._settings
        hosts = bindable(settings.get(network_settings.REMOTE_CLUSTER_BIND_HOST))
        bound = await self.port.bind(hosts, settings.get(network_settings.REMOTE_CLUSTER_PORT))
        _, ip, port = publish_address(bound, settings.get(network_settings.REMOTE_CLUSTER_PUBLISH_HOST))
        return bound, joined(ip, port)

    def _others(self) -> Sequence[DiscoveryNode]:
        me = self._membership.me.id
        members = self._membership.members
        return [_as_seen(one) for one in members if one.id != me and one.remote_cluster_address is not None]


def _stats(cluster: ClusterService, catalogue: Catalogue) -> Mapping[str, Any]:
    """What a cluster that searches here may know of this one; sizes are not told."""
    members = cluster.membership.members
    here = {one.id for one in members}
    lost = any(index.node not in here for index in catalogue.indices.values())
    return {
        "uuid": cluster.cluster_uuid or "",
        "status": "red" if lost else "green",
        "versions": sorted({one.version for one in members}),
        "nodes": len(here),
        "shards": len(catalogue.indices),
        "indices": len(catalogue.indices),
        "store_bytes": 0,
        "max_heap_bytes": 0,
        "memory_bytes": 0,
    }


def _as_seen(member: Member) -> DiscoveryNode:
    """A node at the address by which other clusters reach it."""
    ip, _, port = (member.remote_cluster_address or member.transport_address).rpartition(":")
    return DiscoveryNode(
        name=member.name,
        id=member.id,
        ephemeral_id=member.ephemeral_id,
        host_name=member.host,
        host_address=member.ip,
        address=(ip.strip("[]"), int(port)),
        attributes=member.attributes,
        roles=tuple(ROLES[role] for role in member.roles),
    )
