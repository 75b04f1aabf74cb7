"""Three ways in which operators keep the certificates of a node: PEM files, one PKCS#12 store, PEM with a passphrase.

Each writes the files with tools other than ours, and says which settings name them.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12

from tests.certificates import Authority, Issued

CHANNELS = ("transport", "http")
PASSWORD = secrets.token_hex(12)


@dataclass(frozen=True)
class Kept:
    """How a folder keeps its certificates: settings of elasticsearch.yml and secure ones."""

    settings: dict[str, object] = field(default_factory=dict)
    secure: dict[str, str] = field(default_factory=dict)


Keep = Callable[[Path, Authority, Callable[[], Issued]], Kept]


def in_pem(folder: Path, ca: Authority, issue: Callable[[], Issued]) -> Kept:
    """Separate PEM files for transport and HTTP, keys in clear."""
    kept = _trust(folder, ca)
    for channel in CHANNELS:
        issue().write(folder / "certs", channel)
        kept.settings.update(_pem_settings(channel))
    return kept


def in_sealed_pem(folder: Path, ca: Authority, issue: Callable[[], Issued]) -> Kept:
    """The same with keys under a passphrase (PKCS#8), which stands in the keystore of secure settings."""
    kept = in_pem(folder, ca, issue)
    for channel in CHANNELS:
        issued = issue()
        _, key = issued.write(folder / "certs", channel)
        sealed = BestAvailableEncryption(PASSWORD.encode())
        key.write_bytes(issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed))
        kept.secure[f"xpack.security.{channel}.ssl.secure_key_passphrase"] = PASSWORD
    return kept


def in_one_store(folder: Path, ca: Authority, issue: Callable[[], Issued]) -> Kept:
    """One PKCS#12 that is keystore and truststore of both channels, as `elasticsearch-certutil cert` makes it."""
    store = folder / "certs" / "node.p12"
    _write_store(store, ca, issue())
    kept = Kept()
    for channel in CHANNELS:
        prefix = f"xpack.security.{channel}.ssl"
        for kind in ("keystore", "truststore"):
            kept.settings[f"{prefix}.{kind}.path"] = "certs/node.p12"
            kept.secure[f"{prefix}.{kind}.secure_password"] = PASSWORD
    return kept


def _trust(folder: Path, ca: Authority) -> Kept:
    (folder / "certs").mkdir(parents=True, exist_ok=True)
    (folder / "certs" / "ca.crt").write_bytes(ca.certificate_pem)
    return Kept({"xpack.security.transport.ssl.certificate_authorities": ["certs/ca.crt"]})


def _pem_settings(channel: str) -> dict[str, object]:
    return {
        f"xpack.security.{channel}.ssl.certificate": f"certs/{channel}.crt",
        f"xpack.security.{channel}.ssl.key": f"certs/{channel}.key",
    }


def _write_store(store: Path, ca: Authority, issued: Issued) -> None:
    """The key by `cryptography`, the trusted CA by keytool: only Java marks an entry as one that Java trusts."""
    store.parent.mkdir(parents=True, exist_ok=True)
    sealed = BestAvailableEncryption(PASSWORD.encode())
    store.write_bytes(
        pkcs12.serialize_key_and_certificates(b"instance", issued.key, issued.certificate, [ca.certificate], sealed)
    )
    store.chmod(0o600)
    authority = store.with_name("ca.crt")
    authority.write_bytes(ca.certificate_pem)
    subprocess.run(
        [
            *("keytool", "-importcert", "-noprompt", "-alias", "ca", "-file", str(authority)),
            *("-keystore", str(store), "-storetype", "PKCS12", "-storepass:env", "STORE_PASSWORD"),
        ],
        env={**os.environ, "STORE_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
    )
    authority.unlink()
