"""Handshakes in memory: two contexts, two buffers, no sockets."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from isthmus.pki.explain import Refusal, explain_refusal
from isthmus.tls.config import ChannelConfig, PemConfig
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import presented_by
from tests.certificates import Issued

PREFIX = "xpack.security.transport.ssl"
PEER = "192.0.2.9:40000"
BOTH = ("TLSv1.3", "TLSv1.2")


def config(
    folder: Path,
    own: Issued,
    trusted: Sequence[x509.Certificate],
    *,
    verification_mode: str = "full",
    client_authentication: str = "required",
    supported_protocols: tuple[str, ...] = BOTH,
    cipher_suites: tuple[str, ...] = (),
    revocation_lists: tuple[Path, ...] = (),
) -> ChannelConfig:
    """Write `own` and `trusted` into `folder` and return the configuration that names them."""
    certificate, key = own.write(folder)
    authorities = folder / "ca.crt"
    authorities.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in trusted))
    return ChannelConfig(
        prefix=PREFIX,
        verification_mode=verification_mode,
        client_authentication=client_authentication,
        identity=PemConfig(f"{PREFIX}.certificate", certificate, key, None),
        authorities=(authorities,),
        truststore=None,
        supported_protocols=supported_protocols,
        cipher_suites=cipher_suites,
        revocation_lists=revocation_lists,
    )


@dataclass(frozen=True)
class Side:
    """How one side saw the handshake: its object, its error, and what it would tell a person."""

    ssl_object: ssl.SSLObject
    error: ssl.SSLError | None
    refusal: Refusal | None


def shake_hands(
    client: ssl.SSLContext,
    server: ssl.SSLContext,
    trusted: Sequence[x509.Certificate] = (),
    name: str = "localhost",
    session: ssl.SSLSession | None = None,
) -> tuple[Side, Side]:
    """Let a client of `client` meet a server of `server`; return (client's side, server's side).

    `trusted` is what the refusing side trusts, for its explanation; `session` is what the client tries to resume.
    """
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    dialler = client.wrap_bio(down, up, server_hostname=name, session=session)
    objects = (dialler, server.wrap_bio(up, down, server_side=True))
    errors: list[ssl.SSLError | None] = [None, None]
    done = [False, False]
    for _ in range(8):
        for at, ssl_object in enumerate(objects):
            if done[at] or errors[at] is not None:
                continue
            try:
                ssl_object.do_handshake()
                done[at] = True
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                errors[at] = error
    if errors[1] is None or errors[0] is None:
        _read_alert(objects[0], errors)
    sides = [Side(o, e, explained(o, e, trusted)) for o, e in zip(objects, errors, strict=True)]
    return sides[0], sides[1]


def exchange(writer: ssl.SSLObject, reader: ssl.SSLObject, data: bytes) -> bytes:
    """Send `data` from one side to the other of an open connection."""
    writer.write(data)
    return reader.read(len(data))


def node(
    folder: Path,
    own: Issued,
    trusted: Sequence[x509.Certificate],
    protocols: tuple[str, ...] = BOTH,
    *,
    verification_mode: str = "full",
    client_authentication: str = "required",
) -> TlsChannel:
    """The transport of a node that presents `own` and trusts `trusted`."""
    return TlsChannel(
        config(
            folder,
            own,
            trusted,
            verification_mode=verification_mode,
            client_authentication=client_authentication,
            supported_protocols=protocols,
        )
    )


def careless(folder: Path, own: Issued | None, *, server: bool) -> ssl.SSLContext:
    """A stranger's context, as careless as it likes: OpenSSL's lowest level, no verification."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if own is not None:
        context.load_cert_chain(*own.write(folder))
    return context


def channel(config: ChannelConfig) -> TlsChannel:
    """The channel of a configuration."""
    return TlsChannel(config)


def explained(
    ssl_object: ssl.SSLObject, error: ssl.SSLError | None, trusted: Sequence[x509.Certificate]
) -> Refusal | None:
    """What is told of a failed handshake with the peer at PEER; None if it did not fail."""
    if error is None:
        return None
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else None
    message = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason or ""
    return explain_refusal(code, message, presented_by(ssl_object), trusted, PEER)


def _read_alert(client: ssl.SSLObject, errors: list[ssl.SSLError | None]) -> None:
    """With TLS 1.3 a server's refusal reaches the client at its first read."""
    if errors[0] is not None:
        return
    try:
        client.read(1)
    except (ssl.SSLWantReadError, ssl.SSLZeroReturnError, ValueError):
        return
    except ssl.SSLError as error:
        errors[0] = error
