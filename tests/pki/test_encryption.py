"""How openssl and keytool encrypted a store or key is named without its password."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from isthmus.pki.encryption import of_pem_key, of_pkcs12
from tests.certificates import make_ca

PBES1 = ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40"]
MODERN = ["-keypbe", "AES-128-CBC", "-certpbe", "AES-256-CBC"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ([], "PBES2 AES-256"),
        (MODERN, "PBES2 AES-128"),
        (PBES1, "PBE SHA-1 RC2-40"),
        (["-keypbe", "NONE", "-certpbe", "NONE"], ""),
    ],
)
def test_the_weakest_encryption_of_a_store_is_named(options: list[str], named: str, tmp_path: Path) -> None:
    certificate, key = make_ca().issue().write(tmp_path)
    command = ["openssl", "pkcs12", "-export", "-in", str(certificate), "-inkey", str(key), "-passout", "pass:secret"]
    store = subprocess.run([*command, *options], capture_output=True, check=True, timeout=60).stdout
    assert of_pkcs12(store) == named


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["pkcs8", "-topk8"], "PBES2 AES-256"),
        (["pkcs8", "-topk8", "-v2", "aes-128-cbc"], "PBES2 AES-128"),
        (["pkcs8", "-topk8", "-v2", "des3"], "PBES2 3DES"),
        (["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"], "PBE SHA-1 3DES"),
        (["ec", "-aes256"], "OpenSSL's traditional AES-256-CBC"),
    ],
)
def test_the_encryption_of_a_key_is_named(command: list[str], named: str, tmp_path: Path) -> None:
    _, key = make_ca().issue().write(tmp_path)
    done = subprocess.run(
        ["openssl", *command, "-in", str(key), "-passout", "pass:secret"], capture_output=True, check=True, timeout=60
    )
    assert of_pem_key(done.stdout) == named


def test_a_key_in_clear_has_none_and_noise_is_no_error() -> None:
    assert of_pem_key(make_ca().issue().key_pem) == ""
    assert of_pem_key(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n") == ""
    assert of_pkcs12(b"0\x82noise") == ""
