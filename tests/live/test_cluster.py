"""Two nodes that trust each other, as users meet them: the official client, the commands, signals and log files."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from elasticsearch import AuthenticationException

from isthmus.demo.nodes import NodeProcess
from tests.live.site import CLUSTER, OWNER, Site

pytestmark = pytest.mark.live
LEAVES_WITHIN = 5.0


@dataclass(frozen=True)
class Pair:
    """The owner of a cluster's state and a member."""

    owner: NodeProcess
    member: NodeProcess


@pytest.fixture(scope="module")
def pair(shared_site: Site) -> Pair:
    return start_pair(shared_site)


def start_pair(site: Site) -> Pair:
    owner = site.start(OWNER)
    member = site.start("second", seeds=[owner])
    site.wait_for_members(owner, OWNER, "second")
    site.wait_for_members(member, OWNER, "second")
    return Pair(owner, member)


# What the official client sees


def test_the_official_client_learns_whom_it_speaks_to(shared_site: Site, pair: Pair) -> None:
    with shared_site.client(pair.member) as client:
        info = client.info()
    assert info.meta.headers["x-elastic-product"] == "Elasticsearch"
    assert info["name"] == "second"
    assert info["cluster_name"] == CLUSTER
    assert info["version"]["number"].startswith("8.")
    with shared_site.client(pair.owner) as client:
        assert client.info()["cluster_uuid"] == info["cluster_uuid"]


def test_each_node_lists_both(shared_site: Site, pair: Pair) -> None:
    for node in (pair.owner, pair.member):
        with shared_site.client(node) as client:
            table = client.cat.nodes(v=True, h="master,name", s="name").body
        assert [line.split() for line in str(table).splitlines()] == [
            ["master", "name"],
            ["*", OWNER],
            ["-", "second"],
        ]


def test_health_counts_both_and_warns_of_nothing(shared_site: Site, pair: Pair) -> None:
    with shared_site.client(pair.member) as client:
        health = client.cluster.health(wait_for_nodes="2", timeout="10s")
    assert (health["status"], health["number_of_nodes"], health["timed_out"]) == ("green", 2, False)


def test_the_nodes_api_shows_the_addresses_that_are_bound(shared_site: Site, pair: Pair) -> None:
    with shared_site.client(pair.owner) as client:
        nodes = {node["name"]: node for node in client.nodes.info()["nodes"].values()}
    assert {name: node["transport_address"] for name, node in nodes.items()} == {
        OWNER: pair.owner.transport,
        "second": pair.member.transport,
    }
    assert nodes["second"]["http"]["publish_address"] == pair.member.http


def test_the_certificates_in_use_are_listed(shared_site: Site, pair: Pair) -> None:
    with shared_site.client(pair.member) as client:
        certificates = client.ssl.certificates().body
    assert {"CN=cluster CA", "CN=second"} == {one["subject_dn"] for one in certificates}


def test_a_wrong_password_and_none_are_401(shared_site: Site, pair: Pair) -> None:
    with shared_site.client(pair.member, "wrong") as client, pytest.raises(AuthenticationException) as caught:
        client.info()
    assert caught.value.status_code == 401
    assert caught.value.error == "security_exception"
    with shared_site.client(pair.member) as client, pytest.raises(AuthenticationException):
        client.options(headers={"authorization": ""}).info()


# Coming and going


def test_a_node_told_to_end_ends_cleanly_leaves_the_list_and_comes_back(shared_site: Site, pair: Pair) -> None:
    begun = time.monotonic()
    assert pair.member.stop() == 0
    shared_site.wait_for_members(pair.owner, OWNER, seconds=LEAVES_WITHIN - (time.monotonic() - begun))
    assert pair.member.logged("stopped")
    _bring_back(shared_site, pair)


def test_a_node_that_is_killed_leaves_the_list_and_comes_back(shared_site: Site, pair: Pair) -> None:
    assert pair.member.kill() == -9
    shared_site.wait_for_members(pair.owner, OWNER, seconds=LEAVES_WITHIN)
    _bring_back(shared_site, pair)


def _bring_back(site: Site, pair: Pair) -> None:
    pair.member.start()
    pair.member.wait_until_bound()
    site.wait_for_members(pair.member, OWNER, "second")
    site.wait_for_members(pair.owner, OWNER, "second")


# Who may not join


def test_a_second_node_of_the_same_name_is_refused(shared_site: Site, pair: Pair) -> None:
    twin = shared_site.start("twin", node_name="second", seeds=[pair.owner])
    assert f"a node named [second] is already a member, at {pair.member.transport}" in _refusal(
        twin, "already a member"
    )
    assert "[second]" in _refusal(pair.owner, "refused to let")
    _end(shared_site, pair, twin)


def test_a_node_of_another_clusters_name_is_refused(shared_site: Site, pair: Pair) -> None:
    stranger = shared_site.start("stranger", seeds=[pair.owner], settings={"cluster.name": "other"})
    assert "[other]" in _refusal(stranger, f"belongs to the cluster [{CLUSTER}]")
    _end(shared_site, pair, stranger)


def test_a_second_initial_master_is_refused(shared_site: Site, pair: Pair) -> None:
    settings = {"cluster.initial_master_nodes": ["rival"]}
    rival = shared_site.start("rival", seeds=[pair.member], settings=settings)
    assert "remove cluster.initial_master_nodes" in _refusal(rival, f"cluster [{CLUSTER}] exists already")
    _end(shared_site, pair, rival)


def _refusal(node: NodeProcess, part: str) -> str:
    return str(node.wait_until_logged(part)["message"])


def _end(site: Site, pair: Pair, refused: NodeProcess) -> None:
    """Whoever was refused ends cleanly all the same, and has changed nothing."""
    assert refused.stop() == 0
    assert site.names(pair.owner) == [OWNER, "second"]
