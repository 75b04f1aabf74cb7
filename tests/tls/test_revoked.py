"""Handshakes with certificates that openssl revoked, next to what openssl itself says of them."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.tls.generation import load_generation
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import REFUSED_HERE
from tests.certificates import Authority, Issued, make_ca
from tests.revoking import revocation_list
from tests.tls.handshakes import BOTH, config, node, shake_hands


@pytest.fixture
def ca() -> Authority:
    return make_ca("root")


def checked_by_openssl(folder: Path, issued: Issued, ca: Authority, crl: Path) -> bool:
    """What `openssl verify -crl_check` says."""
    certificate, _ = issued.write(folder, "checked")
    (folder / "root.crt").write_bytes(ca.certificate_pem)
    command = ["openssl", "verify", "-crl_check", "-CAfile", "root.crt", "-CRLfile", str(crl), str(certificate)]
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


@pytest.mark.parametrize("protocol", BOTH)
@pytest.mark.parametrize(
    ("revoke", "days", "accepted"),
    [(False, (-1.0, 1.0), True), (True, (-1.0, 1.0), False), (False, (-2.0, -1.0), False)],
    ids=["good", "revoked", "good, but the list is over"],
)
def test_both_directions_judge_as_openssl_does(
    tmp_path: Path, ca: Authority, protocol: str, revoke: bool, days: tuple[float, float], accepted: bool
) -> None:
    peer = ca.issue("peer")
    crl = revocation_list(tmp_path / "crl", ca, *([peer] if revoke else []), days=days)
    assert checked_by_openssl(tmp_path, peer, ca, crl) is accepted
    own = config(tmp_path / "own", ca.issue("own"), [ca.certificate], revocation_lists=(crl,))
    here = TlsChannel(own)
    there = node(tmp_path / "there", peer, [ca.certificate], (protocol,))
    _, server = shake_hands(there.client_context, here.server_context)
    client, _ = shake_hands(here.client_context, there.server_context)
    for side in (server, client):
        assert (side.error is None) is accepted
        if not accepted:
            assert isinstance(side.error, ssl.SSLCertVerificationError)
            assert side.error.verify_code == REFUSED_HERE
            assert side.refusal is not None
            assert "[CN=root]" in side.refusal.why


def test_a_revoked_intermediate_is_refused_where_it_is_trusted_by_itself(tmp_path: Path, ca: Authority) -> None:
    middle = ca.intermediate("middle")
    crl = revocation_list(tmp_path / "crl", ca, middle)
    trusted = [ca.certificate, middle.certificate]  # a partial chain: OpenSSL stops at the intermediate
    here = TlsChannel(config(tmp_path / "own", ca.issue("own"), trusted, revocation_lists=(crl,)))
    there = node(tmp_path / "there", middle.issue("peer"), trusted)
    _, server = shake_hands(there.client_context, here.server_context)
    assert "[CN=middle] was revoked" in str(server.error)


def test_a_list_of_nobody_trusted_is_a_warning_and_a_forged_or_missing_one_an_error(
    tmp_path: Path, ca: Authority
) -> None:
    other = revocation_list(tmp_path / "other", make_ca("other"))
    forged = revocation_list(tmp_path / "forged", make_ca("root"))
    own = ca.issue("own")
    (warning,) = load_generation(config(tmp_path / "a", own, [ca.certificate], revocation_lists=(other,))).warnings
    assert "[CN=other]; its revocation list has no effect" in warning
    for path in (forged, tmp_path / "nowhere"):
        with pytest.raises(ConfigError) as caught:
            load_generation(config(tmp_path / "b", own, [ca.certificate], revocation_lists=(path,)))
        assert f"certificate_revocation_lists [{path}]" in str(caught.value.where)


def test_a_node_whose_own_certificate_is_revoked_says_so(tmp_path: Path, ca: Authority) -> None:
    own = ca.issue("own")
    crl = revocation_list(tmp_path / "crl", ca, own)
    (warning,) = load_generation(config(tmp_path / "own", own, [ca.certificate], revocation_lists=(crl,))).warnings
    assert "certificate [CN=own] was revoked by [CN=root]; others refuse it" in warning
