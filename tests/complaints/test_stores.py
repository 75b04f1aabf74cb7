"""Complaints about stores and keys that are in no other test file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from isthmus.pki.bundles import Bundle, bundle_to_pkcs12
from tests.certificates import make_ca

LONG = "a-password-of-more-than-fifty-characters-as-generators-make-them-0123456789"


def test_a_store_behind_a_long_password_is_opened_by_java_and_openssl(tmp_path: Path) -> None:
    """elasticsearch#30944: long passwords of PKCS#12 files cannot be used."""
    if shutil.which("keytool") is None:
        pytest.skip("keytool (Java) is not installed")
    issued = make_ca().issue()
    path = tmp_path / "node.p12"
    path.write_bytes(bundle_to_pkcs12(Bundle(issued.key, issued.certificate), LONG))
    listed = ["keytool", "-list", "-keystore", str(path), "-storepass:env", "SECRET"]
    opened = ["openssl", "pkcs12", "-in", str(path), "-passin", "env:SECRET", "-noout"]
    for command in (listed, opened):
        done = subprocess.run(command, env={"SECRET": LONG, "PATH": "/usr/bin:/bin"}, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
