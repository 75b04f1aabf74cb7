from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from isthmus.pki.rules import Circumstances, judge
from tests.certificates import make_ca
from tests.pki.making import CA_USAGES, Recipe, authority, intermediate, odd_authority
from tests.pki.rules.facts import CA, LEAF, NOW, NOW_HERE, OTHER_CA, channel, file, found, node, severity

DAY = timedelta(days=1)


def test_a_transport_without_certificate_is_an_error() -> None:
    assert severity("certificate-missing", channel(presented=())) == "error"
    assert severity("certificate-missing", channel(presented=(), files=(file(fault="gone"),))) == ""
    assert severity("certificate-missing", channel(presented=(), name="remote_cluster_client")) == ""


def test_a_key_must_belong_to_the_certificate() -> None:
    assert severity("key-mismatch", channel(public_key=OTHER_CA.key.public_key())) == "error"
    assert severity("key-mismatch", channel()) == ""
    assert severity("key-mismatch", channel(public_key=None)) == ""
    (swapped,) = found("key-mismatch", channel(presented=(CA.certificate, LEAF.certificate)))
    assert "not the first" in swapped.sentence


def test_p4_a_chain_is_complete_and_in_order() -> None:
    lower = CA.intermediate("upper").intermediate("lower")
    own = lower.issue()
    leaf, first, second = own.certificate, *own.chain
    assert severity("chain-order", channel(own)) == ""
    assert severity("chain-order", channel(own, presented=(leaf, second, first))) == "warning"
    assert severity("chain-order", channel(presented=(LEAF.certificate, OTHER_CA.certificate))) == "warning"
    assert severity("chain-incomplete", channel(own)) == ""
    assert severity("chain-incomplete", channel(own, [CA.certificate, first, second], presented=(leaf,))) == "warning"


def test_a_chain_that_leads_to_no_trusted_ca_is_an_error() -> None:
    assert severity("chain-untrusted", channel(trusted=[OTHER_CA.certificate])) == "error"
    assert severity("chain-untrusted", channel()) == ""
    assert severity("chain-untrusted", channel(name="http", trusted=[OTHER_CA.certificate])) == ""
    (namesake,) = found("chain-untrusted", channel(trusted=[make_ca("cluster CA").certificate]))
    assert "another key" in namesake.sentence


def test_p2_p3_a_ca_renewed_with_its_key_and_a_new_identifier_is_named() -> None:
    """cloud-on-k8s#9198, tigera/docs#2801: a CA renewed with its key no longer fits what it issued."""
    old = authority()
    leaf = Recipe().sign(LEAF.key, old.certificate, old.key)
    renewed = Recipe("Test CA", is_ca=True, usages=CA_USAGES, purposes=(), identifier=b"renewed").sign(
        old.key, None, old.key
    )
    assert severity("key-identifiers-differ", channel(presented=(leaf,), trusted=[renewed])) == "error"
    assert severity("key-identifiers-differ", channel(presented=(leaf,), trusted=[renewed, old.certificate])) == ""


def test_p5_what_issues_must_be_a_ca_with_key_cert_sign() -> None:
    for usages, verdict in ((("cRLSign",), "error"), (CA_USAGES, "")):
        signer = odd_authority(Recipe("CA", is_ca=True, usages=usages, purposes=()))
        leaf = Recipe().sign(LEAF.key, signer.certificate, signer.key)
        own = channel(presented=(leaf,), trusted=[signer.certificate])
        assert severity("issuer-may-not-sign", own) == verdict


def test_p5_a_ca_without_key_usage_is_doubtful_for_strict_verifiers() -> None:
    old = make_ca(key_usage=False)
    assert severity("certificate-form", channel(old.issue(), [old.certificate])) == "warning"
    assert severity("certificate-form", channel()) == ""


def test_a_leaf_that_breaks_x509_is_an_error() -> None:
    signer = authority()
    leaf = Recipe(usages=("digitalSignature", "keyCertSign")).sign(LEAF.key, signer.certificate, signer.key)
    assert severity("certificate-form", channel(presented=(leaf,), trusted=[signer.certificate])) == "error"


def test_a_path_length_that_is_exceeded_is_an_error() -> None:
    for limit, verdict in ((0, "error"), (1, "")):
        root = odd_authority(Recipe("Root", is_ca=True, usages=CA_USAGES, purposes=(), path_length=limit))
        below = intermediate(root)
        leaf = Recipe().sign(LEAF.key, below.certificate, below.key)
        own = channel(presented=(leaf, below.certificate), trusted=[root.certificate])
        assert severity("path-too-long", own) == verdict


def test_a_short_rsa_key_is_an_error() -> None:
    for bits, verdict in ((1024, "error"), (2048, "")):
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        assert severity("weak-certificate", channel(CA.issue(key=key))) == verdict


def test_a_curve_that_tls_13_does_not_know_is_doubtful() -> None:
    odd = CA.issue(key=ec.generate_private_key(ec.SECP256K1()))
    assert severity("unusual-key", channel(odd)) == "warning"
    assert severity("unusual-key", channel()) == ""


@pytest.mark.parametrize(
    ("hours", "verdict"), [(31 * 24, ""), (29 * 24, "note"), (13 * 24, "warning"), (6 * 24, "warning"), (23, "error")]
)
def test_p9_expiry_is_told_ahead_and_the_more_severely_the_nearer(hours: int, verdict: str) -> None:
    end = LEAF.certificate.not_valid_after_utc
    at = Circumstances(now=end - timedelta(hours=hours))
    seen = [one for one in found("expires-soon", channel(), at) if "[CN=node1]" in one.sentence]
    assert [one.severity for one in seen] == ([verdict] if verdict else [])


def test_p9_expired_certificates_are_errors_and_left_over_cas_warnings() -> None:
    later = Circumstances(now=NOW + 400 * DAY)
    assert {one.severity for one in found("expired", channel(), later)} == {"error"}
    assert not found("expired", channel())
    old = Recipe("old", is_ca=True, usages=CA_USAGES, purposes=(), start=NOW - 9 * DAY, end=NOW - DAY)
    left_over = odd_authority(old).certificate
    assert severity("expired", channel(trusted=[CA.certificate, left_over])) == "warning"


def test_a_certificate_of_the_future_is_an_error() -> None:
    assert severity("not-yet-valid", channel(CA.issue(days=(1, 30)))) == "error"
    assert severity("not-yet-valid", channel()) == ""


def test_a_leaf_that_outlives_its_ca_is_doubtful() -> None:
    assert severity("outlives-authority", channel(CA.issue(days=(-1, 366)))) == "warning"
    assert severity("outlives-authority", channel(CA.issue(days=(-1, 300)))) == ""


def test_a_leaf_that_was_given_the_days_of_its_ca_seconds_later_misleads_nobody() -> None:
    assert severity("outlives-authority", channel(CA.issue(days=(-1, 365)))) == ""


def test_a_leaf_valid_for_years_is_noted() -> None:
    assert severity("long-validity", channel(CA.issue(days=(-1, 825)))) == "note"
    assert severity("long-validity", channel(CA.issue(days=(-1, 824)))) == ""


def test_p29_neither_the_order_of_names_nor_an_earlier_end_than_before_matters() -> None:
    """opensearch security#4480, security#4144: a reload is refused for the order of names or an earlier end."""
    for dns, days in ((("a", "b"), 300), (("b", "a"), 200)):
        own = channel(CA.issue("node1", dns=dns, days=(-1, days)))
        assert judge(node(own, addresses=["a", "b"]), NOW_HERE) == []


@pytest.mark.parametrize(
    ("dns", "host", "verdict"),
    [
        (["node1.example.com"], "NODE1.example.com", ""),
        (["*.example.com"], "node1.example.com", ""),
        (["*.example.com"], "a.node1.example.com", "error"),
        (["*.example.com"], "example.com", "error"),
        (["node*.example.com"], "node1.example.com", "error"),
        (["localhost"], "127.0.0.1", ""),
        (["localhost"], "127.0.0.2", "error"),
        (["localhost"], "node1", "warning"),
    ],
)
def test_every_address_of_a_node_stands_in_its_certificate(dns: list[str], host: str, verdict: str) -> None:
    own = channel(CA.issue("node1", dns=dns))
    assert severity("address-not-covered", node(own, addresses=[host])) == verdict
    loose = channel(CA.issue("node1", dns=dns), verification_mode="certificate")
    assert severity("address-not-covered", node(loose, addresses=[host])) == ""


def test_a_wildcard_is_doubtful_on_transport_only() -> None:
    own = CA.issue(dns=["*.example.com"])
    assert severity("wildcard-name", channel(own)) == "warning"
    assert severity("wildcard-name", channel(own, name="http")) == ""
    assert severity("wildcard-name", channel()) == ""
