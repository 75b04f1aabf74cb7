"""The family `xpack.security.<channel>.ssl.*`, one `SslSettings` a channel."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

from isthmus.settings.setting import AnySetting, Setting, secure
from isthmus.settings.values import ValueType, boolean, choice, list_of, optional, text

PROTOCOLS = ("TLSv1.3", "TLSv1.2")
PKCS12_ENDINGS = (".p12", ".pfx", ".pkcs12")


@dataclass(frozen=True, slots=True)
class SslSettings:
    """The settings of one channel. `prefix` ends before the member: `xpack.security.transport.ssl`."""

    prefix: str
    enabled: Setting[bool]
    verification_mode: Setting[str]
    client_authentication: Setting[str]
    certificate: Setting[str | None]
    key: Setting[str | None]
    secure_key_passphrase: Setting[str | None]
    certificate_authorities: Setting[tuple[str, ...]]
    certificate_revocation_lists: Setting[tuple[str, ...]]
    keystore_path: Setting[str | None]
    keystore_type: Setting[str]
    keystore_secure_password: Setting[str | None]
    keystore_secure_key_password: Setting[str | None]
    truststore_path: Setting[str | None]
    truststore_type: Setting[str]
    truststore_secure_password: Setting[str | None]
    supported_protocols: Setting[tuple[str, ...]]
    cipher_suites: Setting[tuple[str, ...]]

    def members(self) -> tuple[AnySetting, ...]:
        """Return all settings of the channel."""
        return tuple(getattr(self, field.name) for field in fields(self) if field.name != "prefix")


def _parse_store_type(value: object) -> str:
    kind = text.parse(value).lower()
    if kind not in ("pkcs12", "jks"):
        raise ValueError("it can only be [PKCS12] or [jks]")
    return kind


_path = optional(text)
_store_type: ValueType[str] = ValueType("PKCS12|jks", _parse_store_type)
_verification_mode = choice("full", "certificate", "none")
_client_authentication = choice("required", "optional", "none")


def _store_type_of(name: str, path: Setting[str | None]) -> Setting[str]:
    def from_ending(settings: Any) -> str:
        return "pkcs12" if (settings.get(path) or "").lower().endswith(PKCS12_ENDINGS) else "jks"

    words = "by the file's ending: PKCS12 for .p12, .pfx, .pkcs12; else jks"
    return Setting(name, _store_type, from_ending, f"The format of the file in {path.name}.", default_text=words)


def _optional_path(name: str, help: str) -> Setting[str | None]:  # noqa: A002 - the field's own name
    return Setting(name, _path, None, help, default_text="none")


def _channel(name: str, *, enabled: bool, client_authentication: str) -> SslSettings:
    prefix = f"xpack.security.{name}.ssl"
    keystore_path = _optional_path(f"{prefix}.keystore.path", "A keystore with the node's key and certificate.")
    truststore_path = _optional_path(f"{prefix}.truststore.path", "A store of the authorities that are trusted.")
    return SslSettings(
        prefix=prefix,
        enabled=Setting(f"{prefix}.enabled", boolean, enabled, "Whether TLS is on."),
        verification_mode=Setting(
            f"{prefix}.verification_mode",
            _verification_mode,
            "full",
            "full: chain and host name or address of the peer; certificate: the chain alone; none: nothing.",
        ),
        client_authentication=Setting(
            f"{prefix}.client_authentication",
            _client_authentication,
            client_authentication,
            "Whether who connects must show a certificate.",
        ),
        certificate=_optional_path(f"{prefix}.certificate", "PEM file of the certificate, with its chain."),
        key=_optional_path(f"{prefix}.key", "PEM file of the private key."),
        secure_key_passphrase=secure(f"{prefix}.secure_key_passphrase", f"The passphrase of {prefix}.key."),
        certificate_authorities=Setting(
            f"{prefix}.certificate_authorities", list_of(text), (), "PEM files of the authorities that are trusted."
        ),
        certificate_revocation_lists=Setting(
            f"{prefix}.certificate_revocation_lists",
            list_of(text),
            (),
            "PEM or DER files of what trusted authorities revoked. An expired list closes: what its CA issued is "
            "refused until a newer one is there. Elasticsearch has no such setting.",
        ),
        keystore_path=keystore_path,
        keystore_type=_store_type_of(f"{prefix}.keystore.type", keystore_path),
        keystore_secure_password=secure(
            f"{prefix}.keystore.secure_password", f"The password of {prefix}.keystore.path."
        ),
        keystore_secure_key_password=secure(
            f"{prefix}.keystore.secure_key_password", "The password of the key in the keystore, if it has its own."
        ),
        truststore_path=truststore_path,
        truststore_type=_store_type_of(f"{prefix}.truststore.type", truststore_path),
        truststore_secure_password=secure(
            f"{prefix}.truststore.secure_password", f"The password of {prefix}.truststore.path."
        ),
        supported_protocols=Setting(
            f"{prefix}.supported_protocols", list_of(choice(*PROTOCOLS)), PROTOCOLS, "The versions of TLS to speak."
        ),
        cipher_suites=Setting(
            f"{prefix}.cipher_suites",
            list_of(text),
            (),
            "The cipher suites to offer, by their IANA names.",
            default_text="the TLS library's own",
        ),
    )


TRANSPORT_SSL: Final = _channel("transport", enabled=False, client_authentication="required")
HTTP_SSL: Final = _channel("http", enabled=False, client_authentication="none")
REMOTE_CLUSTER_SERVER_SSL: Final = _channel("remote_cluster_server", enabled=True, client_authentication="none")
REMOTE_CLUSTER_CLIENT_SSL: Final = _channel("remote_cluster_client", enabled=True, client_authentication="none")

CHANNELS: Final = (TRANSPORT_SSL, HTTP_SSL, REMOTE_CLUSTER_SERVER_SSL, REMOTE_CLUSTER_CLIENT_SSL)
SETTINGS: Final[tuple[AnySetting, ...]] = tuple(setting for channel in CHANNELS for setting in channel.members())
