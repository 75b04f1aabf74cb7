"""Identities that nobody may trust: of a new CA, and of a new CA that bears the name of a trusted one."""

from __future__ import annotations

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.x509.oid import NameOID

from isthmus.pki.authority import create_authority
from isthmus.pki.bundles import Bundle
from isthmus.pki.keys import generate_key
from isthmus.pki.names import SubjectNames
from isthmus.pki.profiles import TRANSPORT

_DAYS = 1
_ALIEN = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "isthmus probe, not to be trusted")])


def alien_identity(authority_name: x509.Name = _ALIEN) -> Bundle:
    """Make a certificate and key of a CA that exists in memory only and is named `authority_name`."""
    authority, key = create_authority(authority_name, days=_DAYS), generate_key()
    certificate = authority.issue(SubjectNames(_ALIEN), key.public_key(), TRANSPORT, days=_DAYS)
    return Bundle(key, certificate)


def name_for_people(der: bytes) -> str:
    """Write a distinguished name that a server sent, whatever is in it."""
    try:
        text = str(asn1.Name.load(der).human_friendly)
    except (ValueError, TypeError, KeyError):
        return "a name that cannot be read"
    return "".join(one if one.isprintable() else "?" for one in text)
