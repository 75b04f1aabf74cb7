"""An expired key is refused for its date: it says nothing of whom a port trusts, and is not presented.

Seen on a real Elasticsearch 8.19 that was brought back with new certificates of the same CA: the old keys, which the
trusted CA had signed, were refused, and the rotation took the node for one that does not trust its CA.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.lifecycle.rotation.lapsed import lapsed_leaves
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import FORMAT_VERSION, ChannelRecord, HoldingRecord, PartyRecord, Plan
from isthmus.lifecycle.rotation.proving import keys_to_try
from isthmus.lifecycle.rotation.site import LiveSite, Reply
from isthmus.lifecycle.rotation.survey import Place
from isthmus.lifecycle.rotation.vouching import vouchers_at, vouchers_of
from isthmus.pki.bundles import Bundle
from isthmus.pki.rotation import Party
from isthmus.tls.config import ChannelConfig
from tests.certificates import Issued, make_ca

OLD, NEW = "transport/node1/old", "transport/node1/new"
NOW = datetime.now(UTC)


def kept(folder: Path, days: tuple[int, int]) -> tuple[Papers, Plan]:
    """New leaves of the CA that is trusted; the old ones are valid for `days`."""
    ca, papers = make_ca(), Papers(folder)
    trusts = (papers.keep_authority(ca.certificate),)
    papers.keep_leaf(OLD, bundle(ca.issue(days=days)))
    papers.keep_leaf(NEW, bundle(ca.issue()))
    party = PartyRecord("node1", "node", 0, HoldingRecord(trusts, OLD), HoldingRecord(trusts, NEW), judges=True)
    channel = ChannelRecord("transport", (party,))
    started = "2026-01-01T00:00:00Z"
    return papers, Plan(
        FORMAT_VERSION, started, trusts, trusts, "a test", ("transport",), (channel,), Inventory((NodeEntry("conf"),))
    )


def bundle(issued: Issued) -> Bundle:
    return Bundle(issued.key, issued.certificate, issued.chain)


def lapsed(folder: Path, days: tuple[int, int], now: datetime = NOW) -> frozenset[str]:
    papers, plan = kept(folder, days)
    return lapsed_leaves(plan, papers, vouchers_of(plan, papers), now)


def test_a_leaf_has_lapsed_when_it_has_expired_or_when_its_only_ca_has(tmp_path: Path) -> None:
    assert lapsed(tmp_path / "valid", (-9, 300)) == set()
    assert lapsed(tmp_path / "expired", (-9, -2)) == {OLD}
    assert lapsed(tmp_path / "later", (-9, 9999), NOW + timedelta(days=366)) == {OLD}


def test_a_leaf_that_has_lapsed_is_not_presented_to_any_port(tmp_path: Path) -> None:
    papers, plan = kept(tmp_path, (-9, -2))
    known = vouchers_of(plan, papers)
    assert keys_to_try(plan.channel("transport"), known) == [OLD, NEW]
    assert keys_to_try(plan.channel("transport"), vouchers_at(known, papers, NOW)) == [NEW]


async def test_a_node_that_refuses_expired_keys_of_its_ca_is_seen_to_have_taken_up_its_new_files(
    tmp_path: Path,
) -> None:
    papers, plan = kept(tmp_path, (-9, -2))
    record = plan.channel("transport").parties[0]

    async def dial(_channel: str, _address: str, key: str | None, _trusted: Sequence[x509.Certificate]) -> Reply:
        return Reply(key == NEW, papers.leaf(NEW).certificate, "" if key == NEW else "certificate expired")

    party = Party("node1", record.after.holding, record.after.holding, earlier=(record.before.holding,))
    config = ChannelConfig("xpack.security.transport.ssl", "full", "required", None, (), None, (), ())
    place = Place(config, "127.0.0.1:9300")
    site = LiveSite(plan, {("transport", "node1"): place}, papers, vouchers_of(plan, papers), dial)
    assert (await site.look("transport", [party]))["node1"].holding == record.after.holding
