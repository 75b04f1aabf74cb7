"""The sentences are checked against refusals of the real OpenSSL, met in a handshake in memory."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from isthmus.pki.authority import Authority
from isthmus.pki.bundles import certificates_to_pem, load_certificates
from isthmus.pki.explain import Refusal, explain_refusal, fingerprint
from isthmus.pki.keys import PrivateKey, generate_key, key_to_pem, load_private_key
from isthmus.pki.profiles import HTTP
from tests.pki.making import CA_USAGES, NOW, Recipe, authority, intermediate, odd_authority, run


class Refused(Exception):
    def __init__(self, error: ssl.SSLError) -> None:
        super().__init__(str(error))
        self.code = getattr(error, "verify_code", None)
        self.message = getattr(error, "verify_message", None) or error.reason or str(error)


def dial(folder: Path, chain: Sequence[x509.Certificate], key: PrivateKey, trusted: x509.Certificate) -> None:
    """Dial in with a certificate; raises Refused as the server sees it."""
    path = folder / "client.pem"
    path.write_bytes(certificates_to_pem(chain) + key_to_pem(key))
    host = authority("Host CA")
    (folder / "server.pem").write_bytes(certificates_to_pem([host.certificate]) + key_to_pem(host.key))
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers("DEFAULT:@SECLEVEL=0")
    client.load_cert_chain(path)
    server.load_cert_chain(folder / "server.pem")
    server.load_verify_locations(cadata=trusted.public_bytes(Encoding.DER))
    server.verify_mode = ssl.CERT_REQUIRED
    server.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(down, up), server.wrap_bio(up, down, server_side=True)]
    for _ in range(4):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as error:
                raise Refused(error) from error


def refusal(folder: Path, chain: Sequence[x509.Certificate], key: PrivateKey, trusted: x509.Certificate) -> Refusal:
    with pytest.raises(Refused) as caught:
        dial(folder, chain, key, trusted)
    return explain_refusal(caught.value.code, caught.value.message, chain, [trusted], "192.0.2.9:9300")


def leaf(signer: Authority, recipe: Recipe | None = None) -> tuple[list[x509.Certificate], PrivateKey]:
    key = generate_key()
    return [(recipe or Recipe()).sign(key, signer.certificate, signer.key)], key


def test_a_good_certificate_is_not_refused(ca: Authority, tmp_path: Path) -> None:
    dial(tmp_path, *leaf(ca), ca.certificate)


def test_another_ca_is_named_with_the_trusted_one(ca: Authority, other_ca: Authority, tmp_path: Path) -> None:
    told = refusal(tmp_path, *leaf(other_ca), ca.certificate)
    assert "192.0.2.9:9300" in told.who
    assert "CN=node1" in told.who
    assert "issued by [CN=Other CA]" in told.who
    assert "no CA trusted here issued it" in told.why
    assert fingerprint(ca.certificate) in told.why
    assert "certificate_authorities" in told.mend


def test_a_ca_of_the_same_name_with_another_key_is_told_apart(ca: Authority, tmp_path: Path) -> None:
    told = refusal(tmp_path, *leaf(authority("Test CA")), ca.certificate)
    assert "has the name of a trusted CA but another key" in told.why
    assert fingerprint(ca.certificate) in told.why


def test_a_self_signed_certificate_is_told(ca: Authority, tmp_path: Path) -> None:
    alone = odd_authority(Recipe("loner"))
    told = refusal(tmp_path, [alone.certificate], alone.key, ca.certificate)
    assert "self-signed" in told.why
    assert "certutil cert" in told.mend


def test_an_expired_certificate_is_told_with_its_date(ca: Authority, tmp_path: Path) -> None:
    end = NOW - timedelta(minutes=1)
    told = refusal(tmp_path, *leaf(ca, Recipe(end=end)), ca.certificate)
    assert told.why == f"its certificate expired on {end:%Y-%m-%d %H:%M} UTC"


def test_an_expired_ca_is_told_apart_from_an_expired_certificate(tmp_path: Path) -> None:
    old = odd_authority(Recipe("Old CA", True, usages=CA_USAGES, purposes=(), end=NOW - timedelta(minutes=1)))
    told = refusal(tmp_path, *leaf(old), old.certificate)
    assert "its CA certificate [CN=Old CA] expired" in told.why


def test_a_certificate_of_the_future_is_told(ca: Authority, tmp_path: Path) -> None:
    told = refusal(tmp_path, *leaf(ca, Recipe(start=NOW + timedelta(hours=1))), ca.certificate)
    assert "is not valid before" in told.why
    assert "clock" in told.mend


def test_a_server_only_certificate_that_dials_in_is_told(ca: Authority, tmp_path: Path) -> None:
    told = refusal(tmp_path, *leaf(ca, Recipe(purposes=HTTP.purposes)), ca.certificate)
    assert "lacks clientAuth" in told.why


def test_a_missing_intermediate_is_told(ca: Authority, tmp_path: Path) -> None:
    told = refusal(tmp_path, *leaf(intermediate(ca)), ca.certificate)
    assert "its issuer [CN=Intermediate CA] was neither sent along" in told.why
    assert "intermediate" in told.mend


def test_a_leaf_used_as_a_ca_is_told(ca: Authority, tmp_path: Path) -> None:
    (node,), key = leaf(ca)
    below, below_key = leaf(Authority(node, key), Recipe("node2"))
    told = refusal(tmp_path, [*below, node], below_key, ca.certificate)
    assert "used as a CA" in told.why


def test_a_ca_without_key_usage_is_told_by_the_rule_it_breaks(tmp_path: Path) -> None:
    old = odd_authority(Recipe("Old CA", is_ca=True, usages=None, purposes=()))
    told = refusal(tmp_path, *leaf(old), old.certificate)
    assert "breaks a rule of X.509" in told.why
    assert "without key usage" in told.why


def signed_by_openssl(folder: Path, ca: Authority, bits: int, digest: str) -> tuple[list[x509.Certificate], PrivateKey]:
    """Let openssl sign what `cryptography` refuses to sign."""
    (folder / "ca.pem").write_bytes(certificates_to_pem([ca.certificate]) + key_to_pem(ca.key))
    (folder / "node.ext").write_text("extendedKeyUsage=clientAuth\nauthorityKeyIdentifier=keyid\n")
    made = ["-newkey", f"rsa:{bits}", "-nodes", "-keyout", "node.key", "-out", "node.csr", "-subj", "/CN=node1"]
    run("openssl", "req", "-new", *made, cwd=folder)
    signed = ["-in", "node.csr", "-CA", "ca.pem", "-CAcreateserial", "-extfile", "node.ext", "-out", "node.crt"]
    run("openssl", "x509", "-req", f"-{digest}", *signed, cwd=folder)
    (certificate,) = load_certificates((folder / "node.crt").read_bytes(), "node.crt")
    return [certificate], load_private_key((folder / "node.key").read_bytes(), None, "node.key")


def test_a_short_rsa_key_is_told_with_its_bits(ca: Authority, tmp_path: Path, openssl: str) -> None:
    told = refusal(tmp_path, *signed_by_openssl(tmp_path, ca, 1024, "sha256"), ca.certificate)
    assert "too weak" in told.why
    assert "RSA key has 1024 bits" in told.why


def test_a_sha1_signature_is_told(ca: Authority, tmp_path: Path, openssl: str) -> None:
    told = refusal(tmp_path, *signed_by_openssl(tmp_path, ca, 2048, "sha1"), ca.certificate)
    assert "signed with SHA1" in told.why


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("TLSV1_ALERT_UNKNOWN_CA", "our CA is not trusted there"),
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "presented no certificate"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "asks for our certificate"),
        ("WRONG_VERSION_NUMBER", "did not speak TLS"),
        ("HTTP_REQUEST", "plain HTTP"),
        ("UNSUPPORTED_PROTOCOL", "no TLS version"),
        ("NO_SHARED_CIPHER", "no cipher suite"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "as expired"),
    ],
)
def test_what_openssl_says_in_words_is_explained(message: str, why: str) -> None:
    told = explain_refusal(None, message, [], [], "192.0.2.9")
    assert why in told.why
    assert told.mend
    assert told.who == "peer [192.0.2.9] without a certificate"


def test_a_wrong_host_name_is_told_with_the_names_there_are(ca: Authority) -> None:
    chain, _ = leaf(ca)
    message = "Hostname mismatch, certificate is not valid for 'node2'."
    told = explain_refusal(62, message, chain, [ca.certificate], "node2")
    assert "[node2]" in told.why
    assert "[node1]" in told.why
    assert "verification_mode: certificate" in told.mend


@pytest.mark.parametrize("code", [None, *range(100), 12345])
def test_every_code_has_an_answer_with_and_without_certificates(code: int | None, ca: Authority) -> None:
    for presented in ([], [ca.certificate]):
        told = explain_refusal(code, "some reason", presented, [], "peer")
        assert told.why
        assert told.mend
