"""OpenSearch's names for the settings of TLS, as Elasticsearch's. Pure.

https://docs.opensearch.org/latest/security/configuration/tls/ has the names and their defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from isthmus.pki.rules.rule import Finding
from isthmus.settings.entries import Entry

PREFIXES = ("plugins.security.", "opendistro_security.")
KEYSTORE = "opensearch.keystore"
DEFAULT_STORE_PASSWORD = "changeit"  # noqa: S105 - OpenSearch's documented default
UNJUDGED = tuple(
    f"{prefix}ssl.transport.{part}."
    for prefix in PREFIXES
    for part in ("server", "client")  # a certificate for each direction
)

_MEMBERS = {
    "enabled": "enabled",
    "pemcert_filepath": "certificate",
    "pemkey_filepath": "key",
    "pemkey_password": "key_passphrase",
    "pemtrustedcas_filepath": "certificate_authorities",
    "keystore_filepath": "keystore.path",
    "keystore_type": "keystore.type",
    "keystore_password": "keystore.password",
    "keystore_keypassword": "keystore.key_password",
    "truststore_filepath": "truststore.path",
    "truststore_type": "truststore.type",
    "truststore_password": "truststore.password",
    "enforce_hostname_verification": "verification_mode",
    "clientauth_mode": "client_authentication",
    "enabled_protocols": "supported_protocols",
    "enabled_ciphers": "cipher_suites",
}
_SECURE_MEMBERS = {
    "pemkey_password_secure": "secure_key_passphrase",
    "keystore_password_secure": "keystore.secure_password",
    "keystore_keypassword_secure": "keystore.secure_key_password",
    "truststore_password_secure": "truststore.secure_password",
}
_MODES = {"REQUIRE": "required", "OPTIONAL": "optional", "NONE": "none"}
_FAMILIAR = re.compile(r"xpack\.security\.(?P<channel>transport|http)\.ssl(?:\.(?P<member>[a-z_]+(?:\.[a-z_]+)?))?")
_DEFAULTS = {
    "xpack.security.transport.ssl.enabled": "true",
    "xpack.security.http.ssl.enabled": "false",
    "xpack.security.http.ssl.client_authentication": "optional",
}
_DEFAULT = "OpenSearch's default"


def familiar(entries: Mapping[str, Entry]) -> dict[str, tuple[Entry, str]]:
    """Return the entries under Elasticsearch's names, each with the name that it is written by, defaults included."""
    found = {name: (Entry.of(name, value, _DEFAULT), name) for name, value in _DEFAULTS.items()}
    found.update((entry.name, (entry, written)) for entry, written in _translated(entries))
    return found


def familiar_secure_name(name: str) -> str:
    """Return Elasticsearch's name of a secure setting; a name that has none stays as it is."""
    return _renamed(name, _SECURE_MEMBERS) or name


def in_its_words(finding: Finding) -> Finding:
    """Name settings and their values in a finding on an OpenSearch folder as OpenSearch does."""
    where, sentence, mend = (_renamed_back(text) for text in (finding.where, finding.sentence, finding.mend))
    if finding.rule == "verification-off":
        sentence = sentence.replace("verification_mode is certificate", "enforce_hostname_verification is false")
        mend = mend.replace("set it to full", "set it to true")
    if finding.rule == "no-authority":
        mend = mend.replace(
            "certificate_authorities or truststore.path", "pemtrustedcas_filepath or truststore_filepath"
        )
    return replace(finding, where=where, sentence=sentence, mend=mend)


def _renamed_back(text: str) -> str:
    return _FAMILIAR.sub(lambda found: _own_name(found["channel"], found["member"]), text)


def _own_name(channel: str, member: str | None) -> str:
    own = next((own for own, familiar in _MEMBERS.items() if familiar == member), member)
    return f"{PREFIXES[0]}ssl.{channel}" + (f".{own}" if own else "")


def _translated(entries: Mapping[str, Entry]) -> Iterator[tuple[Entry, str]]:
    for name, entry in entries.items():
        if name in {f"{prefix}disabled" for prefix in PREFIXES}:
            on = "false" if entry.value == "true" else "true"
            yield replace(entry, name="xpack.security.enabled", value=on), name
            continue
        renamed = _renamed(name, _MEMBERS)
        yield replace(entry, name=renamed or name, value=_value(name, entry)), name


def _renamed(name: str, members: Mapping[str, str]) -> str | None:
    for prefix in PREFIXES:
        for channel in ("transport", "http"):
            start = f"{prefix}ssl.{channel}."
            member = members.get(name.removeprefix(start)) if name.startswith(start) else None
            if member is not None:
                return f"xpack.security.{channel}.ssl.{member}"
    return None


def _value(name: str, entry: Entry) -> str | tuple[str, ...]:
    if not isinstance(entry.value, str):
        return entry.value
    if name.endswith("ssl.transport.enforce_hostname_verification"):
        return {"true": "full", "false": "certificate"}.get(entry.value, entry.value)
    if name.endswith(".clientauth_mode"):
        return _MODES.get(entry.value.upper(), entry.value)
    return entry.value
