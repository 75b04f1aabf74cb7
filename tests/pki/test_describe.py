from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from isthmus.pki.authority import Authority
from isthmus.pki.bundles import certificates_to_pem
from isthmus.pki.describe import describe_certificate, describe_key
from isthmus.pki.keys import KeyType, generate_key
from isthmus.pki.names import SubjectNames, common_name, parse_ip_address
from isthmus.pki.profiles import TRANSPORT
from tests.pki.making import Recipe, odd_authority


def test_a_certificate_is_described_in_full(ca: Authority) -> None:
    asked = SubjectNames(common_name("node1", "x"), ("a.example",), (parse_ip_address("::1", "x"),), ("role.data",))
    certificate = ca.issue(asked, generate_key().public_key(), TRANSPORT)
    told = describe_certificate(certificate)
    assert (told.subject_dn, told.issuer, told.is_ca) == ("CN=node1", "CN=Test CA", False)
    assert (told.dns, told.ip, told.cn) == (("a.example",), ("::1",), ("role.data",))
    assert told.purposes == ("clientAuth", "serverAuth")
    assert told.key_usage == ("digitalSignature",)
    assert told.key == "EC P-256"
    assert told.signature == "ecdsa-with-SHA256"
    assert told.violations == ()
    assert told.authority_key_identifier == describe_certificate(ca.certificate).subject_key_identifier


def test_serial_number_and_fingerprint_are_as_openssl_shows_them(ca: Authority, tmp_path: Path, openssl: str) -> None:
    (tmp_path / "a.crt").write_bytes(certificates_to_pem([ca.certificate]))
    command = [openssl, "x509", "-in", "a.crt", "-noout", "-serial", "-fingerprint", "-sha256"]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    told = describe_certificate(ca.certificate)
    assert int(shown[0].partition("=")[2], 16) == int(told.serial_number, 16)
    assert shown[1].partition("=")[2].replace(":", "").lower() == told.sha256


def test_broken_rules_are_told(ca: Authority) -> None:
    told = describe_certificate(odd_authority(Recipe("a", is_ca=True, usages=None)).certificate)
    assert told.is_ca
    assert any("without key usage" in rule for rule in told.violations)


@pytest.mark.parametrize(
    ("key_type", "name"),
    [("ec-p256", "EC P-256"), ("ec-p384", "EC P-384"), ("ed25519", "Ed25519"), ("rsa", "RSA 2048")],
)
def test_keys_have_names_that_people_know(key_type: KeyType, name: str) -> None:
    key = generate_key(key_type)
    assert describe_key(key) == describe_key(key.public_key()) == name
