"""What a certificate may be used for: its key usage, extended key usage and basic constraints (RFC 5280 4.2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from isthmus.errors import DataError
from isthmus.pki.keys import PublicKey

CLIENT_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH

# Names of RFC 5280 section 4.2.1.3 in bit order, and the word for each in `cryptography`.
KEY_USAGES = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
    "encipherOnly": "encipher_only",
    "decipherOnly": "decipher_only",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of certificate: its name, the purposes (extended key usage), its key usages, and whether it is a CA."""

    name: str
    purposes: tuple[ObjectIdentifier, ...] = ()
    usages: tuple[str, ...] = ("digitalSignature",)
    is_authority: bool = False

    def key_usage(self, public_key: PublicKey) -> x509.KeyUsage:
        """Give the key usage for a key; an RSA leaf may also encipher keys (TLS 1.2 without Diffie-Hellman)."""
        enciphers = isinstance(public_key, rsa.RSAPublicKey) and not self.is_authority
        return key_usage([*self.usages, "keyEncipherment"] if enciphers else self.usages)


CA = Profile("ca", usages=("keyCertSign", "cRLSign"), is_authority=True)
TRANSPORT = Profile("transport", purposes=(CLIENT_AUTH, SERVER_AUTH))
HTTP = Profile("http", purposes=(SERVER_AUTH,))


def authority_profile(usages: Iterable[str], where: str) -> Profile:
    """Make a CA profile with the named key usages; raises DataError for an unknown one or without `keyCertSign`."""
    chosen = tuple(dict.fromkeys(usages))
    unknown = [usage for usage in chosen if usage not in KEY_USAGES]
    if unknown:
        raise DataError(f"unknown key usage [{unknown[0]}]", hint=f"choose among {', '.join(KEY_USAGES)}", where=where)
    if "keyCertSign" not in chosen:
        raise DataError("a CA without keyCertSign can sign no certificate", hint="add keyCertSign", where=where)
    if "keyAgreement" not in chosen and {"encipherOnly", "decipherOnly"} & set(chosen):
        raise DataError("encipherOnly and decipherOnly mean nothing without keyAgreement", where=where)
    return Profile("ca", usages=chosen, is_authority=True)


def key_usage(usages: Iterable[str]) -> x509.KeyUsage:
    """Make the key usage extension from names of RFC 5280."""
    granted = set(usages)
    return x509.KeyUsage(**{word: usage in granted for usage, word in KEY_USAGES.items()})


def key_usage_names(usage: x509.KeyUsage) -> list[str]:
    """List the names of RFC 5280 that `usage` grants."""
    names = [name for name in list(KEY_USAGES)[:7] if getattr(usage, KEY_USAGES[name])]
    if usage.key_agreement:
        names += [name for name in ("encipherOnly", "decipherOnly") if getattr(usage, KEY_USAGES[name])]
    return names
