from __future__ import annotations

import pytest

from tests.certificates import make_ca
from tests.pki.rules.facts import CA, OTHER_CA, channel, file, found, node, severity


def test_a_channel_without_tls_is_doubtful_and_nothing_else_is_said_of_it() -> None:
    off = channel(enabled=False, trusted=())
    assert severity("transport-tls-off", off) == "warning"
    assert severity("no-authority", off) == ""
    assert severity("transport-tls-off", channel()) == ""
    assert severity("http-tls-off", channel(name="http", enabled=False)) == "warning"
    assert severity("http-tls-off", channel(name="http")) == ""


@pytest.mark.parametrize("mode", ["optional", "none"])
def test_a_transport_without_mutual_tls_rests_on_the_network(mode: str) -> None:
    own = channel(client_authentication=mode)
    assert severity("mutual-tls-off", own) == "warning"
    assert severity("mutual-tls-off", node(own, trusts_network=True)) == "note"
    assert severity("mutual-tls-off", channel()) == ""
    assert severity("mutual-tls-off", channel(name="http", client_authentication=mode)) == ""


def test_who_verifies_nobody_is_told() -> None:
    assert severity("verification-off", channel(verification_mode="none")) == "warning"
    assert severity("verification-off", channel(verification_mode="certificate")) == "note"
    assert severity("verification-off", channel()) == ""
    assert severity("verification-off", channel(name="http", verification_mode="none")) == ""


@pytest.mark.parametrize("version", ["SSLv3", "TLSv1", "TLSv1.1"])
def test_versions_older_than_tls_12_are_errors(version: str) -> None:
    assert severity("old-tls-version", channel(supported_protocols=("TLSv1.2", version))) == "error"
    assert severity("old-tls-version", channel()) == ""


@pytest.mark.parametrize(
    ("suite", "verdict"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ""),
        ("TLS_AES_256_GCM_SHA384", ""),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ""),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "warning"),
        ("TLS_RSA_WITH_NULL_SHA256", "error"),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", "error"),
        ("SSL_RSA_WITH_3DES_EDE_CBC_SHA", "error"),
        ("TLS_ECDHE_RSA_WITH_RC4_128_SHA", "error"),
        ("SSL_RSA_EXPORT_WITH_DES40_CBC_SHA", "error"),
        ("DES-CBC3-SHA", "error"),
    ],
)
def test_weak_cipher_suites_are_told_by_name(suite: str, verdict: str) -> None:
    assert severity("weak-cipher-suite", channel(cipher_suites=(suite,))) == verdict


def test_a_file_that_cannot_be_read_is_an_error_with_its_mend() -> None:
    (one,) = found("file-unreadable", channel(files=(file(fault="it is empty", mend="restore it"),)))
    assert (one.severity, one.where, one.mend) == ("error", "/etc/node.file", "restore it")
    assert not found("file-unreadable", channel(files=(file(),)))


def test_a_store_whose_password_is_not_known_is_told() -> None:
    assert severity("file-password-unknown", channel(files=(file("keystore", password_missing=True),))) == "warning"
    assert severity("file-password-unknown", channel(files=(file("keystore"),))) == ""


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (0o600, ""),
        (0o400, ""),
        (None, ""),
        (0o640, "note"),
        (0o660, "note"),
        (0o670, "warning"),
        (0o644, "error"),
        (0o602, "error"),
    ],
)
def test_a_private_key_is_closed_to_others_and_open_to_the_group_of_the_service_at_most(
    mode: int | None, verdict: str
) -> None:
    assert severity("key-file-open", channel(files=(file("key", mode=mode),))) == verdict
    assert severity("key-file-open", channel(files=(file("keystore", mode=mode),))) == verdict
    assert severity("key-file-open", channel(files=(file("authorities", mode=mode),))) == ""


def test_a_trust_file_that_everybody_can_write_is_an_error() -> None:
    assert severity("trust-file-open", channel(files=(file("authorities", mode=0o666),))) == "error"
    assert severity("trust-file-open", channel(files=(file("authorities", mode=0o644),))) == ""


@pytest.mark.parametrize("weak", ["PBE SHA-1 RC2-40", "PBE SHA-1 3DES", "OpenSSL's traditional DES-EDE3-CBC"])
def test_weak_encryption_of_a_key_is_doubtful_and_none_is_fine(weak: str) -> None:
    for encryption, verdict in ((weak, "warning"), ("PBES2 AES-256", ""), ("", "")):
        own = channel(files=(file("keystore", format="PKCS12", encryption=encryption),))
        assert severity("weak-encryption", own) == verdict
    assert severity("weak-encryption", channel(files=(file("truststore", encryption=weak),))) == "note"


def test_a_jks_file_is_old() -> None:
    assert severity("old-store-format", channel(files=(file("keystore", format="jks"),))) == "warning"
    assert severity("old-store-format", channel(files=(file("truststore", format="jks"),))) == "note"
    assert severity("old-store-format", channel(files=(file("truststore", format="PKCS12"),))) == ""


def test_a_cluster_without_tls_between_its_nodes_is_an_error() -> None:
    open_node = node(channel(enabled=False), name="open")
    (one,) = found("cluster-unencrypted", [node(channel()), open_node])
    assert (one.severity, one.where) == ("error", "open")
    assert not found("cluster-unencrypted", [node(channel()), node(channel())])
    assert not found("cluster-unencrypted", [open_node])


def test_nodes_that_would_refuse_each_other_are_named() -> None:
    alien = node(channel(OTHER_CA.issue(), [OTHER_CA.certificate]), name="alien")
    assert len(found("nodes-refuse-each-other", [node(channel()), alien])) == 2
    assert not found("nodes-refuse-each-other", [node(channel()), node(channel(CA.issue("node2")), name="node2")])


def test_a_ca_that_only_one_node_trusts_is_told() -> None:
    wider = node(channel(CA.issue(), [CA.certificate, make_ca("old").certificate]), name="wider")
    (one,) = found("trust-differs", [node(channel()), wider])
    assert (one.severity, one.where) == ("warning", "wider")
    assert not found("trust-differs", [node(channel()), node(channel(), name="node2")])


def test_nodes_with_the_same_certificate_or_key_are_noted() -> None:
    same = [node(channel()), node(channel(), name="node2")]
    assert severity("nodes-share-certificate", same) == "note"
    assert severity("nodes-share-certificate", [node(channel()), node(channel(CA.issue()), name="node2")]) == ""
