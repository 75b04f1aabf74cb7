"""Configuration folders for tests."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.certificates import Authority, make_ca

KEYSTORES = Path(__file__).parent.parent.parent / "data" / "keystores"
TRANSPORT = "xpack.security.transport.ssl"
HTTP = "xpack.security.http.ssl"


def nobody(_what: str) -> None:
    """Know no password."""


def settings_of(name: str, **more: object) -> dict[str, object]:
    """Return the settings of a node with PEM files, as an administrator of Elasticsearch writes them."""
    return {
        "cluster.name": "east",
        "node.name": name,
        "network.host": "127.0.0.1",
        f"{TRANSPORT}.enabled": True,
        f"{TRANSPORT}.key": "certs/node.key",
        f"{TRANSPORT}.certificate": "certs/node.crt",
        f"{TRANSPORT}.certificate_authorities": ["certs/ca.crt"],
        **more,
    }


def write_yml(folder: Path, settings: Mapping[str, object], file: str = "elasticsearch.yml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items()))
    return folder


def pem_node(
    folder: Path, ca: Authority | None = None, name: str = "node-1", settings: Mapping[str, object] | None = None
) -> Path:
    """Write a folder with elasticsearch.yml, key, certificate and CA."""
    ca = ca or make_ca()
    ca.issue(name).write(folder / "certs")
    (folder / "certs" / "ca.crt").write_bytes(ca.certificate_pem)
    return write_yml(folder, settings_of(name) | dict(settings or {}))


def with_keystore(folder: Path, name: str) -> Path:
    shutil.copy(KEYSTORES / f"{name}.keystore", folder / "elasticsearch.keystore")
    return folder


def write_p12(ca: Authority, path: Path, password: str, *options: str) -> None:
    """Let openssl write a store of a new key, its certificate and its CA."""
    certificate, key = ca.issue().write(path.parent)
    (path.parent / "ca.crt").write_bytes(ca.certificate_pem)
    command = ["openssl", "pkcs12", "-export", "-in", str(certificate), "-inkey", str(key), "-out", str(path)]
    certfile = ["-certfile", str(path.parent / "ca.crt")]
    subprocess.run([*command, *certfile, "-passout", f"pass:{password}", *options], check=True, timeout=60)


def encrypt_key(path: Path, password: str) -> None:
    """Let openssl encrypt a PEM key in its place."""
    new = path.with_suffix(".new")
    command = ["openssl", "pkcs8", "-topk8", "-in", str(path), "-out", str(new), "-passout", f"pass:{password}"]
    subprocess.run(command, check=True, timeout=60)
    new.rename(path)
