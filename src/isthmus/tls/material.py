"""Reads what a channel's settings name: key, certificate, chain and trusted authorities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from cryptography import x509

from isthmus.errors import ConfigError, DataError, IsthmusError
from isthmus.files import read_regular
from isthmus.pki.bundles import Bundle, StoreType, load_certificates, load_pem, load_store
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.revocation import RevocationList, load_revocation_lists, signed_list
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig

MAX_FILE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Source:
    """A certificate and the file it came from, as `GET /_ssl/certificates` shows it. `format`: PEM, PKCS12 or jks."""

    path: str
    format: str
    alias: str | None
    certificate: x509.Certificate
    has_private_key: bool


@dataclass(frozen=True)
class Material:
    """All that was read, once, for one generation. `strangers` are sentences on lists that no trusted CA signed."""

    bundle: Bundle | None
    trusted: tuple[x509.Certificate, ...]
    sources: tuple[Source, ...]
    revocations: tuple[RevocationList, ...] = ()
    strangers: tuple[str, ...] = ()


def read_material(config: ChannelConfig) -> Material:
    """Read every file of the channel. Raises ConfigError that names the setting, the file and the mend."""
    bundle, sources = _read_identity(config.identity)
    trusted, more = read_trust(config.prefix, config.authorities, config.truststore)
    if not config.authorities and config.truststore is None and bundle is not None:
        trusted = tuple(dict.fromkeys(bundle.trusted))
    revocations, strangers = _read_revocations(config, (*trusted, *(bundle.chain if bundle else ())))
    return Material(bundle, trusted, (*sources, *more), revocations, strangers)


def _read_identity(identity: PemConfig | StoreConfig | None) -> tuple[Bundle | None, tuple[Source, ...]]:
    if identity is None:
        return None, ()
    if isinstance(identity, StoreConfig):
        return _read_keystore(identity)
    where = identity.where
    certificate = _read(identity.certificate, where)
    key_where = _where(identity.setting.removesuffix("certificate") + "key", identity.key)
    passphrase = None if identity.passphrase is None else identity.passphrase.encode()
    try:
        bundle = load_pem(certificate, _read(identity.key, key_where), passphrase, where, key_where=key_where)
    except DataError as error:
        raise _as_config(error) from error
    return bundle, _sources(identity.certificate, "PEM", None, bundle)


def _read_keystore(store: StoreConfig) -> tuple[Bundle, tuple[Source, ...]]:
    bundle = _open_store(store)
    if bundle.key is None:
        raise ConfigError(
            "the keystore holds no private key",
            where=store.where,
            hint="name the .p12 that `isthmus certutil cert` made for this node",
        )
    return bundle, _sources(store.path, _format(store), bundle.name or None, bundle)


def read_trust(
    prefix: str, authorities: Sequence[Path], truststore: StoreConfig | None
) -> tuple[tuple[x509.Certificate, ...], list[Source]]:
    """Read the authorities that PEM files and a truststore hold. `prefix` is that of their settings.

    Raises ConfigError.
    """
    trusted: list[x509.Certificate] = []
    sources: list[Source] = []
    for path in authorities:
        where = _where(f"{prefix}.certificate_authorities", path)
        try:
            found = load_certificates(_read(path, where), where)
        except DataError as error:
            raise _as_config(error) from error
        trusted += found
        sources += [Source(str(path), "PEM", None, one, has_private_key=False) for one in found]
    if truststore is not None:
        store = _open_truststore(truststore)
        trusted += store.trusted
        sources += _trusted_sources(truststore.path, _format(truststore), store)
    return tuple(dict.fromkeys(trusted)), sources


def _read_revocations(
    config: ChannelConfig, authorities: Sequence[x509.Certificate]
) -> tuple[tuple[RevocationList, ...], tuple[str, ...]]:
    lists: list[RevocationList] = []
    strangers: list[str] = []
    for path in config.revocation_lists:
        where = _where(f"{config.prefix}.certificate_revocation_lists", path)
        try:
            for found in load_revocation_lists(_read(path, where), where):
                signed = signed_list(found, authorities, where)
                if signed is not None:
                    lists.append(signed)
                else:
                    strangers.append(
                        f"{where}: no CA that is trusted here is [{distinguished_name_text(found.issuer)}]; its "
                        "revocation list has no effect"
                    )
        except DataError as error:
            raise _as_config(error) from error
    return tuple(lists), tuple(strangers)


def _open_truststore(truststore: StoreConfig) -> Bundle:
    found = _open_store(truststore)
    if not found.trusted:
        raise ConfigError(
            "the truststore holds no trusted certificate",
            where=truststore.where,
            hint="add the CA with 'keytool -importcert', or name its PEM file in certificate_authorities",
        )
    return found


def _open_store(store: StoreConfig) -> Bundle:
    where = store.where
    data = _read(store.path, where)
    kind: StoreType = "jks" if store.type == "jks" else "pkcs12"
    try:
        return load_store(data, store.password, where, store_type=kind, key_password=store.key_password)
    except DataError as error:
        raise _as_config(error) from error


def _sources(path: Path, kind: str, alias: str | None, bundle: Bundle) -> tuple[Source, ...]:
    if bundle.certificate is None:
        return ()
    own = Source(str(path), kind, alias, bundle.certificate, has_private_key=True)
    above = tuple(Source(str(path), kind, alias, one, has_private_key=False) for one in dict.fromkeys(bundle.chain))
    return own, *above, *_trusted_sources(path, kind, bundle)


def _trusted_sources(path: Path, kind: str, bundle: Bundle) -> list[Source]:
    named = zip_longest(bundle.trusted, bundle.trusted_names)
    return [Source(str(path), kind, name or None, one, has_private_key=False) for one, name in named]


def _read(path: Path, where: str) -> bytes:
    try:
        _, data = read_regular(path, MAX_FILE_BYTES)
    except OSError as cause:
        raise ConfigError(
            f"the file cannot be read: {cause.strerror}",
            where=where,
            hint="check the path (a relative one is relative to the configuration folder) and who may read it",
        ) from cause
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(f"the file is larger than {MAX_FILE_BYTES} bytes", where=where, hint="name another file")
    return data


def _format(store: StoreConfig) -> str:
    return "jks" if store.type == "jks" else "PKCS12"


def _where(setting: str, path: Path) -> str:
    return f"{setting} [{path}]"


def _as_config(error: IsthmusError) -> ConfigError:
    return ConfigError(error.reason, where=error.where, hint=error.hint)
