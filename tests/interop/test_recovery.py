"""A real cluster whose certificates have expired: its nodes run and do not find each other, until `rotate recover`."""

from __future__ import annotations

import pytest

from tests.certificates import Authority, make_ca
from tests.interop import material
from tests.interop.calling import doctor, isthmus
from tests.interop.client import eventually
from tests.interop.cluster import STARTS_WITHIN, Cluster
from tests.interop.conftest import MakeCluster
from tests.interop.judge import served_by
from tests.interop.told import tell
from tests.interop.traffic import constant_requests

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("new_ca", [True, False], ids=["new CA", "same CA"])
async def test_a_real_cluster_that_has_expired_is_brought_back(make_cluster: MakeCluster, *, new_ca: bool) -> None:
    """RKE2#8318, cockroach#14126: no way back after certificates expired while a cluster was down."""
    ca = make_ca("old CA")
    cluster = make_cluster(ca, material.in_pem, days=(-30, -1))
    work = cluster.root / "rotation"
    cluster.start()
    await _wait_until_apart(cluster)
    before = await doctor(*cluster.folders)
    planned = await isthmus("rotate", "plan", *_wishes(cluster, ca, new_ca=new_ca), "--work", work)
    recovered = await isthmus("rotate", "recover", "--work", work)
    tell(f"expired, {'new' if new_ca else 'same'} CA", planned.output, recovered.output)
    assert planned.status == 0, planned.output
    assert recovered.status == 0, recovered.output
    await cluster.wait_until_whole()
    async with constant_requests(cluster) as tally:
        after = await doctor(*cluster.folders)
    assert tally.failed == []
    assert (before[0], after[0]) == (2, 0)


def _wishes(cluster: Cluster, ca: Authority, *, new_ca: bool) -> list[str]:
    clients = ["--client-trust", str(cluster.trust), "--no-other-clients"]
    certificate, key = ca.write(cluster.root / "ca", "ca")
    signer = ["--new-ca"] if new_ca else ["--ca-cert", str(certificate), "--ca-key", str(key)]
    return [*signer, *clients, *cluster.folders]


async def _wait_until_apart(cluster: Cluster) -> None:
    """Both serve HTTPS, and the second refuses what the first serves on the transport."""

    async def is_apart() -> bool:
        refused = any("expired" in line for line in cluster.nodes[1].process.log())
        return refused and all(served_by(node.http) for node in cluster.nodes)

    await eventually(is_apart, STARTS_WITHIN, "the nodes to refuse each other")
