"""Mutual TLS handshakes per second of processor time: our contexts, with their witness, against a bare ssl loop."""

from __future__ import annotations

import ssl
import statistics
import tempfile
import time
from pathlib import Path

from bench.rows import Row
from isthmus.tls.config import ChannelConfig, PemConfig
from isthmus.tls.live import TlsChannel
from tests.certificates import make_ca

ROUNDS = 7
HANDSHAKES = 150


def run() -> list[Row]:
    """Measure both in turn, both sides of each handshake in this process."""
    with tempfile.TemporaryDirectory() as folder:
        contenders = _contexts(Path(folder))
        rates: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(ROUNDS + 1):
            for name, (client, server) in contenders.items():
                rates[name].append(_rate(client, server))
    ours, bare = (statistics.median(rates[name][1:]) for name in ("ours", "bare"))
    return [
        Row("mTLS handshakes per CPU second, both sides", ours, "1/s", ours / bare, "bare ssl"),
        Row("the same, bare ssl", bare, "1/s"),
    ]


def _contexts(folder: Path) -> dict[str, tuple[ssl.SSLContext, ssl.SSLContext]]:
    ca = make_ca()
    certificate, key = ca.issue("node").write(folder)
    authority = folder / "ca.crt"
    authority.write_bytes(ca.certificate_pem)
    prefix = "xpack.security.transport.ssl"
    identity = PemConfig(f"{prefix}.certificate", certificate, key, None)
    config = ChannelConfig(prefix, "full", "required", identity, (authority,), None, ("TLSv1.3", "TLSv1.2"), ())
    ours = TlsChannel(config)
    bare = tuple(_bare(protocol, certificate, key, authority) for protocol in _SIDES)
    return {"ours": (ours.client_context, ours.server_context), "bare": (bare[0], bare[1])}


_SIDES = (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER)


def _bare(protocol: int, certificate: Path, key: Path, authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.options |= ssl.OP_NO_TICKET
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        context.num_tickets = 0
    return context


def _rate(client: ssl.SSLContext, server: ssl.SSLContext) -> float:
    begun = time.process_time()
    for _ in range(HANDSHAKES):
        _shake_hands(client, server)
    return HANDSHAKES / (time.process_time() - begun)


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    waiting = [client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True)]
    while waiting:
        waiting = [side for side in waiting if not _is_done(side)]


def _is_done(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
