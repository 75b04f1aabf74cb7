"""Which cipher suites of TLS 1.2 a port accepts: all are offered, and each that it chose is left out the next time.

It is the server's first answer that names the suite, so this needs no certificate. Of TLS 1.3 the suites cannot be
offered one by one (Python chooses none of them); all of them are sound.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache

from isthmus.lifecycle.probing.line import TlsLine, connected
from isthmus.lifecycle.probing.offer import unverifying
from isthmus.tls.ciphers import iana_name

MOST_DIALS = 100
_ALL = "ALL:eNULL:!PSK:!SRP"
_VERSION = ssl.TLSVersion.TLSv1_2
_PATIENCE = 6


@dataclass(frozen=True)
class Suites:
    """The suites that were accepted, by their IANA names, the first choice first; `whole`: there are no others.

    That is, none among those that our TLS library knows.
    """

    accepted: tuple[str, ...] = ()
    whole: bool = True


async def accepted_suites(address: str, timeout: float) -> Suites:
    """Offer and leave out until it refuses; at most 100 dials, and six times the `timeout` of one dial in all."""
    accepted: list[str] = []
    left = list(offered())
    try:
        async with asyncio.timeout(_PATIENCE * timeout):
            while left and len(accepted) < MOST_DIALS:
                chosen = await _chosen(address, left)
                if chosen not in left:
                    break
                left.remove(chosen)
                accepted.append(iana_name(chosen))
            else:
                return Suites(tuple(accepted), whole=not left)
    except (TimeoutError, ConnectionError):
        return Suites(tuple(accepted), whole=False)
    return Suites(tuple(accepted))


@cache
def offered() -> tuple[str, ...]:
    """List the suites that our TLS library can offer in TLS 1.2, by OpenSSL's names."""
    listed = unverifying((_VERSION, _VERSION), _ALL).get_ciphers()
    return tuple(one["name"] for one in listed if one["protocol"] != "TLSv1.3")


async def _chosen(address: str, suites: list[str]) -> str:
    """Return the suite of the server's first answer, empty if an alert was the answer.

    Raises ConnectionError if there was none.
    """
    context = unverifying((_VERSION, _VERSION), ":".join(suites))
    async with connected(address) as sock:
        line = TlsLine(sock, context, None)
        try:
            await line.shake_hands()
        except OSError as error:
            # Who demands a certificate ends the handshake after its answer.
            if line.tls.cipher() is None and (
                not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError)
            ):
                raise ConnectionError("it hung up without an alert") from error
        cipher = line.tls.cipher()
        return cipher[0] if cipher else ""
