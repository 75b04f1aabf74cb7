"""What still works while the owner of the cluster's state is down, and how a copy is promoted."""

from __future__ import annotations

import pytest

from isthmus.demo.nodes import NodeProcess
from tests.live.site import OWNER, Site, isthmus, port_of

pytestmark = pytest.mark.live


def test_while_the_owner_is_down_reads_go_on_writes_are_refused_and_nothing_acknowledged_is_lost(site: Site) -> None:
    owner, member = _pair(site)
    address = owner.transport
    acknowledged = _new_password(member)
    owner.kill()
    site.wait_for_members(member, "second", password=acknowledged)
    refused = isthmus(member.folder, "reset-password", "-u", "elastic", "--batch", "--silent")
    assert refused.returncode == 69
    assert refused.stdout == ""
    assert "owner" in refused.stderr
    with site.client(member, acknowledged) as client:
        assert client.info()["name"] == "second"
        assert client.cluster.health()["status"] == "yellow"

    owner.start("-E", f"transport.port={port_of(address)}")
    owner.wait_until_bound()
    site.wait_for_members(owner, OWNER, "second", password=acknowledged)
    site.wait_for_members(member, OWNER, "second", password=acknowledged)
    anew = _new_password(member)
    for node in (owner, member):
        assert site.names(node, acknowledged) == []
        assert site.names(node, anew) == [OWNER, "second"]


def test_an_owner_that_comes_back_at_another_address_is_found(site: Site) -> None:
    owner, member = _pair(site)
    address = owner.transport
    owner.kill()
    site.wait_for_members(member, "second")
    owner.start()
    owner.wait_until_bound()
    assert owner.transport != address
    site.wait_for_members(owner, OWNER, "second")
    site.wait_for_members(member, OWNER, "second")


def test_a_copy_is_promoted_once_the_owner_is_lost_and_the_old_owner_is_refused(site: Site) -> None:
    owner, member = _pair(site)
    address = owner.transport
    while_it_lives = isthmus(member.folder, "node", "take-over")
    assert while_it_lives.returncode == 69
    assert f"the owner [{OWNER}] is alive" in while_it_lives.stderr
    owner.kill()
    site.wait_for_members(member, "second")
    promoted = isthmus(member.folder, "node", "take-over")
    assert promoted.returncode == 0, promoted.stderr
    assert "[second] owns the cluster's state in term 2" in promoted.stdout
    password = _new_password(member)

    owner.start("-E", f"transport.port={port_of(address)}", "-E", f"discovery.seed_hosts={member.transport}")
    refusal = str(owner.wait_until_logged("another node took over")["message"])
    assert "node [second] is in term 2" in refusal
    assert "start it with an empty data folder" in refusal
    assert site.names(member, password) == ["second"]
    assert owner.stop() == 0


def test_a_node_that_never_joined_has_nothing_to_take_over(site: Site) -> None:
    owner = site.start(OWNER)
    stranger = site.start("stranger", seeds=[owner], settings={"cluster.name": "other"})
    refused = isthmus(stranger.folder, "node", "take-over")
    assert refused.returncode == 69
    assert "never joined" in refused.stderr


def test_orders_need_a_running_node(site: Site) -> None:
    folder = site.folder(OWNER)
    for order in (["node", "take-over"], ["reset-password", "-u", "elastic", "--batch"]):
        refused = isthmus(folder, *order)
        assert refused.returncode == 69
        assert "no node runs on this data folder" in refused.stderr


def _pair(site: Site) -> tuple[NodeProcess, NodeProcess]:
    owner = site.start(OWNER)
    member = site.start("second", seeds=[owner])
    site.wait_for_members(member, OWNER, "second")
    return owner, member


def _new_password(node: NodeProcess) -> str:
    done = isthmus(node.folder, "reset-password", "-u", "elastic", "--batch", "--silent")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
