"""The files of one channel, read one by one, as the facts that the rules look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from isthmus.lifecycle.folders.files import Named, ReadFile, read_certificates, read_key, read_keystore
from isthmus.lifecycle.folders.sealed import AskPassword
from isthmus.lifecycle.folders.tls import ChannelSettings
from isthmus.pki.rules.facts import ChannelFacts, FileKind
from isthmus.tls.config import ChannelConfig, PemConfig, StoreConfig


@dataclass(frozen=True)
class _Identity:
    presented: tuple[x509.Certificate, ...] = ()
    trusted: tuple[x509.Certificate, ...] = ()
    key: ReadFile | None = None
    files: tuple[ReadFile, ...] = ()


def channel_facts(channel: ChannelSettings, written: Mapping[str, str], ask: AskPassword) -> ChannelFacts:
    """Read all files of the channel; `written` has the names of settings as the settings file has them."""
    config = channel.config
    identity = _identity(config.identity, written, ask)
    trust = _trust_files(config, written, ask)
    trusted = [one for file in trust for one in _trusted_in(file)]
    if not config.authorities and config.truststore is None:
        # Elasticsearch too takes the keystore as truststore where no other is named.
        trusted += identity.trusted
    return ChannelFacts(
        prefix=config.prefix,
        enabled=channel.enabled,
        verification_mode=config.verification_mode,
        client_authentication=config.client_authentication,
        supported_protocols=channel.protocols,
        cipher_suites=config.cipher_suites,
        public_key=identity.key.key.public_key() if identity.key and identity.key.key else None,
        presented=identity.presented,
        trusted=tuple(dict.fromkeys(trusted)),
        files=tuple(file.facts for file in (*identity.files, *trust)),
    )


def _identity(identity: PemConfig | StoreConfig | None, written: Mapping[str, str], ask: AskPassword) -> _Identity:
    if identity is None:
        return _Identity()
    if isinstance(identity, StoreConfig):
        file = read_keystore(_named_store(identity, "keystore", written), ask)
        bundle = file.bundle
        own = () if bundle.certificate is None else (bundle.certificate, *bundle.chain)
        return _Identity(own, bundle.trusted, file, (file,))
    certificate = read_certificates(_named(identity.setting, identity.certificate, "certificate", written))
    key_setting = identity.setting.removesuffix("certificate") + "key"
    key = read_key(_named(key_setting, identity.key, "key", written, identity.passphrase), ask)
    return _Identity(certificate.facts.certificates, (), key, (certificate, key))


def _trust_files(config: ChannelConfig, written: Mapping[str, str], ask: AskPassword) -> list[ReadFile]:
    setting = f"{config.prefix}.certificate_authorities"
    files = [read_certificates(_named(setting, path, "authorities", written)) for path in config.authorities]
    if config.truststore is not None:
        files.append(read_keystore(_named_store(config.truststore, "truststore", written), ask))
    return files


def _trusted_in(file: ReadFile) -> tuple[x509.Certificate, ...]:
    return file.bundle.trusted if file.facts.kind == "truststore" else file.facts.certificates


def _named(setting: str, path: Path, kind: FileKind, written: Mapping[str, str], password: str | None = None) -> Named:
    return Named(path, written.get(setting, setting), kind, password)


def _named_store(store: StoreConfig, kind: FileKind, written: Mapping[str, str]) -> Named:
    return Named(store.path, written.get(store.setting, store.setting), kind, store.password, store.key_password)
