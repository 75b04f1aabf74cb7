"""The user that a request between nodes is made for, as a request header (es-wire §3).

An Elasticsearch with security answers nothing but the tcp handshake without one, also to a peer whose certificate it
trusts. What nodes ask on their own behalf, they ask as the internal user `_system`.
"""

from __future__ import annotations

import base64

from isthmus.wire.primitives import Writer
from isthmus.wire.version import TRANSPORT_VERSION

HEADER = "_xpack_security_authentication"

_REALM = "__attach"
_INTERNAL = 4


def system_user(node_name: str) -> dict[str, str]:
    """Return the request header by which the node `node_name` asks on its own behalf."""
    user = Writer()
    user.vint(TRANSPORT_VERSION)
    user.u8(1)  # an internal user, which is only a name
    user.string("_system")
    for text in (node_name, _REALM, _REALM):
        user.string(text)
    user.u8(0)  # the realm is in no domain
    user.u8(0)  # nobody acts as somebody else
    user.vint(_INTERNAL)
    user.vint(0)  # no metadata
    return {HEADER: base64.b64encode(bytes(user)).decode("ascii")}
