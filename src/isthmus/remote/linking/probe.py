"""A look at another cluster before it is registered: is it reached, who is it, what does the API key let be seen?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from isthmus.remote.linking.explaining import explained
from isthmus.remote.linking.greeting import Greeting
from isthmus.remote.linking.subject import headers_of, system_subject, unlimited_subject
from isthmus.settings.remote_settings import host_and_port
from isthmus.transport.connection import Connection
from isthmus.transport.departures import Departures
from isthmus.transport.errors import ConnectError
from isthmus.transport.limits import TransportLimits
from isthmus.wire.nodes import DiscoveryNode
from isthmus.wire.search.resolving import RESOLVE_INDEX_REQUEST, RESOLVE_INDEX_RESPONSE
from isthmus.wire.version import release_name

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel
    from isthmus.tls.witness import PeerIdentity

RESOLVE_INDEX: Final = "indices:admin/resolve/index"
_OPEN: Final = {"options": ["allow_unavailable", "allow_empty_wildcard"], "wildcards": ["open"]}


@dataclass(frozen=True)
class Probed:
    """What was found: `indices` are those that the API key lets be searched."""

    cluster_name: str
    node: DiscoveryNode
    transport_version: int
    identity: PeerIdentity | None
    indices: Sequence[str]

    @property
    def release(self) -> str:
        """The version that the node says it is."""
        return release_name(self.node.version)


async def probe(
    address: str, tls: TlsChannel | None, credentials: str, node_name: str, *, server_name: str | None, timeout: float
) -> Probed:
    """Connect to `address`, a remote cluster port, with an API key, and ask what there is.

    Raises ConnectError, which says what is wrong and what to do, and RemoteError.
    """
    greeting = Greeting(lambda: headers_of(credentials, system_subject(node_name)))
    departures = Departures(tls, TransportLimits(), greeting)
    try:
        connection = await _opened(departures, address, server_name, timeout)
        indices = await _indices(connection, credentials, node_name, timeout)
    finally:
        await departures.close()
    return Probed(greeting.cluster_name or "", connection.node, connection.version, connection.identity, indices)


async def _opened(departures: Departures, address: str, server_name: str | None, timeout: float) -> Connection:
    try:
        return await departures.open(*host_and_port(address), server_name=server_name, timeout=timeout)
    except ConnectError as error:
        raise explained(error) from error


async def _indices(connection: Connection, credentials: str, node_name: str, timeout: float) -> Sequence[str]:
    """Ask as a user whom nothing but the key limits."""
    request = {"parent": None, "names": ["*"], "indices_options": _OPEN}
    headers = headers_of(credentials, unlimited_subject(node_name))
    body = await connection.request(
        RESOLVE_INDEX, RESOLVE_INDEX_REQUEST.encode(request), headers=headers, timeout=timeout
    )
    return [one["name"] for one in RESOLVE_INDEX_RESPONSE.decode(body)["indices"]]
