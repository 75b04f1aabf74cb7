"""What the settings of one channel say about its TLS, with paths resolved. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from isthmus.settings import Settings
from isthmus.settings.ssl_settings import TRANSPORT_SSL, SslSettings


@dataclass(frozen=True)
class StoreConfig:
    """A PKCS#12 or JKS file. `setting` is the name of the setting that names it; `type` is `pkcs12` or `jks`."""

    setting: str
    path: Path
    type: str
    password: str | None = field(repr=False)
    key_password: str | None = field(default=None, repr=False)

    @property
    def files(self) -> tuple[Path, ...]:
        """The one file that holds all."""
        return (self.path,)

    @property
    def where(self) -> str:
        """The setting and its file, for a person."""
        return f"{self.setting} [{self.path}]"


@dataclass(frozen=True)
class PemConfig:
    """A certificate file and its key file."""

    setting: str
    certificate: Path
    key: Path
    passphrase: str | None = field(repr=False)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the certificate and the key."""
        return (self.certificate, self.key)

    @property
    def where(self) -> str:
        """The setting and its file, for a person."""
        return f"{self.setting} [{self.certificate}]"


@dataclass(frozen=True)
class ChannelConfig:
    """One channel's TLS. `prefix` is that of its settings (`xpack.security.transport.ssl`)."""

    prefix: str
    verification_mode: str
    client_authentication: str
    identity: PemConfig | StoreConfig | None
    authorities: tuple[Path, ...]
    truststore: StoreConfig | None
    supported_protocols: tuple[str, ...]
    cipher_suites: tuple[str, ...]
    revocation_lists: tuple[Path, ...] = ()

    @property
    def identity_files(self) -> tuple[Path, ...]:
        """The files that hold the certificate and the key."""
        return () if self.identity is None else self.identity.files

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold identity and trust; revocation lists are apart."""
        truststore = () if self.truststore is None else self.truststore.files
        return (*self.identity_files, *self.authorities, *truststore)

    @property
    def is_transport(self) -> bool:
        """Whether nodes of one cluster speak to each other by it, each both as client and as server."""
        return self.prefix == TRANSPORT_SSL.prefix

    @classmethod
    def from_settings(cls, settings: Settings, ssl: SslSettings) -> ChannelConfig:
        """Read the settings of the channel `ssl`; contradictions among them were refused when they were loaded."""
        return cls(
            prefix=ssl.prefix,
            verification_mode=settings.get(ssl.verification_mode),
            client_authentication=settings.get(ssl.client_authentication),
            identity=_identity(settings, ssl),
            authorities=tuple(settings.resolve(path) for path in settings.get(ssl.certificate_authorities)),
            truststore=_truststore(settings, ssl),
            supported_protocols=settings.get(ssl.supported_protocols),
            cipher_suites=settings.get(ssl.cipher_suites),
            revocation_lists=tuple(settings.resolve(path) for path in settings.get(ssl.certificate_revocation_lists)),
        )


def _identity(settings: Settings, ssl: SslSettings) -> PemConfig | StoreConfig | None:
    keystore = settings.get(ssl.keystore_path)
    if keystore is not None:
        return StoreConfig(
            ssl.keystore_path.name,
            settings.resolve(keystore),
            settings.get(ssl.keystore_type),
            settings.get(ssl.keystore_secure_password),
            settings.get(ssl.keystore_secure_key_password),
        )
    certificate, key = settings.get(ssl.certificate), settings.get(ssl.key)
    if certificate is None or key is None:
        return None
    return PemConfig(
        ssl.certificate.name,
        settings.resolve(certificate),
        settings.resolve(key),
        settings.get(ssl.secure_key_passphrase),
    )


def _truststore(settings: Settings, ssl: SslSettings) -> StoreConfig | None:
    path = settings.get(ssl.truststore_path)
    if path is None:
        return None
    return StoreConfig(
        ssl.truststore_path.name,
        settings.resolve(path),
        settings.get(ssl.truststore_type),
        settings.get(ssl.truststore_secure_password),
    )
