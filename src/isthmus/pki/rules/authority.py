"""Whom a channel trusts: CAs of this cluster alone, real CAs, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from cryptography import x509

from isthmus.pki.form import extension, is_authority
from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach
from isthmus.pki.rules.subjects import anchors, identity, own_key, shown
from isthmus.pki.verify import is_self_signed, was_issued_by

_DEDICATED = "'isthmus certutil ca' makes a CA for this cluster alone; trust both, issue the nodes anew, then retire it"


def public(channel: ChannelFacts, _node: NodeFacts, circumstances: Circumstances) -> Iterator[Breach]:
    """Anybody can have a certificate of a public CA, and would be let in as a node."""
    for one in _transport_anchors(channel):
        if _is_or_is_below(one, circumstances.public):
            yield Breach(
                f"the transport trusts the public CA {shown(one)}, which issues certificates to anybody: each of them "
                "opens this cluster",
                f"remove it from the trusted CAs of transport (HTTP may keep it); {_DEDICATED}",
            )


def shared(channel: ChannelFacts, _node: NodeFacts, circumstances: Circumstances) -> Iterator[Breach]:
    """A CA that issues to more than the nodes of this cluster lets more than these in."""
    for one in _transport_anchors(channel):
        if _is_or_is_below(one, circumstances.public):
            continue
        if _is_or_is_below(one, circumstances.organisation):
            yield Breach(f"the transport trusts {shown(one)}, a CA of the whole organisation", _DEDICATED)
        elif used := [other for other in circumstances.elsewhere if was_issued_by(other, one) and other != one]:
            yield Breach(
                f"the trusted CA {shown(one)} also issued {shown(used[0])}, which is in use outside this cluster",
                _DEDICATED,
            )


def _transport_anchors(channel: ChannelFacts) -> tuple[x509.Certificate, ...]:
    return anchors(channel) if channel.name == "transport" else ()


def _is_or_is_below(authority: x509.Certificate, known: frozenset[x509.Certificate]) -> bool:
    return any(
        identity(authority) == identity(one)
        if authority.subject == one.subject
        else authority.issuer == one.subject and was_issued_by(authority, one)
        for one in known
    )


def none_trusted(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Without a CA of its own the transport would believe the public ones, or nobody."""
    unread = any(file.fault or file.password_missing for file in channel.files)
    if channel.name == "transport" and channel.verification_mode != "none" and not anchors(channel) and not unread:
        yield Breach(
            "no certificate authority is trusted on the transport",
            "set certificate_authorities or truststore.path to the CA of this cluster",
        )


def leaf_as_anchor(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Java believes a trusted leaf whatever its CA or its dates say; OpenSSL and Isthmus do not."""
    for one in channel.trusted:
        if is_authority(one):
            continue
        if not is_self_signed(one):
            yield Breach(
                f"{shown(one)} is among the trusted certificates, but it is no CA: Java believes it even when it has "
                "expired or its CA is no longer trusted",
                "keep the node's keystore and the truststore apart, and put only CAs into the latter",
            )
        elif one.version is x509.Version.v1:
            yield Breach(
                f"the trusted certificate {shown(one)} is of version 1 and cannot say that it is a CA",
                "replace it by a CA of version 3 with basic constraints and keyCertSign",
                severity="warning",
            )
        else:
            yield Breach(
                f"the trusted certificate {shown(one)} signs itself and is no CA: it vouches for itself alone",
                "issue the nodes' certificates from a CA, and trust that",
                severity="warning",
            )


def duplicates(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A certificate that is twice in the trust files stays behind when one of them is removed."""
    files = [file for file in channel.files if file.kind in ("authorities", "truststore")]
    for one, times in Counter(one for file in files for one in file.certificates).items():
        if times > 1:
            holding = dict.fromkeys(file.path for file in files if one in file.certificates)
            yield Breach(
                f"the trusted certificate {shown(one)} is there {times} times", "keep one", where=", ".join(holding)
            )


def same_name(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """CAs of one name are told apart by their key identifiers alone; some verifiers try only the first."""
    for one, other in combinations(dict.fromkeys(anchors(channel)), 2):
        if one.subject == other.subject and own_key(one) != own_key(other):
            told_apart = all(extension(ca, x509.SubjectKeyIdentifier) for ca in (one, other))
            yield Breach(
                f"two trusted CAs have the same name {shown(one)} and different keys"
                + ("" if told_apart else ", and no key identifiers that tell them apart"),
                "give each CA a name of its own; remove the older one once nothing leads to it",
                severity="note" if told_apart else None,
            )
