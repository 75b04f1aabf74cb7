"""What a key store holds, whatever its format: private keys with their chains, trusted certificates, and the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509

from isthmus.pki.keys import PrivateKey, belongs_together
from isthmus.pki.verify import build_chain

MAX_STORE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A private key and its certificates, leaf first; none if the store holds no certificate for the key."""

    name: str
    key: PrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class TrustedEntry:
    """A certificate that the store says is to be trusted."""

    name: str
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class Store:
    """The entries of a key store. `others` are certificates that belong to no key and are not marked as trusted."""

    kind: str
    keys: tuple[KeyEntry, ...] = ()
    trusted: tuple[TrustedEntry, ...] = ()
    others: tuple[x509.Certificate, ...] = ()


def key_entry(name: str, key: PrivateKey, certificates: Iterable[x509.Certificate]) -> KeyEntry:
    """Join a key with its certificate and the issuers found in `certificates`."""
    pool = list(certificates)
    leaf = next((one for one in pool if belongs_together(key, one)), None)
    return KeyEntry(name, key, build_chain(leaf, pool) if leaf else ())
