"""Key, leaf and the way up to a trusted CA: RFC 5280 section 6, and RFC 8446 section 4.4.2 for what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cryptography import x509

from isthmus.pki.form import extension, is_authority, is_self_issued, may_sign_certificates, violations, weaknesses
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach
from isthmus.pki.rules.subjects import anchors, identity, key_bytes, own, own_key, path, shown
from isthmus.pki.verify import build_chain, identifiers_fit, trusted_path


def nothing_presented(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A file that cannot be read is told by its own rule."""
    unread = any(file.fault or file.password_missing for file in channel.files)
    if channel.name in ("transport", "http") and not channel.presented and not unread:
        yield Breach(
            "TLS is on, but there is no certificate to present",
            f"set {channel.prefix}.certificate and .key, or .keystore.path",
        )


def key_fits(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """The private key must belong to the first certificate."""
    if not channel.presented or channel.public_key is None:
        return
    key = key_bytes(channel.public_key)
    if key == own_key(channel.presented[0]):
        return
    if any(key == own_key(one) for one in channel.presented):
        yield Breach(
            "the certificate of the private key is not the first in its file", "put it first, its CAs after it"
        )
    else:
        yield Breach(
            f"the private key does not belong to the certificate {shown(channel.presented[0])}",
            "set key and certificate to files that were made together",
        )


def order(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Leaf first, then each the issuer of the one before: TLS 1.2 demands it, and older clients insist."""
    if channel.presented:
        sorted_chain = build_chain(channel.presented[0], channel.presented[1:])
        if sorted_chain != channel.presented:
            yield Breach(
                "the certificates presented are not a chain in order: leaf first, then each issuer once, nothing else",
                f"write them as {', '.join(shown(one) for one in sorted_chain)}",
            )


def complete(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A peer that trusts the root only must be sent what lies between."""
    whole = build_chain(channel.presented[0], (*channel.presented[1:], *channel.trusted)) if channel.presented else ()
    missing = [one for one in whole[1:] if one not in channel.presented and not is_self_issued(one)]
    if missing:
        yield Breach(
            f"the intermediate CA {shown(missing[0])} is trusted here, but not presented; peers that trust only the "
            "root refuse the certificate",
            "add it to the certificate file, after the certificate",
        )


def trusted_here(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """The nodes of a cluster trust the same CAs, so what leads to none of this node's is refused by the others."""
    found = anchors(channel)
    if channel.name != "transport" or not channel.presented or not found:
        return
    if trusted_path(channel.presented[0], channel.presented[1:], found):
        return
    last = build_chain(channel.presented[0], channel.presented[1:])[-1]
    namesake = next((one for one in found if one.subject == last.issuer), None)
    why = f"; a trusted CA is called {shown(namesake)}, but has another key" if namesake else ""
    yield Breach(
        f"the certificate {shown(channel.presented[0])} leads to no CA that is trusted here; nodes that trust the same "
        f"CAs refuse it{why}",
        "add the missing intermediate to the certificate file, or issue the certificate from a trusted CA",
    )


def identifiers(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A CA renewed with its key may have a new identifier; what it issued before names the old one."""
    known = dict.fromkeys((*channel.presented, *channel.trusted))
    for certificate, issuer in pairwise(path(channel)):
        same = [one for one in known if identity(one) == identity(issuer)]
        if not any(identifiers_fit(certificate, one) for one in same):
            yield Breach(
                f"the authority key identifier of {shown(certificate)} is not the subject key identifier of its issuer "
                f"{shown(issuer)}, though the signature is right: the CA was renewed with the same key, or the "
                "identifier was computed instead of copied",
                "issue the certificate anew with the present CA",
            )


def issuers_sign(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """What issues must be a CA with keyCertSign, if it has a key usage."""
    for certificate, issuer in pairwise(path(channel)):
        if not may_sign_certificates(issuer):
            why = "its key usage lacks keyCertSign" if is_authority(issuer) else "its basic constraints do not say CA"
            yield Breach(
                f"{shown(issuer)} issued {shown(certificate)}, but may not: {why}",
                "make a real CA ('isthmus certutil ca') and issue the certificate from it",
            )


def path_lengths(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Self-issued intermediates do not count (RFC 5280 section 4.2.1.9)."""
    way = path(channel)
    for at, issuer in enumerate(way[1:]):
        between = sum(not is_self_issued(one) for one in way[1 : at + 1])
        constraints = extension(issuer, x509.BasicConstraints)
        limit = constraints[0].path_length if constraints else None
        if limit is not None and between > limit:
            yield Breach(
                f"the CA {shown(issuer)} allows {limit} intermediate CAs below it, there are {between}",
                "issue the certificate with fewer intermediates, or make the CA anew with a longer path length",
            )


def form(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """What RFC 5280 demands: of the leaf, and of the CAs above it, which only strict verifiers look at closely."""
    for kind, one in own(channel):
        weak = set(weaknesses(one))
        for sentence in violations(one):
            if sentence not in weak:
                yield Breach(
                    f"the {kind} {shown(one)}: {sentence}",
                    "issue it anew ('isthmus certutil')",
                    severity="warning" if kind != "certificate" else None,
                )
