"""What the audit log tells of an HTTP request."""

from __future__ import annotations

import secrets
from typing import Final

from aiohttp import web

from isthmus.security.audit.events import Asked

MAX_TEXT: Final = 4_096


def asked_by(request: web.Request) -> Asked:
    """Return what every event of a request tells; long texts are cut."""
    peer = None if request.transport is None else request.transport.get_extra_info("peername")
    return Asked(
        id=secrets.token_urlsafe(16),
        method=request.method,
        path=request.rel_url.raw_path[:MAX_TEXT],
        query=request.rel_url.raw_query_string[:MAX_TEXT],
        origin=_address(peer) or request.remote or "",
        opaque_id=_header(request, "X-Opaque-Id"),
        forwarded_for=_header(request, "X-Forwarded-For"),
    )


def _header(request: web.Request, name: str) -> str | None:
    value = request.headers.get(name)
    return None if value is None else value[:MAX_TEXT]


def _address(peer: object) -> str:
    if not isinstance(peer, tuple):
        return ""
    host, port, *_ = peer
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
