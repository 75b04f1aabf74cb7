"""The topology of deploy/compose with real addresses: two nodes that trust each other, and an alien."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isthmus.demo.nodes import NodeProcess
from tests.certificates import Issued, make_ca
from tests.live.namespaces import Machine, Network, why_impossible
from tests.live.site import Site

pytestmark = pytest.mark.live
ADDRESSES = {"node-0001": "172.28.9.11", "node-0002": "172.28.9.12", "node-0003": "172.28.9.13"}


@pytest.fixture
def machines() -> Iterator[dict[str, Machine]]:
    if reason := why_impossible():
        pytest.skip(reason)
    network = Network(ADDRESSES)
    yield network.machines
    network.close()


def test_two_nodes_meet_across_a_network_and_an_alien_stays_outside(machines: dict[str, Machine], site: Site) -> None:
    alien_ca = make_ca("alien CA")
    first = start(site, machines, "node-0001")
    second = start(site, machines, "node-0002", first)
    machines["node-0001"].run(site.wait_for_members, first, "node-0001", "node-0002")
    machines["node-0002"].run(site.wait_for_members, second, "node-0001", "node-0002")
    assert first.transport.startswith("172.28.9.11:")
    assert second.transport.startswith("172.28.9.12:")

    issued = alien_ca.issue("node-0003", ips=[ADDRESSES["node-0003"]])
    alien = start(site, machines, "node-0003", first, issued)
    there = str(alien.wait_until_logged("was not reached")["message"])
    assert "it refused our certificate: our CA is not trusted there" in there
    here = str(first.wait_until_logged("refused the connection from [172.28.9.13:")["message"])
    assert "with certificate [CN=node-0003]" in here
    assert "no CA trusted here issued it" in here
    assert machines["node-0002"].run(site.names, second) == ["node-0001", "node-0002"]


def start(
    site: Site, machines: dict[str, Machine], name: str, seed: NodeProcess | None = None, issued: Issued | None = None
) -> NodeProcess:
    """Start the node on its machine. An alien trusts the cluster: what it meets is that the cluster does not."""
    machine = machines[name]
    return machine.run(
        site.start,
        name,
        seeds=[seed] if seed else [],
        issued=issued or site.ca.issue(name, ips=[machine.address]),
        settings={"network.host": machine.address},
    )
