from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from isthmus.errors import DataError
from isthmus.pki.authority import Authority
from isthmus.pki.form import violations
from isthmus.pki.keys import generate_key
from isthmus.pki.profiles import CLIENT_AUTH, HTTP, SERVER_AUTH, TRANSPORT
from isthmus.pki.verify import MAX_CHAIN, build_chain, check_chain, identifiers_fit, is_self_signed, trusted_path
from tests.pki.making import (
    CA_USAGES,
    NOW,
    YEAR,
    Recipe,
    authority,
    intermediate,
    names,
    odd_authority,
    openssl_verify,
)


def leaf_of(signer: Authority, recipe: Recipe | None = None) -> x509.Certificate:
    return (recipe or Recipe()).sign(generate_key(), signer.certificate, signer.key)


def test_a_chain_is_put_in_order_whatever_the_order_of_the_file(ca: Authority, other_ca: Authority) -> None:
    below = intermediate(ca)
    leaf = leaf_of(below)
    pool = [other_ca.certificate, ca.certificate, leaf, below.certificate]
    assert build_chain(leaf, pool) == (leaf, below.certificate, ca.certificate)


def test_a_chain_ends_where_the_issuer_is_unknown(ca: Authority) -> None:
    below = intermediate(ca)
    leaf = leaf_of(below)
    assert build_chain(leaf, [ca.certificate]) == (leaf,)


def test_two_cas_that_sign_each_other_do_not_loop(ca: Authority, other_ca: Authority) -> None:
    crossed = Recipe("Test CA", is_ca=True, usages=CA_USAGES).sign(ca.key, other_ca.certificate, other_ca.key)
    back = Recipe("Other CA", is_ca=True, usages=CA_USAGES).sign(other_ca.key, crossed, ca.key)
    leaf = leaf_of(Authority(crossed, ca.key))
    assert len(build_chain(leaf, [crossed, back])) <= MAX_CHAIN
    assert trusted_path(leaf, [crossed, back], [other_ca.certificate])
    assert not trusted_path(leaf, [crossed, back], [authority("Third CA").certificate])


def test_a_path_ends_at_the_first_trusted_certificate_even_an_intermediate(ca: Authority) -> None:
    below = intermediate(ca)
    leaf = leaf_of(below)
    assert check_chain([leaf], [below.certificate], "x") == (leaf, below.certificate)
    assert check_chain([leaf, below.certificate], [ca.certificate], "x") == (leaf, below.certificate, ca.certificate)


def test_a_ca_of_the_same_name_with_another_key_vouches_for_nothing(ca: Authority) -> None:
    with pytest.raises(DataError, match="no trusted certificate vouches for"):
        check_chain([leaf_of(ca)], [authority("Test CA").certificate], "x")


def test_dates_are_judged_at_the_moment_given(ca: Authority) -> None:
    leaf = leaf_of(ca)
    with pytest.raises(DataError, match="expired on"):
        check_chain([leaf], [ca.certificate], "x", moment=NOW + 2 * YEAR)
    with pytest.raises(DataError, match="valid only from"):
        check_chain([leaf], [ca.certificate], "x", moment=NOW - timedelta(hours=2))


def test_a_purpose_that_is_missing_is_named(ca: Authority) -> None:
    leaf = leaf_of(ca, Recipe(purposes=HTTP.purposes))
    check_chain([leaf], [ca.certificate], "x", purposes=[SERVER_AUTH])
    with pytest.raises(DataError, match="not for clientAuth"):
        check_chain([leaf], [ca.certificate], "x", purposes=[SERVER_AUTH, CLIENT_AUTH])


def test_a_leaf_used_as_ca_is_refused(ca: Authority) -> None:
    key = generate_key()
    node = ca.issue(names(), key.public_key(), TRANSPORT)
    with pytest.raises(DataError, match="is not a CA"):
        check_chain([leaf_of(Authority(node, key), Recipe("node2")), node], [ca.certificate], "x")


def test_a_path_length_is_counted_in_intermediates(ca: Authority) -> None:
    narrow = odd_authority(Recipe("Narrow", is_ca=True, usages=CA_USAGES, purposes=(), path_length=0))
    check_chain([leaf_of(narrow)], [narrow.certificate], "x")
    below = intermediate(narrow)
    with pytest.raises(DataError, match="allows 0 intermediates below it, there are 1"):
        check_chain([leaf_of(below), below.certificate], [narrow.certificate], "x")


def test_identifiers_that_do_not_fit_are_refused_although_the_signature_does(ca: Authority) -> None:
    renewed = Recipe("Test CA", is_ca=True, usages=CA_USAGES, purposes=(), identifier=b"renewed").sign(
        ca.key, None, ca.key
    )
    leaf = leaf_of(ca)
    assert not identifiers_fit(leaf, renewed)
    with pytest.raises(DataError, match="subject key identifier"):
        check_chain([leaf], [renewed], "x")


BROKEN = {
    "no key usage": Recipe("CA", is_ca=True, usages=None, purposes=()),
    "constraints not critical": Recipe("CA", is_ca=True, usages=CA_USAGES, purposes=(), critical_constraints=False),
    "no keyCertSign": Recipe("CA", is_ca=True, usages=("cRLSign",), purposes=()),
}


@pytest.mark.parametrize("recipe", BROKEN.values(), ids=BROKEN.keys())
def test_our_rules_and_openssl_refuse_the_same_cas(recipe: Recipe, tmp_path: Path, openssl: str) -> None:
    signer = odd_authority(recipe)
    leaf = leaf_of(signer)
    assert violations(signer.certificate)
    with pytest.raises(DataError):
        check_chain([leaf], [signer.certificate], "x")
    assert openssl_verify(tmp_path, [leaf], signer.certificate).returncode != 0


def test_a_leaf_without_authority_key_identifier_is_refused_as_openssl_does(
    ca: Authority, tmp_path: Path, openssl: str
) -> None:
    leaf = leaf_of(ca, Recipe(authority_identifier=False))
    with pytest.raises(DataError, match="no authority key identifier"):
        check_chain([leaf], [ca.certificate], "x")
    assert openssl_verify(tmp_path, [leaf], ca.certificate).returncode != 0


def test_a_flaw_of_an_existing_ca_may_be_passed_over_but_not_one_of_the_leaf() -> None:
    signer = odd_authority(BROKEN["no key usage"])
    check_chain([leaf_of(signer)], [signer.certificate], "x", judge_issuers=False)
    with pytest.raises(DataError, match="keyCertSign, but it is no CA"):
        check_chain([leaf_of(signer, Recipe(usages=CA_USAGES))], [signer.certificate], "x", judge_issuers=False)


def test_self_signed_is_more_than_self_issued(ca: Authority, other_ca: Authority) -> None:
    assert is_self_signed(ca.certificate)
    forged = Recipe("Other CA").sign(generate_key(), other_ca.certificate, ca.key)
    assert forged.issuer == forged.subject
    assert not is_self_signed(forged)
