"""How a connection to another cluster begins: the version, then who is there, with the API key (es-wire §2, §3)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from isthmus.transport.connection import Connection
from isthmus.transport.errors import ConnectError, RemoteError
from isthmus.transport.handshakes import settle_version
from isthmus.wire.handshake import decode_transport_response, encode_transport_request

HANDSHAKE = "cluster:internal/remote_cluster/handshake"


class Greeting:
    """Greets the nodes of one cluster. `headers()` are those of this node; the first name that answers is kept."""

    def __init__(self, headers: Callable[[], Mapping[str, str]]) -> None:
        self._headers = headers
        self.cluster_name: str | None = None

    async def __call__(self, connection: Connection, *, timeout: float) -> None:
        """Do both handshakes. Raises ConnectError, MalformedError, UnavailableError."""
        deadline = asyncio.get_running_loop().time() + timeout
        connection.version = await settle_version(connection, timeout)
        left = max(0.0, deadline - asyncio.get_running_loop().time())
        try:
            body = await connection.exchange(
                HANDSHAKE, encode_transport_request(), headers=self._headers(), timeout=left
            )
        except RemoteError as error:
            raise _refused(error, connection.address) from error
        answer = decode_transport_response(body)
        if self.cluster_name not in (None, answer.cluster_name):
            raise ConnectError(
                f"the cluster there is called [{answer.cluster_name}], and it was [{self.cluster_name}] before",
                hint="give the other cluster an alias of its own",
                where=f"[{connection.address}]",
            )
        self.cluster_name = answer.cluster_name
        connection.node = answer.node


def _refused(error: RemoteError, address: str) -> ConnectError:
    """What the other side says; one that does not know the action was reached on its transport port."""
    where = f"[{address}]"
    if error.type == "action_not_found_transport_exception" or "needs a peer with a verified" in error.reason:
        return ConnectError(
            "a transport port answers there, not a remote cluster port",
            hint="name the remote cluster port (9443) of the other cluster, not its transport port (9300)",
            where=where,
        )
    return ConnectError(error.reason, hint=error.hint, where=where)
