"""Certificates and CAs of a real cluster are rotated by the program, under load, and not one request fails."""

from __future__ import annotations

import shutil

import pytest

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.pki.bundles import Bundle, load_pem
from tests.certificates import Issued
from tests.live.rotating import NEW_CA, QUICKLY, Rotating, seconds_told, wait_for_line
from tests.live.site import SOON, Site, isthmus

pytestmark = pytest.mark.live

UNAVAILABLE = 69


def bundle_of(issued: Issued) -> Bundle:
    return load_pem(issued.chain_pem, issued.key_pem, None, "an old leaf")


async def test_the_ca_of_five_nodes_is_rotated_with_no_failed_request_and_then_the_old_one_is_refused(
    site: Site,
) -> None:
    five = Rotating.start(site, 5)
    five.plan(*NEW_CA)
    assert not any(five.refuses(node, five.old) for node in five.nodes)
    with five.load():
        told = five.rotate("apply")
        assert five.serve("new")
    for node in five.nodes:
        assert five.refuses(node, five.old)
        assert (await five.knock(node, bundle_of(five.old))).outcome == "refused_us"
        assert (await five.knock(node, five.papers.leaf(f"transport/{node.folder.name}/new"))).outcome == "accepted"
        assert five.shows(node) == {five.leaf(node).serial_number}
    assert five.never_shrank()
    assert seconds_told(told) > 0
    for step in ("widen", "reissue", "narrow"):
        assert all(f"transport {step} {node.folder.name} " in told for node in five.nodes)


def test_certificates_of_the_same_ca_are_renewed_under_load(site: Site) -> None:
    three = Rotating.start(site, 3)
    (site.root / "ca.key").write_bytes(site.ca.key_pem)
    trusted_before = (site.root / "ca.crt").read_bytes()
    three.plan("--ca-cert", "ca.crt", "--ca-key", "ca.key")
    with three.load():
        told = three.rotate("apply")
        assert three.serve("new")
    assert "widen" not in told
    assert "narrow" not in told
    assert (site.root / "ca.crt").read_bytes() == trusted_before
    assert not any(three.refuses(node, three.old) for node in three.nodes)
    assert three.never_shrank()


async def test_a_node_that_dies_while_leaves_are_reissued_comes_back_and_the_rotation_goes_on(site: Site) -> None:
    three = Rotating.start(site, 3)
    victim = three.nodes[1]
    ports = "-E", f"http.port={_port(victim.http)}", "-E", f"transport.port={_port(victim.transport)}"
    three.plan(*NEW_CA)
    with three.load(but=[victim]):
        three.membership.comes_or_goes(victim.folder.name)
        applying = three.begin("apply", "--patience", "3")
        wait_for_line(applying, f"reissue {victim.folder.name}")
        victim.kill()
        told, _ = applying.communicate(timeout=SOON)
        assert applying.returncode == UNAVAILABLE
        assert f"[{victim.folder.name}]" in told
        assert "isthmus rotate resume" in told
        victim.start(*ports)
        victim.wait_until_bound()
        site.wait_for_members(three.nodes[0], *(node.folder.name for node in three.nodes))
        three.membership.stays(victim.folder.name)
        three.rotate("resume")
        assert three.serve("new")
    assert all(three.refuses(node, three.old) for node in three.nodes)
    assert not three.never_shrank()
    assert three.never_shrank(but=[victim])


async def test_a_rotation_that_is_aborted_in_the_middle_goes_back_under_load(site: Site) -> None:
    three = Rotating.start(site, 3)
    trusted_before = (site.root / "ca.crt").read_bytes()
    three.plan(*NEW_CA)
    with three.load():
        applying = three.begin("apply")
        wait_for_line(applying, f"reissue {three.nodes[1].folder.name}")
        applying.kill()
        applying.communicate()
        told = three.rotate("abort")
        assert three.serve("old")
    assert "back on its old certificates" in told
    assert (site.root / "ca.crt").read_bytes() == trusted_before
    assert not any(three.refuses(node, three.old) for node in three.nodes)
    new = three.papers.leaf(f"transport/{three.nodes[1].folder.name}/new")
    assert (await three.knock(three.nodes[1], new)).outcome == "refused_us"
    assert three.never_shrank()


def test_a_node_that_joins_in_the_middle_of_a_rotation_is_let_in_and_stays(site: Site) -> None:
    three = Rotating.start(site, 3)
    three.plan(*NEW_CA)
    with three.load():
        applying = three.begin("apply")
        wait_for_line(applying, f"reissue {three.nodes[0].folder.name}")
        three.membership.comes_or_goes("late")
        late = start_late(three)
        everybody = [node.folder.name for node in (*three.nodes, late)]
        site.wait_for_members(late, *everybody)
        three.membership.stays("late")
        told, _ = applying.communicate(timeout=4 * SOON)
        assert applying.returncode == 0, told
        site.wait_for_members(late, *everybody)
        (late.folder / "ca.crt").write_bytes((site.root / "ca.crt").read_bytes())
        wait_for(lambda: three.refuses(late, three.old), SOON, "the late node to refuse the old CA")
        site.wait_for_members(late, *everybody)
    assert three.never_shrank()


def start_late(three: Rotating) -> NodeProcess:
    """As an operator does in the middle: a certificate of the CA to come, and trust in both, as the others have."""
    root = three.site.root
    authority = root / "rotation" / "ca"
    made = isthmus(
        root, "certutil", "cert", "--silent", "--pem", "--name", "late", "--dns", "localhost", "--ip", "127.0.0.1",
        "--ca-cert", str(authority / "ca.crt"), "--ca-key", str(authority / "ca.key"), "--out", str(root / "late.zip"),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    folder = three.site.folder("late", seeds=[three.nodes[0]], settings=QUICKLY)
    shutil.unpack_archive(root / "late.zip", root / "signed")
    for ending in ("crt", "key"):
        shutil.copy(root / "signed" / "late" / f"late.{ending}", folder / f"node.{ending}")
    shutil.copy(root / "ca.crt", folder / "ca.crt")
    late = three.site.node(folder)
    late.start()
    late.wait_until_bound()
    return late


def _port(address: str) -> str:
    return address.rpartition(":")[2]
