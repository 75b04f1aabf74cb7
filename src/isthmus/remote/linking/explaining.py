"""Why another cluster is not reached, told so that a port of another kind is recognised. Pure."""

from __future__ import annotations

from typing import Final

from isthmus.errors import IsthmusError
from isthmus.transport.errors import ConnectError

HTTP: Final = ConnectError(
    "an HTTP port answers there, not a remote cluster port",
    hint="name the remote cluster port (9443) of the other cluster, not its HTTP port (9200)",
)
_SPEAKS_HTTP: Final = "the peer speaks HTTP"
_ASKS: Final = "asks for our certificate"
_KIND: Final = (
    "a transport port (9300) asks for one: name the remote cluster port (9443). If it is that port, configure "
    "xpack.security.remote_cluster_client.ssl.certificate and .key"
)


def explained(error: IsthmusError) -> ConnectError:
    """Return an error of connecting with what it means for a link."""
    if error.reason.startswith(_SPEAKS_HTTP):
        return ConnectError(HTTP.reason, hint=HTTP.hint, where=error.where)
    if _ASKS in error.reason:
        return ConnectError(error.reason, hint=_KIND, where=error.where)
    return error if isinstance(error, ConnectError) else ConnectError(error.reason, hint=error.hint, where=error.where)
