"""A revocation list that changes on disk is in force after the next look, for open connections too."""

from __future__ import annotations

from pathlib import Path

from isthmus.lifecycle.reloading.channel import ChannelReload
from isthmus.lifecycle.reloading.digests import files_of
from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import PeerIdentity
from tests.certificates import Issued, make_ca
from tests.revoking import revocation_list
from tests.tls.handshakes import config


def identity(issued: Issued) -> PeerIdentity:
    return PeerIdentity((issued.certificate,), verified=True, protocol="TLSv1.3", cipher="")


async def test_a_changed_list_is_served_counted_and_who_it_revokes_expelled(tmp_path: Path) -> None:
    ca = make_ca("root")
    peer, friend = ca.issue("peer"), ca.issue("friend")
    crl = revocation_list(tmp_path / "crl", ca)
    asked = config(tmp_path / "own", ca.issue("own"), [ca.certificate], revocation_lists=(crl,))
    tls = TlsChannel(asked)
    judges: list[Judge] = []
    results: list[str] = []

    def expel(judge: Judge) -> int:
        judges.append(judge)
        return 1

    reload = ChannelReload("transport", tls, expel, told=results.append)
    assert crl in files_of(asked)
    assert (await reload.reload()).result == "unchanged"
    assert judges == []
    revocation_list(tmp_path / "crl", ca, peer)
    assert (await reload.reload()).result == "reloaded"
    (judge,) = judges
    assert "[CN=peer] was revoked by [CN=root]" in str(judge(identity(peer)))
    assert judge(identity(friend)) is None
    crl.write_bytes(b"damaged")
    assert (await reload.reload()).result == "failed"
    assert results == ["reloaded", "failed"]
    assert "[CN=peer] was revoked" in str(tls.judge(identity(peer)))
