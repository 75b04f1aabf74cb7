"""The PKI realms that a node's settings declare, with the authorities that their files hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from isthmus.security.pki_realms.realm import PkiRealm
from isthmus.security.role_mappings.kept import RoleMappings
from isthmus.settings import Settings, realm_settings
from isthmus.settings.ssl_settings import PKCS12_ENDINGS
from isthmus.tls.config import StoreConfig

if TYPE_CHECKING:
    from cryptography import x509


def read_pki_realms(settings: Settings, mappings: RoleMappings, node_name: str) -> list[PkiRealm]:
    """Return the enabled realms in their order. Raises ConfigError for files that cannot be read."""
    return [
        PkiRealm(name, _pattern(settings, name), _trusted(settings, name), mappings, node_name)
        for name in realm_settings.pki_realms(settings)
    ]


def _pattern(settings: Settings, name: str) -> re.Pattern[str] | None:
    pattern = settings.affix(realm_settings.PKI_USERNAME_PATTERN).get(name)
    return None if pattern is None else re.compile(pattern, re.IGNORECASE)


def _trusted(settings: Settings, name: str) -> tuple[x509.Certificate, ...] | None:
    authorities = settings.affix(realm_settings.PKI_AUTHORITIES).get(name, ())
    store = _truststore(settings, name)
    if not authorities and store is None:
        return None
    from isthmus.tls.material import read_trust

    prefix = realm_settings.prefix_of(name)
    trusted, _ = read_trust(prefix, [settings.resolve(path) for path in authorities], store)
    return trusted


def _truststore(settings: Settings, name: str) -> StoreConfig | None:
    path = settings.affix(realm_settings.PKI_TRUSTSTORE_PATH).get(name)
    if path is None:
        return None
    kind = "pkcs12" if path.lower().endswith(PKCS12_ENDINGS) else "jks"
    password = settings.affix(realm_settings.PKI_TRUSTSTORE_PASSWORD).get(name)
    return StoreConfig(f"{realm_settings.prefix_of(name)}.truststore.path", settings.resolve(path), kind, password)
