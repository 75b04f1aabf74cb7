"""The port by which other clusters search this one: a transport of its own, where an API key lets in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from isthmus.remote.server.actions import RemoteActions
from isthmus.tls.judging import Judge
from isthmus.transport.arrivals import Arrivals
from isthmus.transport.handshakes import register_tcp_handshake
from isthmus.transport.limits import TransportLimits
from isthmus.transport.refusals import RefusedConnection
from isthmus.transport.registry import ActionRegistry, RequestChannel
from isthmus.wire.frames import Buffer, FrameLimits
from isthmus.wire.handshake import TransportHandshake, decode_transport_request, encode_transport_response
from isthmus.wire.nodes import DiscoveryNode
from isthmus.wire.search.resolving import NODES_REQUEST, NODES_RESPONSE
from isthmus.wire.version import RELEASE_ID, build_hash

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel

HANDSHAKE = "cluster:internal/remote_cluster/handshake"
NODES = "cluster:internal/remote_cluster/nodes"
MAX_UNPROVED_MESSAGE = 1 << 20
MAX_HEADERS = 16
MAX_OUTSTANDING = 256
MAX_UNPROVED = 1_024
DAY = 86_400.0
"""A searching cluster opens connections that it does not use yet, and would drop all of them if one were closed."""


class RemoteClusterPort:
    """Listens for other clusters. `make_actions` puts what it serves in its registry, behind the judgement of who asks.

    `local_node` says who this node is, at the address of this port; `nodes` who may be asked besides.
    """

    def __init__(
        self,
        tls: TlsChannel | None,
        *,
        max_header: int,
        cluster_name: str,
        local_node: Callable[[], DiscoveryNode],
        nodes: Callable[[], Sequence[DiscoveryNode]],
        refused: Callable[[RefusedConnection], None],
        make_actions: Callable[[ActionRegistry], RemoteActions],
    ) -> None:
        self._local_node = local_node
        self._nodes = nodes
        self._cluster_name = cluster_name
        registry = ActionRegistry()
        register_tcp_handshake(registry)
        self.actions = make_actions(registry)
        self.actions.serve(HANDSHAKE, self._handshake)
        self.actions.serve(NODES, self._known_nodes)
        limits = TransportLimits(
            frames=FrameLimits(max_header=max_header, max_header_entries=MAX_HEADERS),
            anonymous_frames=FrameLimits(
                max_message=MAX_UNPROVED_MESSAGE, max_header=max_header, max_header_entries=MAX_HEADERS
            ),
            max_anonymous=MAX_UNPROVED,
            anonymous_idle_timeout=DAY,
            max_outstanding=MAX_OUTSTANDING,
        )
        self._arrivals = Arrivals(
            registry, tls, limits, name=lambda: local_node().name, trust_network=False, refused=refused
        )

    def __len__(self) -> int:
        return len(self._arrivals)

    async def bind(self, hosts: Sequence[str], ports: Iterable[int]) -> list[tuple[str, int]]:
        """See Arrivals.bind."""
        return await self._arrivals.bind(hosts, ports)

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See Arrivals.expel."""
        return self._arrivals.expel(judge, at_once=at_once)

    async def close(self) -> None:
        """See Arrivals.close."""
        await self._arrivals.close()

    def _handshake(self, body: Buffer, _channel: RequestChannel) -> bytes:
        decode_transport_request(body)
        answer = TransportHandshake(RELEASE_ID, build_hash(), self._local_node(), self._cluster_name)
        return encode_transport_response(answer)

    def _known_nodes(self, body: Buffer, _channel: RequestChannel) -> bytes:
        NODES_REQUEST.decode(body)
        return NODES_RESPONSE.encode([self._local_node(), *self._nodes()])
