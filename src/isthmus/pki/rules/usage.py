"""What a certificate is for: key usage and extended key usage, and that transport and HTTP are kept apart."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from isthmus.pki.form import extension
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach
from isthmus.pki.rules.subjects import SERVERS, own_key, shown

_SERVER = (ExtendedKeyUsageOID.SERVER_AUTH, "serverAuth")
_CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH, "clientAuth")
_Purpose = tuple[x509.ObjectIdentifier, str]


def transport_purposes(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A node dials and is dialled with one certificate, unless nobody asks the dialler for one."""
    if channel.name == "transport":
        needed = [_SERVER] if channel.client_authentication == "none" else [_SERVER, _CLIENT]
        yield from _lacking(channel, needed, "with both serverAuth and clientAuth, or without extended key usage")


def server_purpose(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """HTTP and the remote cluster server are only dialled."""
    if channel.name in SERVERS:
        yield from _lacking(channel, [_SERVER], "with serverAuth, or without extended key usage")


def client_purpose(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A certificate that is shown to remote clusters is a client's."""
    if channel.name == "remote_cluster_client":
        yield from _lacking(channel, [_CLIENT], "with clientAuth, or without extended key usage")


def _lacking(channel: ChannelFacts, needed: list[_Purpose], mend: str) -> Iterator[Breach]:
    usage = extension(channel.presented[0], x509.ExtendedKeyUsage) if channel.presented else None
    missing = [name for oid, name in needed if usage and oid not in usage[0]]
    if not usage or not missing:
        return
    sentence = f"the certificate {shown(channel.presented[0])} lacks the extended key usage {' and '.join(missing)}"
    remedy = f"issue it anew {mend}"
    if ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in usage[0]:
        # Seen with Java 17 and OpenSSL 3.0: the one accepts it for both purposes, the other for none.
        stands_in = "; anyExtendedKeyUsage stands in for it with Java, but not with OpenSSL (Python, many clients)"
        yield Breach(sentence + stands_in, remedy, severity="warning")
    else:
        public = "; public CAs no longer give clientAuth" if "clientAuth" in missing else ""
        yield Breach(sentence + "; peers refuse it", remedy + public)


def signing_usage(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """TLS 1.3 and the ECDHE suites sign with the leaf's key (RFC 8446 section 4.4.2.2)."""
    usage = extension(channel.presented[0], x509.KeyUsage) if channel.presented else None
    if usage and not usage[0].digital_signature:
        yield Breach(
            f"the key usage of the certificate {shown(channel.presented[0])} lacks digitalSignature; TLS 1.3 needs it",
            "issue it anew with digitalSignature, or without key usage",
        )


def apart_from_http(channel: ChannelFacts, node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Transport and HTTP have different requirements, and whoever gets hold of one key should not have both."""
    http = node.channel("http")
    if channel.name != "transport" or not channel.presented or http is None or not http.enabled or not http.presented:
        return
    mend = "give HTTP a certificate and key of its own; those may come from another CA"
    if channel.presented[0] == http.presented[0]:
        yield Breach(f"transport and HTTP use the same certificate {shown(http.presented[0])}", mend)
    elif own_key(channel.presented[0]) == own_key(http.presented[0]):
        yield Breach("the certificates of transport and HTTP have the same key", mend)
