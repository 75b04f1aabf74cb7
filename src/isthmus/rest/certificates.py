"""`GET /_ssl/certificates`: the certificates that this node's channels use."""

from __future__ import annotations

from datetime import UTC

from isthmus.rest.answers import Json
from isthmus.rest.routing import Request
from isthmus.rest.view import CertificateView, NodeView


async def certificates(view: NodeView, _request: Request) -> Json:
    """Answer one object a certificate, in the order of path, alias and serial number."""
    found = sorted(view.certificates(), key=lambda one: (one.path, one.alias or "", one.serial_number))
    return Json([_body(one) for one in found])


def _body(one: CertificateView) -> dict[str, object]:
    return {
        "path": one.path,
        "format": one.format,
        "alias": one.alias,
        "subject_dn": one.subject_dn,
        "serial_number": one.serial_number,
        "has_private_key": one.has_private_key,
        "expiry": one.expiry.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "issuer": one.issuer,
    }
