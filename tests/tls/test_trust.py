"""What may be an anchor: judged by openssl, which takes more for a CA than what says that it is one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from isthmus.tls.trust import is_anchor
from tests.certificates import make_ca, self_signed

VERSION_1: tuple[str, ...] = ()
BY_KEY_USAGE = ("keyUsage=keyCertSign",)


def by_openssl(folder: Path, extensions: tuple[str, ...]) -> x509.Certificate:
    """Sign a certificate with its own key, without basic constraints; without extensions it has version 1."""

    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "extensions").write_text("\n".join(extensions))
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key")
    run("req", "-new", *key, "-subj", "/CN=own", "-out", "request")
    chosen = ("-extfile", "extensions") if extensions else ()
    run("x509", "-req", "-in", "request", "-signkey", "key", "-out", "certificate", *chosen)
    return x509.load_pem_x509_certificate((folder / "certificate").read_bytes())


@pytest.mark.parametrize("extensions", [VERSION_1, BY_KEY_USAGE], ids=["version 1", "key usage"])
def test_who_signs_itself_and_is_taken_for_a_ca_without_saying_so_is_no_anchor(
    tmp_path: Path, extensions: tuple[str, ...]
) -> None:
    assert not is_anchor(by_openssl(tmp_path, extensions))


def test_a_ca_and_who_vouches_only_for_itself_are_anchors() -> None:
    assert is_anchor(make_ca().certificate)
    assert is_anchor(self_signed().certificate)
