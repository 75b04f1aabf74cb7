from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from isthmus.pki.rules import Circumstances, judge
from tests.certificates import CLIENT, SERVER, make_ca, self_signed
from tests.pki.making import Recipe, authority
from tests.pki.rules.facts import CA, LEAF, NOW, NOW_HERE, OTHER_CA, channel, file, found, node, severity

ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE


def test_nothing_is_wrong_with_a_sound_node() -> None:
    http = channel(CA.issue("node1", usages=[SERVER], days=(-1, 360)), name="http")
    assert judge(node(channel(), http, addresses=["127.0.0.1", "localhost"]), NOW_HERE) == []


@pytest.mark.parametrize(
    ("usages", "client_authentication", "verdict"),
    [
        ([SERVER, CLIENT], "required", ""),
        ([], "required", ""),
        ([SERVER], "required", "error"),
        ([CLIENT], "required", "error"),
        ([SERVER], "none", ""),
        ([CLIENT], "none", "error"),
        ([SERVER], "optional", "error"),
        ([ANY], "required", "warning"),
        ([ANY, SERVER, CLIENT], "required", ""),
    ],
)
def test_p28_a_transport_certificate_is_for_both_sides_or_says_nothing(
    usages: list[x509.ObjectIdentifier], client_authentication: str, verdict: str
) -> None:
    """docs-content#3932, elasticsearch#137688: public CAs no longer give clientAuth."""
    own = channel(CA.issue(usages=usages), client_authentication=client_authentication)
    assert severity("transport-extended-key-usage", own) == verdict


def test_openssl_does_not_take_any_extended_key_usage_for_a_server(tmp_path: Path, openssl: str) -> None:
    ca, leaf = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    ca.write_bytes(CA.certificate_pem)
    verdicts = []
    for usages in ([ANY], [ANY, SERVER]):
        leaf.write_bytes(CA.issue(usages=usages).certificate_pem)
        command = [openssl, "verify", "-purpose", "sslserver", "-CAfile", str(ca), str(leaf)]
        verdicts.append(subprocess.run(command, capture_output=True, timeout=60).returncode)
    assert verdicts[0] != 0
    assert verdicts[1] == 0


@pytest.mark.parametrize("name", ["http", "remote_cluster_server"])
def test_a_server_certificate_needs_server_auth_alone(name: str) -> None:
    assert severity("server-extended-key-usage", channel(CA.issue(usages=[CLIENT]), name=name)) == "error"
    assert severity("server-extended-key-usage", channel(CA.issue(usages=[SERVER]), name=name)) == ""
    assert severity("server-extended-key-usage", channel(CA.issue(usages=[]), name=name)) == ""


def test_a_client_certificate_for_remote_clusters_needs_client_auth() -> None:
    for usages, verdict in (([SERVER], "error"), ([CLIENT], "")):
        own = channel(CA.issue(usages=usages), name="remote_cluster_client")
        assert severity("client-extended-key-usage", own) == verdict


def test_a_key_usage_without_digital_signature_cannot_do_tls_13() -> None:
    signer = authority()
    for usages, verdict in ((("keyEncipherment",), "error"), (("digitalSignature",), ""), (None, "")):
        leaf = Recipe(usages=usages).sign(LEAF.key, signer.certificate, signer.key)
        own = channel(presented=(leaf,), trusted=[signer.certificate])
        assert severity("key-usage-without-signature", own) == verdict


def test_http_should_not_share_certificate_or_key_with_transport() -> None:
    (same,) = found("http-shares-certificate", node(channel(), channel(name="http")))
    assert same.severity == "warning"
    assert "same certificate" in same.sentence
    (key,) = found("http-shares-certificate", node(channel(), channel(CA.issue(key=LEAF.key), name="http")))
    assert "same key" in key.sentence
    assert not found("http-shares-certificate", node(channel(), channel(CA.issue(), name="http")))


def test_p28_a_public_ca_on_transport_is_an_error_with_a_way_out() -> None:
    """docs-content#3932: a public CA on transport lets anybody in."""
    public = Circumstances(now=NOW, public=frozenset([CA.certificate]))
    (one,) = found("public-authority", channel(), public)
    assert one.severity == "error"
    assert "certutil ca" in one.mend
    assert not found("public-authority", channel(name="http"), public)
    assert not found("public-authority", channel(), Circumstances(now=NOW, public=frozenset([OTHER_CA.certificate])))


def test_an_intermediate_of_a_public_ca_is_public_too() -> None:
    below = CA.intermediate()
    own = channel(below.issue(), [below.certificate])
    assert severity("public-authority", own, Circumstances(now=NOW, public=frozenset([CA.certificate]))) == "error"


def test_a_ca_of_the_organisation_or_one_in_use_elsewhere_is_doubtful() -> None:
    assert severity("shared-authority", channel()) == ""
    organisation = Circumstances(now=NOW, organisation=frozenset([CA.certificate]))
    assert severity("shared-authority", channel(), organisation) == "warning"
    mail = CA.issue("mail").certificate
    assert severity("shared-authority", channel(), Circumstances(now=NOW, elsewhere=(mail,))) == "warning"
    foreign = OTHER_CA.issue("mail").certificate
    assert severity("shared-authority", channel(), Circumstances(now=NOW, elsewhere=(foreign,))) == ""


def test_a_transport_that_trusts_nobody_is_an_error_unless_a_file_could_not_be_read() -> None:
    assert severity("no-authority", channel(trusted=())) == "error"
    assert severity("no-authority", channel()) == ""
    assert severity("no-authority", channel(trusted=(), files=(file("authorities", fault="gone"),))) == ""


def test_p10_a_leaf_in_the_truststore_is_an_error() -> None:
    """docs-content#7918: an expired peer is accepted where its certificate is in the truststore."""
    assert severity("leaf-as-anchor", channel(trusted=[CA.certificate, LEAF.certificate])) == "error"
    assert severity("leaf-as-anchor", channel(trusted=[CA.certificate])) == ""
    own = self_signed()
    assert severity("leaf-as-anchor", channel(own, [own.certificate])) == "warning"


def test_a_ca_that_is_twice_in_the_trust_files_is_noted() -> None:
    twice = file("authorities", certificates=(CA.certificate, CA.certificate))
    once = file("authorities", certificates=(CA.certificate,))
    assert severity("duplicate-authority", channel(files=(twice,))) == "note"
    assert severity("duplicate-authority", channel(files=(once, file("truststore")))) == ""


def test_two_cas_of_one_name_with_different_keys_are_noted() -> None:
    assert severity("authorities-of-one-name", channel(trusted=[CA.certificate, make_ca("cluster CA").certificate]))
    assert not found("authorities-of-one-name", channel(trusted=[CA.certificate, OTHER_CA.certificate]))
