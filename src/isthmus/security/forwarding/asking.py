"""The sending side: each request to another node says for whom it is made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from isthmus.security.acting import acting
from isthmus.security.forwarding.header import HEADER, encode_header
from isthmus.security.forwarding.system import SYSTEM
from isthmus.transport.connection import Connection
from isthmus.transport.messages import Action, ForNodes, call

Req = TypeVar("Req")
Resp = TypeVar("Resp")


async def ask(connection: Connection, action: Action[Req, Resp], request: Req, *, timeout: float) -> Resp:
    """Ask a peer for who acts, or for this node where the action is one that nodes ask for. Raises as `call`."""
    return await call(connection, action, request, headers=headers_of(action), timeout=timeout)


def headers_of(action: Action[Any, Any]) -> Mapping[str, str]:
    """Return the headers that say for whom `action` is asked for now. Raises LookupError where nobody acts."""
    if isinstance(action.asked, ForNodes):
        return _of_node(action.name)
    who = acting()
    return {HEADER: encode_header(who.authentication, who.action)}


@lru_cache(maxsize=256)
def _of_node(action: str) -> Mapping[str, str]:
    return MappingProxyType({HEADER: encode_header(SYSTEM, action)})
