from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki.authority import Authority, check_authority, create_authority, issue_self_signed
from isthmus.pki.form import violations
from isthmus.pki.keys import KEY_TYPES, KeyType, generate_key
from isthmus.pki.names import common_name, parse_distinguished_name
from isthmus.pki.profiles import HTTP, SERVER_AUTH, TRANSPORT, authority_profile, key_usage_names
from tests.pki.making import CA_USAGES, NOW, Recipe, authority, intermediate, names, odd_authority, openssl_verify


@pytest.mark.parametrize("ca_type", KEY_TYPES)
@pytest.mark.parametrize("leaf_type", KEY_TYPES)
def test_openssl_accepts_each_pair_of_key_types_by_its_strict_rules(
    ca_type: KeyType, leaf_type: KeyType, tmp_path: Path, openssl: str
) -> None:
    """elasticsearch#117769: Python 3.13 refuses a CA without key usage."""
    signer = authority(key_type=ca_type)
    leaf = signer.issue(names(ip=["::1"]), generate_key(leaf_type).public_key(), TRANSPORT)
    judged = openssl_verify(tmp_path, [leaf], signer.certificate)
    assert judged.returncode == 0, judged.stderr


def test_a_transport_certificate_carries_every_extension_it_should(ca: Authority) -> None:
    leaf = ca.issue(names(), generate_key().public_key(), TRANSPORT)
    found = {extension.oid: extension for extension in leaf.extensions}
    constraints, usage = found[ExtensionOID.BASIC_CONSTRAINTS], found[ExtensionOID.KEY_USAGE]
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=False, path_length=None)
    assert usage.critical
    assert isinstance(usage.value, x509.KeyUsage)
    assert key_usage_names(usage.value) == ["digitalSignature"]
    assert found[ExtensionOID.EXTENDED_KEY_USAGE].value == x509.ExtendedKeyUsage(TRANSPORT.purposes)
    assert ExtensionOID.SUBJECT_KEY_IDENTIFIER in found
    assert ExtensionOID.AUTHORITY_KEY_IDENTIFIER in found


def test_an_http_certificate_is_for_servers_only(ca: Authority) -> None:
    leaf = ca.issue(names(), generate_key().public_key(), HTTP)
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [SERVER_AUTH]


def test_an_rsa_leaf_may_encipher_keys(ca: Authority) -> None:
    usage = ca.issue(names(), generate_key("rsa").public_key(), HTTP).extensions.get_extension_for_class(x509.KeyUsage)
    assert key_usage_names(usage.value) == ["digitalSignature", "keyEncipherment"]


@settings(max_examples=20)
@given(st.sampled_from(["sha1", "sha256", "random"]), st.integers(1, 64))
def test_the_authority_key_identifier_is_copied_from_the_issuer(kind: str, length: int) -> None:
    """elasticsearch#158368, elasticsearch#158369: the identifier was computed anew instead of copied."""
    identifier = {"sha1": None, "sha256": hashlib.sha256(b"key").digest(), "random": os.urandom(length)}[kind]
    signer = odd_authority(Recipe("Odd CA", is_ca=True, usages=CA_USAGES, purposes=(), identifier=identifier))
    leaf = signer.issue(names(), generate_key().public_key(), TRANSPORT)
    own = signer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    copied = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert copied.key_identifier == own.digest
    assert identifier is None or own.digest == identifier


def test_a_leaf_never_outlives_its_ca(ca: Authority) -> None:
    leaf = ca.issue(names(), generate_key().public_key(), TRANSPORT, days=20_000)
    assert leaf.not_valid_after_utc == ca.certificate.not_valid_after_utc
    assert leaf.not_valid_before_utc >= ca.certificate.not_valid_before_utc


def test_a_certificate_lasts_as_many_days_as_asked(ca: Authority) -> None:
    leaf = ca.issue(names(), generate_key().public_key(), TRANSPORT, days=7, now=NOW)
    assert leaf.not_valid_after_utc == NOW.replace(microsecond=0) + timedelta(days=7)


def test_a_chain_through_an_intermediate_is_accepted_by_openssl(ca: Authority, tmp_path: Path, openssl: str) -> None:
    below = intermediate(ca)
    leaf = below.issue(names(), generate_key().public_key(), TRANSPORT)
    assert below.intermediates == (below.certificate,)
    judged = openssl_verify(tmp_path, [leaf, *below.intermediates], ca.certificate)
    assert judged.returncode == 0, judged.stderr


def test_a_root_has_no_intermediates(ca: Authority) -> None:
    assert ca.is_root
    assert ca.intermediates == ()


def test_a_self_signed_certificate_stands_for_itself(tmp_path: Path, openssl: str) -> None:
    certificate = issue_self_signed(names(), generate_key(), TRANSPORT)
    assert violations(certificate) == []
    judged = openssl_verify(tmp_path, [certificate], certificate)
    assert judged.returncode == 0, judged.stderr


def test_serial_numbers_are_positive_and_never_the_same(ca: Authority) -> None:
    key = generate_key().public_key()
    serials = {ca.issue(names(), key, TRANSPORT).serial_number for _ in range(50)}
    assert len(serials) == 50
    assert all(0 < serial < 1 << 159 for serial in serials)


def test_the_distinguished_name_of_a_ca_is_kept() -> None:
    subject = parse_distinguished_name("CN=root,O=Example,C=DE", "x")
    assert create_authority(subject).certificate.subject == subject


def test_days_beyond_the_year_9999_are_refused() -> None:
    with pytest.raises(DataError, match="9999"):
        create_authority(common_name("a", "x"), days=4_000_000)


def test_a_ca_may_have_further_key_usages() -> None:
    profile = authority_profile(["digitalSignature", "keyCertSign"], "x")
    certificate = create_authority(common_name("a", "x"), profile=profile).certificate
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert key_usage_names(usage) == ["digitalSignature", "keyCertSign"]


@pytest.mark.parametrize("usages", [["cRLSign"], ["keyCertSign", "sign"], [], ["keyCertSign", "encipherOnly"]])
def test_key_usages_that_make_no_ca_are_refused(usages: list[str]) -> None:
    with pytest.raises(DataError, match=r"^--keyusage: "):
        authority_profile(usages, "--keyusage")


def test_a_sound_ca_passes(ca: Authority) -> None:
    check_authority(ca, "x")


def test_a_ca_with_the_key_of_another_is_refused(ca: Authority, other_ca: Authority) -> None:
    with pytest.raises(DataError, match=r"ca\.p12: the private key does not belong to the CA"):
        check_authority(Authority(ca.certificate, other_ca.key), "ca.p12")


def test_a_leaf_is_refused_as_ca(ca: Authority) -> None:
    key = generate_key()
    leaf = ca.issue(names(), key.public_key(), TRANSPORT)
    with pytest.raises(DataError, match="is not a CA"):
        check_authority(Authority(leaf, key), "x")


@pytest.mark.parametrize("usages", [("digitalSignature",), ("cRLSign",)])
def test_a_ca_that_may_not_sign_certificates_is_refused(usages: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="may not sign certificates"):
        check_authority(odd_authority(Recipe("a", is_ca=True, usages=usages)), "x")


def test_an_old_ca_without_key_usage_may_still_sign() -> None:
    check_authority(odd_authority(Recipe("a", is_ca=True, usages=None, purposes=())), "x")


def test_an_expired_ca_and_one_not_yet_valid_are_refused(ca: Authority) -> None:
    with pytest.raises(DataError, match="expired on"):
        check_authority(ca, "x", now=ca.certificate.not_valid_after_utc + timedelta(seconds=1))
    with pytest.raises(DataError, match="valid only from"):
        check_authority(ca, "x", now=ca.certificate.not_valid_before_utc - timedelta(seconds=1))


def test_a_key_never_shows_in_the_text_of_an_authority(ca: Authority) -> None:
    assert "key" not in repr(ca).replace("keyCert", "")
