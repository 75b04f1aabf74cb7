"""What stands in the files of one channel of a node, or of a client's trust file: read, and written for a holding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from isthmus.errors import ConfigError, IntegrityError, NoInputError
from isthmus.lifecycle.rotation.layout import Layout, NewFile, TrustFile, identity_files, layout_of, trust_files
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.pki.bundles import Bundle, StoreType, load_certificates, load_store
from isthmus.pki.explain import fingerprint
from isthmus.pki.rotation import Holding
from isthmus.tls.config import ChannelConfig
from isthmus.tls.material import MAX_FILE_BYTES, read_material


@dataclass(frozen=True)
class Contents:
    """What was read: the identity (empty for a client), where all stands, and so what is trusted."""

    bundle: Bundle
    layout: Layout


def read_channel(config: ChannelConfig) -> Contents:
    """Read the files of a node's channel. Raises ConfigError that names setting, file and mend."""
    material = read_material(config)
    bundle = material.bundle
    if bundle is None:
        raise ConfigError("the channel shows no certificate", where=config.prefix, hint="leave it out with --channel")
    trust = [TrustFile(path, load_certificates(_read(path), str(path))) for path in config.authorities]
    if config.truststore is not None:
        store = config.truststore
        kind: StoreType = "jks" if store.type == "jks" else "pkcs12"
        found = load_store(_read(store.path), store.password, store.where, store_type=kind)
        trust.append(TrustFile(store.path, found.trusted, store))
    return Contents(bundle, layout_of(config, bundle, trust))


def read_client(path: Path) -> Contents:
    """Read a client's file of trusted authorities. Raises NoInputError, DataError."""
    found = load_certificates(_read(path), str(path))
    return Contents(Bundle(), Layout(None, (TrustFile(path, found),)))


def holding_of(contents: Contents, leaves: Iterable[str], authorities: Iterable[str], papers: Papers) -> Holding | None:
    """Tell which of the rotation's holdings stands in the files; None if its certificate is none of `leaves`."""
    trusted = {fingerprint(one) for one in contents.layout.trusted}
    trusts = frozenset(name for name in authorities if name in trusted)
    shown = contents.bundle.certificate
    if shown is None:
        return Holding(trusts, None)
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


def must_be_known(holding: Holding | None, where: str) -> Holding:
    """Raise IntegrityError if the files hold a certificate that the rotation does not know."""
    if holding is None:
        raise IntegrityError(
            "the files hold a certificate that this rotation does not know",
            where=where,
            hint="somebody replaced it meanwhile: put the old one back, or plan the rotation anew",
        )
    return holding


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as cause:
        raise NoInputError(f"the file cannot be read: {cause.strerror}", where=str(path)) from cause
    if len(data) > MAX_FILE_BYTES:
        raise NoInputError(f"the file is larger than {MAX_FILE_BYTES} bytes", where=str(path))
    return data
