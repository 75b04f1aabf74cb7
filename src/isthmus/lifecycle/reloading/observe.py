"""Dial a port as others would, and look at the certificate that it serves. Nothing else proves a reload."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl

from cryptography import x509

from isthmus.tls.live import TlsChannel
from isthmus.transport.attempt import Attempt
from isthmus.transport.trust import presented

DIAL_SECONDS = 10.0


async def served_at(address: tuple[str, int], channel: TlsChannel) -> x509.Certificate | None:
    """Return the certificate that is served at `address` (ip, port), also if it is not trusted; None if none is shown.

    The dial shows the channel's own certificate, as one of the cluster does.
    """
    ip, port = address
    attempt = Attempt(channel.client_context)
    try:
        async with asyncio.timeout(DIAL_SECONDS):
            _, writer = await asyncio.open_connection(
                _dialable(ip), port, ssl=attempt, server_hostname=_a_name(channel, ip)
            )
            writer.close()
            await writer.wait_closed()
    except (OSError, ssl.SSLError, TimeoutError):
        pass  # what was shown before it failed is all that is asked
    chain = presented(attempt.ssl_object)
    return chain[0] if chain else None


def _dialable(ip: str) -> str:
    address = ipaddress.ip_address(ip.partition("%")[0])
    if not address.is_unspecified:
        return ip
    return "127.0.0.1" if address.version == 4 else "::1"


def _a_name(channel: TlsChannel, ip: str) -> str:
    """A name that the certificate bears, so that the dial passes the check of names as that of another node would."""
    for leaf in channel.generation.chain[:1]:
        try:
            names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            break
        found = [one for one in names.get_values_for_type(x509.DNSName) if not one.startswith("*")]
        found += [str(one) for one in names.get_values_for_type(x509.IPAddress)]
        if found:
            return found[0]
    return _dialable(ip)
