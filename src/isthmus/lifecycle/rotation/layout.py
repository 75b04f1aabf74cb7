"""Which files hold a channel's key, certificate and trust, and what stands in them for a given holding. Pure.

Every trust file that holds an authority of the rotation is rewritten: what else it holds is kept, in its order, and
the authorities of the holding follow. Formats and passwords stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509

from isthmus.errors import ConfigError
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12, certificates_to_pem, trusted_to_pkcs12
from isthmus.pki.keys import key_to_pem
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig


@dataclass(frozen=True)
class NewFile:
    """A file's path, as the configuration has it, and what shall stand in it. `secret`: it holds a private key."""

    path: Path
    data: bytes
    secret: bool


@dataclass(frozen=True)
class TrustFile:
    """A file of trusted certificates and what it holds now. `store` says how it is opened, None for PEM."""

    path: Path
    certificates: tuple[x509.Certificate, ...]
    store: StoreConfig | None = None


@dataclass(frozen=True)
class Layout:
    """Where a channel keeps its identity (`identity`, None: it shows none) and its trust.

    `own_trust` are the trusted certificates that stand in the keystore itself, beside the key.
    """

    identity: PemConfig | StoreConfig | None
    trust: tuple[TrustFile, ...]
    own_trust: tuple[x509.Certificate, ...] = ()

    @property
    def trusted(self) -> tuple[x509.Certificate, ...]:
        """All that is trusted by these files."""
        return tuple(dict.fromkeys([*self.own_trust, *(one for file in self.trust for one in file.certificates)]))


def layout_of(config: ChannelConfig, bundle: Bundle, trust: Sequence[TrustFile]) -> Layout:
    """Give the layout of a channel, of which `bundle` and `trust` were read.

    Raises ConfigError for a file that cannot be written again (JKS, a key password of its own, trust beside a PEM key).
    """
    named = [file.store for file in trust if file.store is not None]
    stores = [*named, *([config.identity] if isinstance(config.identity, StoreConfig) else [])]
    for store in stores:
        _must_be_writable(store)
    for file in trust:
        if file.store is None and file.path in config.identity_files:
            raise ConfigError(
                "the file holds the node's own certificate and the trusted CAs",
                where=str(file.path),
                hint="put the CAs into a file of their own",
            )
    # A store that is both: its trust is rewritten together with its key.
    beside = tuple(file for file in trust if file.path not in config.identity_files)
    return Layout(config.identity, beside, bundle.trusted)


def _must_be_writable(store: StoreConfig) -> None:
    if store.type == "jks":
        raise ConfigError(
            "a JKS store is not rewritten",
            where=store.where,
            hint="convert it: keytool -importkeystore -srckeystore … -destkeystore ….p12 -deststoretype pkcs12",
        )
    if store.key_password not in (None, store.password):
        raise ConfigError(
            "a store whose key has a password of its own is not rewritten",
            where=store.where,
            hint="give the key the password of the store: keytool -keypasswd",
        )


def identity_files(
    layout: Layout, leaf: Bundle, candidates: Collection[x509.Certificate], trusts: Collection[x509.Certificate]
) -> list[NewFile]:
    """Write the leaf's files. In a keystore that holds trust too, that is made `trusts` among the `candidates`."""
    identity = layout.identity
    if identity is None or leaf.key is None or leaf.certificate is None:
        return []
    if isinstance(identity, StoreConfig):
        own = renewed(layout.own_trust, candidates, trusts)
        data = bundle_to_pkcs12(replace(leaf, trusted=tuple(own)), identity.password or "")
        return [NewFile(identity.path, data, secret=True)]
    passphrase = None if identity.passphrase is None else identity.passphrase.encode()
    chain, key = certificates_to_pem([leaf.certificate, *leaf.chain]), key_to_pem(leaf.key, passphrase)
    if identity.certificate == identity.key:
        return [NewFile(identity.key, key + chain, secret=True)]
    # The certificate first: an Isthmus node that reads between the two sees that the key does not match, and waits.
    return [
        NewFile(identity.certificate, chain, secret=False),
        NewFile(identity.key, key, secret=True),
    ]


def trust_files(
    layout: Layout, candidates: Collection[x509.Certificate], trusts: Collection[x509.Certificate]
) -> list[NewFile]:
    """Write every trust file that holds one of the `candidates`, with `trusts` in their place."""
    return [
        NewFile(file.path, _trust_data(file, renewed(file.certificates, candidates, trusts)), secret=False)
        for file in layout.trust
        if set(file.certificates) & set(candidates)
    ]


def renewed(
    certificates: Sequence[x509.Certificate],
    candidates: Collection[x509.Certificate],
    trusts: Collection[x509.Certificate],
) -> list[x509.Certificate]:
    """Put `trusts` in the place of those of the `candidates` that stand there; untouched if none does."""
    if not set(certificates) & set(candidates):
        return list(certificates)
    return list(dict.fromkeys([*(one for one in certificates if one not in candidates), *trusts]))


def _trust_data(file: TrustFile, certificates: Sequence[x509.Certificate]) -> bytes:
    if file.store is None:
        return certificates_to_pem(certificates)
    return trusted_to_pkcs12(certificates, file.store.password or "")
