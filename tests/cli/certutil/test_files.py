"""The last judgement on written files must be able to say no."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from isthmus.cli.certutil.files import FileFormat, judge, members_of, read_back
from isthmus.cli.certutil.proof import prove
from isthmus.errors import DataError, IntegrityError
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import Bundle
from isthmus.pki.keys import generate_key, key_to_pem
from isthmus.pki.profiles import HTTP, TRANSPORT
from tests.pki.making import Recipe, authority, bundle, names, odd_authority

FORMS = [FileFormat(True, None), FileFormat(True, "secret"), FileFormat(False, "secret"), FileFormat(False, "")]


@pytest.fixture(scope="module")
def ca() -> Authority:
    return authority()


@pytest.fixture(scope="module")
def node(ca: Authority) -> Bundle:
    return bundle(ca)


def written(made: Bundle, form: FileFormat) -> dict[str, bytes]:
    return {member.path: member.data for member in members_of("n/n", made, form)}


@pytest.mark.parametrize("form", FORMS, ids=repr)
def test_what_was_written_is_read_back_and_passes(node: Bundle, form: FileFormat) -> None:
    judge(read_back("n/n", written(node, form), form), node, TRANSPORT, "n")


def test_a_password_does_not_show_in_the_text_of_a_format() -> None:
    assert "secret" not in repr(FileFormat(True, "secret"))


def test_a_key_in_clear_that_was_to_be_encrypted_is_noticed(node: Bundle) -> None:
    assert node.key is not None
    files = {**written(node, FORMS[1]), "n/n.key": key_to_pem(node.key)}
    with pytest.raises(IntegrityError, match="was to be encrypted and is not"):
        read_back("n/n", files, FORMS[1])


def test_the_certificate_of_another_is_noticed(node: Bundle, ca: Authority) -> None:
    with pytest.raises(IntegrityError, match="does not hold the certificate"):
        judge(bundle(ca), node, TRANSPORT, "n")


def test_another_key_is_noticed(node: Bundle) -> None:
    with pytest.raises(IntegrityError, match="does not hold the private key"):
        judge(replace(node, key=generate_key()), node, TRANSPORT, "n")


def test_a_certificate_of_another_ca_is_noticed(node: Bundle) -> None:
    doubtful = replace(node, trusted=(authority().certificate,))
    with pytest.raises(DataError, match="no trusted certificate vouches"):
        judge(doubtful, doubtful, TRANSPORT, "n")


def test_a_missing_purpose_is_noticed(ca: Authority) -> None:
    server = bundle(ca, profile=HTTP)
    judge(server, server, HTTP, "n")
    with pytest.raises(DataError, match="clientAuth"):
        judge(server, server, TRANSPORT, "n")


def odd(ca: Authority, recipe: Recipe) -> Bundle:
    key = generate_key()
    return Bundle(key, recipe.sign(key, ca.certificate, ca.key), (), (ca.certificate,))


def test_the_handshake_itself_holds_openssls_strict_rules(ca: Authority) -> None:
    prove(odd(ca, Recipe()), TRANSPORT.purposes, "n")
    with pytest.raises(DataError, match="refused by OpenSSL's strict rules"):
        prove(odd(ca, Recipe(authority_identifier=False)), TRANSPORT.purposes, "n")
    with pytest.raises(DataError, match="refused by OpenSSL's strict rules"):
        prove(odd(ca, Recipe(purposes=HTTP.purposes)), TRANSPORT.purposes, "n")
    prove(odd(ca, Recipe(purposes=HTTP.purposes)), HTTP.purposes, "n")


def test_a_key_that_openssl_finds_too_short_is_refused_by_the_handshake(ca: Authority) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    made = Bundle(key, ca.issue(names(), key.public_key(), TRANSPORT), (), (ca.certificate,))
    with pytest.raises(DataError, match="EE_KEY_TOO_SMALL"):
        prove(made, TRANSPORT.purposes, "n")


def test_without_strictness_an_old_ca_passes_the_handshake() -> None:
    old = odd_authority(Recipe("Old CA", is_ca=True, usages=None, purposes=()))
    with pytest.raises(DataError):
        prove(odd(old, Recipe()), TRANSPORT.purposes, "n")
    prove(odd(old, Recipe()), TRANSPORT.purposes, "n", strict=False)


def test_a_critical_extension_nobody_knows_is_refused_by_the_handshake(ca: Authority) -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    with pytest.raises(DataError, match="strict rules"):
        prove(odd(ca, Recipe(extra=((unknown, True),))), TRANSPORT.purposes, "n")
