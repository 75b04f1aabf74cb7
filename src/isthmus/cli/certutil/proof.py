"""The last proof of a certificate: a TLS handshake with itself, in memory, under OpenSSL's strict rules.

What certutil believes of its own certificates is judged by an implementation that others use too, as a node will.
"""

from __future__ import annotations

import secrets
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ObjectIdentifier

from isthmus.errors import DataError
from isthmus.pki.bundles import Bundle, certificates_to_pem
from isthmus.pki.keys import key_to_pem
from isthmus.pki.profiles import CLIENT_AUTH

_ROUNDS = 10


def prove(bundle: Bundle, purposes: Sequence[ObjectIdentifier], where: str, *, strict: bool = True) -> None:
    """Shake hands as server, and as client too if clientAuth is among `purposes`; raises DataError if that fails.

    `strict` is OpenSSL's VERIFY_X509_STRICT. The bundle's `trusted` are what both sides trust.
    """
    try:
        _shake_hands(*_contexts(bundle, mutual=CLIENT_AUTH in purposes, strict=strict))
    except ssl.SSLError as cause:
        raise DataError(
            f"the new certificate is refused by OpenSSL's strict rules: {cause.reason}",
            hint="check the CA with 'certutil show'",
            where=where,
        ) from cause


def _contexts(bundle: Bundle, *, mutual: bool, strict: bool) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    _load_identity(bundle, [server, client] if mutual else [server])
    for context in (server, client):
        context.load_verify_locations(cadata=b"".join(one.public_bytes(Encoding.DER) for one in bundle.trusted))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | (ssl.VERIFY_X509_STRICT if strict else 0)
    server.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_NONE
    return server, client


def _load_identity(bundle: Bundle, contexts: Sequence[ssl.SSLContext]) -> None:
    # The ssl module takes keys from files only: for a moment it stands on the disk, under a random password.
    if bundle.key is None or bundle.certificate is None:
        raise DataError("a bundle without key and certificate proves nothing")
    password = secrets.token_bytes(16).hex()
    pem = certificates_to_pem([bundle.certificate, *bundle.chain]) + key_to_pem(bundle.key, password.encode())
    with tempfile.TemporaryDirectory(prefix="isthmus-") as folder:
        path = Path(folder, "identity.pem")
        path.touch(0o600)
        path.write_bytes(pem)
        for context in contexts:
            context.load_cert_chain(path, password=password)


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    upstream, downstream = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(downstream, upstream, server_hostname="isthmus.invalid"),
        server.wrap_bio(upstream, downstream, server_side=True),
    ]
    for _ in range(_ROUNDS):
        sides = [side for side in sides if not _step(side)]
        if not sides:
            return
    raise ssl.SSLError("the handshake does not end")


def _step(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
