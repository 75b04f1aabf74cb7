"""Revocation lists that openssl made: read, matched to their CA, asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from isthmus.errors import DataError
from isthmus.pki.revocation import RevocationList, load_revocation_lists, revocation, signed_list
from tests.certificates import DAY, Authority, make_ca
from tests.revoking import revocation_list

NOW = datetime.now(UTC)


@pytest.fixture
def ca() -> Authority:
    return make_ca("root")


def read(path: Path, *authorities: Authority) -> list[RevocationList]:
    found = load_revocation_lists(path.read_bytes(), str(path))
    signed = [signed_list(one, [a.certificate for a in authorities], str(path)) for one in found]
    return [one for one in signed if one is not None]


@pytest.mark.parametrize("der", [False, True], ids=["PEM", "DER"])
def test_exactly_what_openssl_revoked_is_revoked(tmp_path: Path, ca: Authority, der: bool) -> None:
    stolen, good = ca.issue("stolen"), ca.issue("good")
    lists = read(revocation_list(tmp_path, ca, stolen, der=der), ca)
    assert revocation([stolen.certificate, ca.certificate], lists, NOW) == (
        "certificate [CN=stolen] was revoked by [CN=root]"
    )
    assert revocation([good.certificate, ca.certificate], lists, NOW) is None


def test_a_revoked_intermediate_revokes_what_it_issued(tmp_path: Path, ca: Authority) -> None:
    middle = ca.intermediate("middle")
    chain = [middle.issue("leaf").certificate, middle.certificate, ca.certificate]
    lists = read(revocation_list(tmp_path, ca, middle), ca)
    assert "[CN=middle] was revoked" in str(revocation(chain, lists, NOW))


def test_a_ca_without_a_list_revokes_nothing(tmp_path: Path, ca: Authority) -> None:
    other = make_ca("other")
    lists = read(revocation_list(tmp_path, ca), ca)
    assert revocation([other.issue().certificate, other.certificate], lists, NOW) is None


def test_a_list_does_not_bind_a_ca_of_the_same_name_with_another_key(tmp_path: Path, ca: Authority) -> None:
    namesake = make_ca("root")
    lists = read(revocation_list(tmp_path, ca, days=(-2, -1)), ca)
    assert revocation([namesake.issue().certificate, namesake.certificate], lists, NOW) is None


def test_an_expired_list_closes_and_still_revokes(tmp_path: Path, ca: Authority) -> None:
    stolen, good = ca.issue("stolen"), ca.issue("good")
    lists = read(revocation_list(tmp_path, ca, stolen, days=(-2, -1)), ca)
    assert "the revocation list of [CN=root] expired on" in str(
        revocation([good.certificate, ca.certificate], lists, NOW)
    )
    assert "[CN=stolen] was revoked" in str(revocation([stolen.certificate, ca.certificate], lists, NOW))
    assert revocation([good.certificate, ca.certificate], lists, NOW - 1.5 * DAY) is None


def test_of_two_lists_the_newer_counts(tmp_path: Path, ca: Authority) -> None:
    back = ca.issue("back")
    old = read(revocation_list(tmp_path / "old", ca, back, days=(-3, -2)), ca)
    new = read(revocation_list(tmp_path / "new", ca, days=(-1, 1)), ca)
    for lists in (old + new, new + old):
        assert revocation([back.certificate, ca.certificate], lists, NOW) is None


def test_a_list_from_the_future_closes(tmp_path: Path, ca: Authority) -> None:
    lists = read(revocation_list(tmp_path, ca, days=(1, 2)), ca)
    assert "counts only from" in str(revocation([ca.issue().certificate, ca.certificate], lists, NOW))


def test_a_list_of_an_unknown_ca_is_nobodys_and_a_forged_one_is_refused(tmp_path: Path, ca: Authority) -> None:
    path = revocation_list(tmp_path, ca)
    assert read(path, make_ca("other")) == []
    with pytest.raises(DataError, match=r"\[CN=root\] was not signed by the CA of that name"):
        read(path, make_ca("root"))
    assert len(read(path, make_ca("root"), ca)) == 1


def test_a_file_may_hold_the_lists_of_several_cas(tmp_path: Path, ca: Authority) -> None:
    other = make_ca("other")
    both = tmp_path / "both.pem"
    both.write_bytes(
        revocation_list(tmp_path / "a", ca).read_bytes() + revocation_list(tmp_path / "b", other).read_bytes()
    )
    assert [one.name for one in read(both, ca, other)] == ["CN=root", "CN=other"]


@pytest.mark.parametrize("change", ["cut", "empty", "text", "certificate", "half"])
def test_what_is_no_list_is_refused(tmp_path: Path, ca: Authority, change: str) -> None:
    data = revocation_list(tmp_path, ca, der=change == "cut").read_bytes()
    damaged = {
        "cut": data[:-10],
        "empty": b"",
        "text": b"hello",
        "certificate": ca.certificate_pem,
        "half": data[: len(data) // 2],
    }[change]
    with pytest.raises(DataError) as caught:
        load_revocation_lists(damaged, "file")
    assert caught.value.where == "file"


def test_a_delta_list_is_refused_by_name(ca: Authority) -> None:
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.certificate.subject)
    builder = builder.last_update(NOW).next_update(NOW + DAY)
    delta = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True).sign(ca.key, hashes.SHA256())
    with pytest.raises(DataError, match="delta"):
        load_revocation_lists(delta.public_bytes(Encoding.DER), "file")


def test_a_newer_list_for_cas_alone_does_not_undo_what_the_list_for_nodes_revoked(ca: Authority) -> None:
    """Large CAs split their list (RFC 5280 5.2.5): each part replaces only an older one of the same part."""
    stolen = ca.issue("stolen").certificate

    def part(days: float, serials: list[int], *, for_cas: bool) -> RevocationList:
        builder = x509.CertificateRevocationListBuilder(ca.certificate.subject, NOW + days * DAY, NOW + 9 * DAY)
        scope = x509.IssuingDistributionPoint(None, None, not for_cas, for_cas, None, False, False)
        builder = builder.add_extension(scope, critical=True)
        for serial in serials:
            builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, NOW - 3 * DAY).build())
        made = builder.sign(ca.key, hashes.SHA256()).public_bytes(Encoding.PEM)
        (found,) = load_revocation_lists(made, "part")
        signed = signed_list(found, [ca.certificate], "part")
        assert signed is not None
        return signed

    lists = [part(-2, [stolen.serial_number], for_cas=False), part(-1, [], for_cas=True)]
    assert "[CN=stolen] was revoked" in str(revocation([stolen, ca.certificate], lists, NOW))
    newer = [*lists, part(-1, [], for_cas=False)]
    assert revocation([stolen, ca.certificate], newer, NOW) is None
