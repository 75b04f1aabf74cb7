"""One TLS dial with a given identity and trust, answered with a value whatever the peer does.

In TLS 1.3 a server judges a client's certificate only after the client's handshake is done (RFC 8446 4.4.2.4), so a
dial counts as accepted only when a question was answered: Elasticsearch's handshakes, or a bare `GET /`.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509

from isthmus.lifecycle.probing.greeting import Channel, Greeting, Handshake, greet
from isthmus.lifecycle.probing.line import TlsLine, connected, split_address
from isthmus.lifecycle.probing.offer import Versions, unverifying, verifying
from isthmus.lifecycle.probing.verdict import Outcome, Progress, judge_end
from isthmus.pki.bundles import Bundle
from isthmus.tls.handover import load_identity


@dataclass(frozen=True, kw_only=True)
class Dialled:
    """What one dial showed.

    `outcome`: accepted (the question was answered); refused_us (an alert refused our certificate, or demanded one);
    refused_it (we do not trust what it serves); no_tls (it speaks something else, or no TLS that we speak);
    unreachable (no connection, no answer, or it hung up without a word: nothing is known of its trust).
    `connected`: something took the connection. `served` is the chain in the order it came, also if refused.
    `accepted_authorities` are the names (DER) of the CAs in its request for a certificate. `speaks` is what it answered
    in, `handshake` who it said it is, `remark` what it said otherwise; `why` is for a person, empty if accepted.
    """

    address: str
    outcome: Outcome
    connected: bool = True
    served: tuple[x509.Certificate, ...] = ()
    asked_for_certificate: bool = False
    accepted_authorities: tuple[bytes, ...] = ()
    protocol: str = ""
    cipher: str = ""
    why: str = ""
    speaks: Literal["transport", "HTTP", ""] = ""
    handshake: Handshake | None = None
    remark: str = ""


async def dial(
    address: str,
    *,
    identity: Bundle | None,
    trusted: Sequence[x509.Certificate] | None,
    server_name: str | None,
    channel: Channel,
    timeout: float,
) -> Dialled:
    """Dial `address` (`host:port`) once. See `Dialler`, which many dials with the same identity should share."""
    return await Dialler(identity, trusted).dial(address, server_name=server_name, channel=channel, timeout=timeout)


class Dialler:
    """Dials with one identity and one trust, its contexts made once.

    `trusted` None verifies nothing, and then weak ciphers and keys are put up with: what is there is to be seen.
    `versions` are the oldest and newest TLS version offered. Raises ConfigError if the TLS library does not take the
    identity.
    """

    def __init__(
        self,
        identity: Bundle | None,
        trusted: Sequence[x509.Certificate] | None,
        *,
        versions: Versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    ) -> None:
        self._trusted = () if trusted is None else tuple(trusted)
        self._context = unverifying(versions) if trusted is None else verifying(trusted, versions)
        if identity is not None:
            load_identity([self._context], identity, "the identity to dial with")

    async def dial(self, address: str, *, server_name: str | None, channel: Channel, timeout: float) -> Dialled:
        """Dial once; `server_name` is checked against what is served (unless nothing is verified), and sent as SNI.

        `timeout` in seconds is for all of it. Raises UsageError for an address without host or port.
        """
        host, _ = split_address(address)
        line: TlsLine | None = None
        reached = False
        try:
            async with asyncio.timeout(timeout), connected(address) as sock:
                reached = True
                line = self._line(sock, server_name)
                await line.shake_hands()
                return _answered(address, line, await greet(line, channel, server_name or host))
        except OSError as error:
            outcome, why = judge_end(error, _progress(reached, line), self._trusted, address)
            if line is None:
                return Dialled(address=address, outcome=outcome, connected=reached, why=why)
            return _dialled(address, outcome, line, why=why)

    def _line(self, sock: socket.socket, server_name: str | None) -> TlsLine:
        # OpenSSL takes the switch over when a connection begins; nothing else runs in between.
        self._context.check_hostname = server_name is not None and self._context.verify_mode is ssl.CERT_REQUIRED
        return TlsLine(sock, self._context, server_name)


def _answered(address: str, line: TlsLine, greeting: Greeting) -> Dialled:
    if not greeting.speaks:
        return _dialled(address, "unreachable", line, why=greeting.remark)
    return _dialled(address, "accepted", line, greeting)


def _dialled(
    address: str, outcome: Outcome, line: TlsLine, greeting: Greeting | None = None, *, why: str = ""
) -> Dialled:
    said = greeting or Greeting()
    cipher = line.tls.cipher() if line.is_open else None
    return Dialled(
        address=address,
        outcome=outcome,
        served=line.tls.presented,
        asked_for_certificate=line.tls.asked_for_certificate,
        accepted_authorities=line.tls.accepted_authorities,
        protocol=(line.tls.version() or "") if line.is_open else "",
        cipher=cipher[0] if cipher else "",
        why=why,
        speaks=said.speaks,
        handshake=said.handshake,
        remark=said.remark,
    )


def _progress(reached: bool, line: TlsLine | None) -> Progress:
    if line is None:
        return Progress(connected=reached)
    return Progress(reached, line.first, line.tls.presented, line.tls.asked_for_certificate, line.is_open)
