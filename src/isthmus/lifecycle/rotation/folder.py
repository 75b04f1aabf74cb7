"""What stands in the files of one channel of a node, or of a client's trust file: read, and written for a holding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from isthmus.errors import ConfigError, IntegrityError, IsthmusError
from isthmus.lifecycle.rotation.layout import Layout, NewFile, TrustFile, identity_files, layout_of, trust_files
from isthmus.lifecycle.rotation.leaves import Papers, read_whole
from isthmus.pki.bundles import Bundle, StoreType, load_certificates, load_store
from isthmus.pki.explain import fingerprint
from isthmus.pki.keys import belongs_together, load_private_key
from isthmus.pki.rotation import Holding
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig
from isthmus.tls.material import read_material


@dataclass(frozen=True)
class Contents:
    """What was read: the identity (empty for a client), where all stands, and so what is trusted.

    `is_half`: a crash came between certificate and key, each of which belongs to the rotation.
    """

    bundle: Bundle
    layout: Layout
    is_half: bool = False


def read_channel(config: ChannelConfig) -> Contents:
    """Read the files of a node's channel. Raises ConfigError that names setting, file and mend."""
    bundle = read_material(config).bundle
    if bundle is None:
        raise ConfigError("the channel shows no certificate", where=config.prefix, hint="leave it out with --channel")
    return Contents(bundle, layout_of(config, bundle, _trust_of(config)))


def read_installed(config: ChannelConfig, leaves: Sequence[Bundle]) -> Contents:
    """Read the files of a node's channel where an installation may have been cut short, of one of `leaves`."""
    if not _is_half(config.identity, leaves):
        return read_channel(config)
    bundle = Bundle()
    return Contents(bundle, layout_of(config, bundle, _trust_of(config)), is_half=True)


def _is_half(identity: PemConfig | StoreConfig | None, leaves: Sequence[Bundle]) -> bool:
    """Whether certificate and key are each one of the rotation's, but not of the same leaf."""
    if not isinstance(identity, PemConfig):
        return False
    passphrase = None if identity.passphrase is None else identity.passphrase.encode()
    try:
        shown = load_certificates(read_whole(identity.certificate), str(identity.certificate))
        key = load_private_key(read_whole(identity.key), passphrase, str(identity.key))
    except IsthmusError:
        return False  # whoever reads it in earnest tells what is wrong
    keys = [leaf.certificate is not None and belongs_together(key, leaf.certificate) for leaf in leaves]
    certificates = [leaf.certificate in shown for leaf in leaves]
    return any(keys) and any(certificates) and keys != certificates


def _trust_of(config: ChannelConfig) -> list[TrustFile]:
    trust = [TrustFile(path, load_certificates(read_whole(path), str(path))) for path in config.authorities]
    if config.truststore is not None:
        store = config.truststore
        kind: StoreType = "jks" if store.type == "jks" else "pkcs12"
        found = load_store(read_whole(store.path), store.password, store.where, store_type=kind)
        trust.append(TrustFile(store.path, found.trusted, store))
    return trust


def read_client(path: Path) -> Contents:
    """Read a client's file of trusted authorities. Raises NoInputError, DataError."""
    found = load_certificates(read_whole(path), str(path))
    return Contents(Bundle(), Layout(None, (TrustFile(path, found),)))


def holding_of(contents: Contents, leaves: Iterable[str], authorities: Iterable[str], papers: Papers) -> Holding | None:
    """Tell which of the rotation's holdings stands in the files; None if its certificate is none of `leaves`."""
    trusted = {fingerprint(one) for one in contents.layout.trusted}
    trusts = frozenset(name for name in authorities if name in trusted)
    shown = contents.bundle.certificate
    if shown is None:
        return Holding(trusts, None)  # a client, or an identity that must be written again
    known = (leaf for leaf in leaves if papers.leaf(leaf).certificate == shown)
    leaf = next(known, None)
    return None if leaf is None else Holding(trusts, leaf)


def files_for(
    contents: Contents, now: Holding, holding: Holding, candidates: list[x509.Certificate], papers: Papers
) -> list[NewFile]:
    """Give the files to replace so that `holding` stands where `now` does; the trust first.

    Raises ConfigError if trust would be left empty.
    """
    trusts = [one for one in candidates if fingerprint(one) in holding.trusts]
    files: list[NewFile] = []
    if holding.trusts != now.trusts:
        files += trust_files(contents.layout, candidates, trusts)
    beside_key = set(contents.layout.own_trust) & set(candidates)
    if holding.leaf != now.leaf or (beside_key and holding.trusts != now.trusts):
        leaf = contents.bundle if holding.leaf is None else papers.leaf(holding.leaf)
        files += identity_files(contents.layout, leaf, candidates, trusts)
    for file in files:
        if not file.data:
            raise ConfigError("no authority would be left", where=str(file.path), hint="plan the rotation anew")
    return files


def must_be_known(holding: Holding | None, *, judges: bool, where: str) -> Holding:
    """Raise IntegrityError if the files hold a certificate or CAs that the rotation does not know."""
    if holding is None or (judges and not holding.trusts):
        what = "a certificate" if holding is None else "trusted CAs"
        raise IntegrityError(
            f"the files hold {what} that this rotation does not know; nothing was written over them",
            where=where,
            hint="somebody replaced the files meanwhile: put the old ones back, or plan the rotation anew",
        )
    return holding
