"""A channel's certificates in the parts that the rules look at: leaf, path, anchors. And how a person calls them."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from isthmus.pki.form import is_authority
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.rules.facts import ChannelFacts
from isthmus.pki.verify import Chain, build_chain, is_self_signed, trusted_path

SERVERS = ("http", "remote_cluster_server")


def shown(certificate: x509.Certificate) -> str:
    """Name a certificate by its subject; an empty subject by its serial number."""
    return f"[{distinguished_name_text(certificate.subject) or f'serial {certificate.serial_number:x}'}]"


def anchors(channel: ChannelFacts) -> Chain:
    """Return the trusted certificates that others may lead to: CAs, and such as sign themselves."""
    return tuple(one for one in channel.trusted if is_authority(one) or is_self_signed(one))


def path(channel: ChannelFacts) -> Chain:
    """Return the way from the leaf to a trusted certificate, or as far up as presented and trusted ones go."""
    if not channel.presented:
        return ()
    leaf, above = channel.presented[0], channel.presented[1:]
    return trusted_path(leaf, above, anchors(channel)) or build_chain(leaf, (*above, *channel.trusted))


def own(channel: ChannelFacts) -> list[tuple[str, x509.Certificate]]:
    """List what the channel stands on, with its kind: leaf and CAs above it, presented or on the path."""
    certificates = dict.fromkeys((*channel.presented, *path(channel)))
    return [("CA certificate" if at else "certificate", one) for at, one in enumerate(certificates)]


def other_trusted(channel: ChannelFacts) -> list[x509.Certificate]:
    """List the trusted certificates that the channel itself does not stand on."""
    return without(channel.trusted, [one for _, one in own(channel)])


def without(certificates: Iterable[x509.Certificate], left_out: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """List `certificates` once each, those `left_out` not."""
    gone = set(left_out)
    return [one for one in dict.fromkeys(certificates) if one not in gone]


def key_bytes(key: PublicKeyTypes) -> bytes:
    """Write a public key as SubjectPublicKeyInfo, to compare keys by."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def own_key(certificate: x509.Certificate) -> bytes:
    """Write the public key of a certificate."""
    return key_bytes(certificate.public_key())


def identity(certificate: x509.Certificate) -> tuple[x509.Name, bytes]:
    """Return name and key, which a CA keeps when it is renewed or cross-signed."""
    return certificate.subject, own_key(certificate)
