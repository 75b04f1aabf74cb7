"""What a port does to a key, and which certificate it serves: asked with Python's own `ssl`, not with ours."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.certificates import Authority, Issued

TIMEOUT = 20.0


def is_let_in(port: int, shown: Issued, folder: Path) -> bool:
    """Tell whether the port of 127.0.0.1 completes a handshake (TLS 1.2, where the server judges within it)."""
    context = _open_context()
    context.load_cert_chain(*shown.write(folder, "shown"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        _served(port, context)
    except ssl.SSLError as error:
        if "ALERT" not in (error.reason or ""):
            raise
        return False
    return True


def is_trusted(port: int, ca: Authority) -> bool:
    """Tell whether a client that trusts `ca` alone believes what the port serves."""
    context = ssl.create_default_context(cadata=ca.certificate_pem.decode())
    context.check_hostname = False
    try:
        _served(port, context)
    except ssl.SSLCertVerificationError:
        return False
    return True


def served_by(port: int) -> x509.Certificate:
    """Return the certificate that the port serves (of a port that needs none of ours to show it)."""
    return x509.load_der_x509_certificate(_served(port, _open_context()))


def read_authority(folder: Path) -> Authority:
    """Return the CA whose `ca.crt` and `ca.key` are in `folder`."""
    key = load_pem_private_key((folder / "ca.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the key of the CA is of another type than this test plans")
    return Authority(x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes()), key)


def _served(port: int, context: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        return line.getpeercert(binary_form=True) or b""


def _open_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
