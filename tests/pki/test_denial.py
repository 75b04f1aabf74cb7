"""Who is denied: by fingerprint as openssl prints it, by serial, by any certificate of the chain."""

from __future__ import annotations

import subprocess

import pytest

from isthmus.pki.denial import denial, implicated
from isthmus.settings.tls_settings import DENIED_CERTIFICATES
from tests.certificates import Authority, Issued, make_ca


def printed(issued: Issued, option: str) -> str:
    """What `openssl x509` prints after the equals sign."""
    command = ["openssl", "x509", "-noout", option, *(["-sha256"] if option == "-fingerprint" else [])]
    out = subprocess.run(command, input=issued.certificate_pem, capture_output=True, check=True).stdout
    return out.decode().strip().partition("=")[2]


@pytest.fixture
def root() -> Authority:
    return make_ca("root")


def judged(issued: Issued, trusted: Authority, *entries: str) -> str | None:
    presented = (issued.certificate, *issued.chain)
    return denial(implicated(presented, [trusted.certificate]), DENIED_CERTIFICATES.parse(entries))


def test_a_certificate_is_denied_by_what_openssl_prints_of_it(root: Authority) -> None:
    stolen, other = root.issue("stolen"), root.issue("other")
    for entry in (f"sha256:{printed(stolen, '-fingerprint')}", f"serial:{printed(stolen, '-serial')}"):
        told = judged(stolen, root, entry)
        assert told is not None
        assert "[CN=stolen] is denied" in told
        assert judged(other, root, entry) is None


def test_a_denied_ca_denies_all_that_it_issued_also_where_it_is_not_presented(root: Authority) -> None:
    middle = root.intermediate("middle")
    leaf = middle.issue("leaf")
    entry = f"sha256:{printed(middle, '-fingerprint')}"
    assert "[CN=middle] is denied" in str(judged(leaf, root, entry))
    bare = Issued(leaf.certificate, leaf.key)
    assert "[CN=middle] is denied" in str(judged(bare, middle, entry))
    assert "[CN=root] is denied" in str(judged(leaf, root, f"serial:{printed(root, '-serial')}"))
    assert judged(root.issue("leaf"), root, entry) is None


def test_nobody_is_denied_by_an_empty_list_and_nothing_presented_is_nobody(root: Authority) -> None:
    assert judged(root.issue("leaf"), root) is None
    assert implicated((), [root.certificate]) == []
