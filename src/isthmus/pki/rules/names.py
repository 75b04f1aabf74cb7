"""The addresses of a node in its certificate: RFC 6125 section 6.4, as Java and OpenSSL compare them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from cryptography import x509

from isthmus.pki.form import extension
from isthmus.pki.names import COMMON_NAME_OID, Address, names_of_extension
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach
from isthmus.pki.rules.subjects import SERVERS, shown


def covered(channel: ChannelFacts, node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """On the transport the others' verification_mode decides, which is this node's too; HTTP clients decide alone."""
    servers = channel.name in SERVERS
    if not channel.presented or not (servers or channel.verification_mode == "full"):
        return
    leaf = channel.presented[0]
    for host in node.addresses.get(channel.name, ()):
        if covers(leaf, host):
            continue
        by_common_name = _in_common_name(leaf, host)
        only = ": only its common name does, which OpenSSL ignores and Java takes where no DNS name stands beside it"
        yield Breach(
            f"the alternative names of the certificate {shown(leaf)} do not hold [{host}], an address of this node"
            + (only if by_common_name else ""),
            f"issue it anew with {'--ip' if _address(host) else '--dns'} {host}",
            severity="warning" if servers or by_common_name else None,
        )


def covers(certificate: x509.Certificate, host: str) -> bool:
    """Tell whether the alternative names hold `host`: an address exactly, a DNS name also by a wildcard."""
    names = extension(certificate, x509.SubjectAlternativeName)
    if names is None:
        return False
    dns, ips, _ = names_of_extension(names[0])
    address = _address(host)
    return address in ips if address else any(_matches(name, host) for name in dns)


def wildcard(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A wildcard lets one node pass for each other one."""
    names = extension(channel.presented[0], x509.SubjectAlternativeName) if channel.presented else None
    if channel.name == "transport" and names:
        for name in names_of_extension(names[0])[0]:
            if "*" in name:
                yield Breach(
                    f"the certificate {shown(channel.presented[0])} holds the wildcard [{name}]: this node can pass "
                    "for any other of that domain",
                    "issue each node a certificate with its own names",
                )


def _matches(pattern: str, host: str) -> bool:
    """Compare without case; a wildcard is the whole left label, and stands for exactly one (RFC 6125 6.4.3)."""
    wanted, given = host.lower().removesuffix("."), pattern.lower().removesuffix(".")
    if not given.startswith("*."):
        return wanted == given
    first, _, rest = wanted.partition(".")
    return bool(first) and rest == given[2:] and "." in rest


def _in_common_name(certificate: x509.Certificate, host: str) -> bool:
    return any(_matches(str(one.value), host) for one in certificate.subject.get_attributes_for_oid(COMMON_NAME_OID))


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
