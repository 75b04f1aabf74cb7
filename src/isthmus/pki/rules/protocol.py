"""What the settings ask of TLS: whether it is on, who is verified, versions and cipher suites."""

from __future__ import annotations

import re
from collections.abc import Iterator

from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach

_OLD = ("SSLv2Hello", "SSLv3", "TLSv1", "TLSv1.1")
_BROKEN = re.compile(r"(^|[_-])(NULL|ANON|ADH|AECDH|EXPORT\d*|EXP|RC4|RC2|DES|3DES|DES40|MD5)([_-]|$)", re.IGNORECASE)
_STATIC_RSA = re.compile(r"(TLS|SSL)_RSA_WITH_")


def transport_disabled(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A node that stands alone gets by without; several do not, see `cluster`."""
    if channel.name == "transport":
        yield Breach(
            "TLS is off on the transport; a node that listens on more than loopback does not start so",
            "set xpack.security.transport.ssl.enabled: true with a certificate for each node",
            where=f"{channel.prefix}.enabled",
        )


def http_disabled(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Passwords and API keys travel in clear without TLS."""
    if channel.name == "http":
        yield Breach(
            "TLS is off on HTTP; passwords and API keys travel in clear",
            "set xpack.security.http.ssl.enabled: true with a certificate",
            where=f"{channel.prefix}.enabled",
        )


def mutual(channel: ChannelFacts, node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Without mutual TLS the network alone keeps strangers out; its administrator may vouch for that."""
    if channel.name == "transport" and channel.client_authentication != "required":
        yield Breach(
            f"client_authentication is {channel.client_authentication}: anyone with network access can open transport "
            "connections and invoke system-internal APIs that read or modify cluster data",
            "set it to required, unless it is certain that nobody else can reach the transport port",
            where=f"{channel.prefix}.client_authentication",
            severity="note" if node.trusts_network else None,
        )


def verification(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Who verifies nobody lets anybody pass for anybody; on HTTP only where clients are asked for certificates."""
    if channel.name in ("http", "remote_cluster_server") and channel.client_authentication == "none":
        return
    if channel.verification_mode == "none":
        yield Breach(
            "verification_mode is none, so that anybody may pass for anybody",
            "set it to full, or to certificate where certificates do not hold the nodes' addresses",
            where=f"{channel.prefix}.verification_mode",
        )
    elif channel.verification_mode == "certificate" and channel.name in ("transport", "remote_cluster_client"):
        yield Breach(
            "verification_mode is certificate: the names in certificates are not compared with the address dialled",
            "put each node's addresses into its certificate and set it to full",
            where=f"{channel.prefix}.verification_mode",
            severity="note",
        )


def old_versions(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Versions under TLS 1.2 are deprecated (RFC 8996)."""
    found = [one for one in channel.supported_protocols if one in _OLD]
    if found:
        yield Breach(
            f"{', '.join(found)} allowed, which is broken and deprecated",
            "leave only TLSv1.2 and TLSv1.3",
            where=f"{channel.prefix}.supported_protocols",
        )


def weak_suites(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Suites without encryption, peer or strength (RFC 9325); RSA key exchange has no forward secrecy."""
    broken = [one for one in channel.cipher_suites if _BROKEN.search(one)]
    static = [one for one in channel.cipher_suites if _STATIC_RSA.match(one) and one not in broken]
    where = f"{channel.prefix}.cipher_suites"
    if broken:
        yield Breach(f"weak cipher suites are allowed: {', '.join(broken)}", "remove them", where=where)
    if static:
        yield Breach(
            f"cipher suites without forward secrecy are allowed: {', '.join(static)}",
            "remove them; those of ECDHE take their place",
            where=where,
            severity="warning",
        )
