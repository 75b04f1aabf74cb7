"""The whole rotation of a CA on a real Elasticsearch cluster of two nodes, under constant requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.certificates import Authority, Issued, make_ca
from tests.interop import material
from tests.interop.calling import begin, doctor, isthmus, read_until
from tests.interop.cluster import NAMES, Cluster, Node
from tests.interop.conftest import MakeCluster
from tests.interop.judge import is_let_in, is_trusted, read_authority, served_by
from tests.interop.material import Keep
from tests.interop.told import tell
from tests.interop.traffic import constant_requests

pytestmark = pytest.mark.interop

WAYS = [material.in_pem, material.in_one_store, material.in_sealed_pem]


@pytest.mark.parametrize("keep", WAYS, ids=lambda keep: keep.__name__)
async def test_a_real_cluster_changes_its_ca_and_no_request_fails(make_cluster: MakeCluster, keep: Keep) -> None:
    old = make_ca("old CA")
    cluster = make_cluster(old, keep)
    work = cluster.root / "rotation"
    cluster.start()
    await cluster.wait_until_whole()
    before = {node.name: _serials(node) for node in cluster.nodes}
    async with constant_requests(cluster) as tally:
        planned = await isthmus("rotate", "plan", *_wishes(cluster, work))
        applied = await isthmus("rotate", "apply", "--work", work)
    tell(f"{keep.__name__}: {tally}", applied.output, *_log_counts(cluster))
    assert planned.status == 0, planned.output
    assert applied.status == 0, applied.output
    assert tally.failed == []
    assert [client.connections for client in tally.kept] == [1, 1], "a kept connection was lost"
    new = read_authority(work / "ca")
    for node in cluster.nodes:
        assert not set(_serials(node)) & set(before[node.name])
        _assert_changed(node, old, new, cluster.root)
    await _restart(cluster, cluster.nodes[1])


async def test_a_rotation_that_was_killed_in_the_middle_is_resumed_and_no_request_fails(
    make_cluster: MakeCluster,
) -> None:
    old = make_ca("old CA")
    cluster = make_cluster(old, material.in_pem)
    work = cluster.root / "rotation"
    cluster.start()
    await cluster.wait_until_whole()
    reports = [await doctor(*cluster.folders)]
    async with constant_requests(cluster) as tally:
        await isthmus("rotate", "plan", *_wishes(cluster, work))
        running = await begin("rotate", "apply", "--work", work)
        await read_until(running, f"transport: reissue {NAMES[1]}")
        running.kill()
        await running.wait()
        reports.append(await doctor(*cluster.folders))
        resumed = await isthmus("rotate", "resume", "--work", work)
    reports.append(await doctor(*cluster.folders))
    tell(f"killed while reissuing, resumed: {tally}", resumed.output, *map(_doctor_words, reports))
    assert resumed.status == 0, resumed.output
    assert tally.failed == []
    for status, report in reports:
        assert status == 0, report["findings"]
        assert report["trust"]["nodes"] == list(NAMES)
        assert report["trust"]["failures"] == []
    for node in cluster.nodes:
        _assert_changed(node, old, read_authority(work / "ca"), cluster.root)


async def test_a_real_cluster_goes_back_from_the_middle_and_no_request_fails(make_cluster: MakeCluster) -> None:
    old = make_ca("old CA")
    cluster = make_cluster(old, material.in_one_store)
    work = cluster.root / "rotation"
    cluster.start()
    await cluster.wait_until_whole()
    before = [_serials(node) for node in cluster.nodes]
    async with constant_requests(cluster) as tally:
        await isthmus("rotate", "plan", *_wishes(cluster, work))
        running = await begin("rotate", "apply", "--work", work)
        await read_until(running, f"transport: narrow {NAMES[0]}")
        running.kill()
        await running.wait()
        aborted = await isthmus("rotate", "abort", "--work", work)
    tell(f"killed while narrowing, aborted: {tally}", aborted.output)
    assert aborted.status == 0, aborted.output
    assert tally.failed == []
    assert [_serials(node) for node in cluster.nodes] == before
    for node in cluster.nodes:
        _assert_changed(node, read_authority(work / "ca"), old, cluster.root)


def _wishes(cluster: Cluster, work: Path) -> list[str]:
    clients = ["--client-trust", str(cluster.trust), "--no-other-clients"]
    return ["--work", str(work), "--new-ca", *clients, *cluster.folders]


def _serials(node: Node) -> list[int]:
    return [served_by(port).serial_number for port in (node.transport, node.http)]


def _assert_changed(node: Node, old: Authority, new: Authority, scratch: Path) -> None:
    """Both ports serve what `new` signed; a key that `old` signed is refused by the transport."""
    for port in (node.transport, node.http):
        assert is_trusted(port, new)
        assert not is_trusted(port, old)
    assert is_let_in(node.transport, _key_of(new), scratch)
    assert not is_let_in(node.transport, _key_of(old), scratch)


def _key_of(ca: Authority) -> Issued:
    return ca.issue("stranger")


async def _restart(cluster: Cluster, node: Node) -> None:
    """All connections between the nodes are made anew, and the cluster is whole again."""
    node.process.stop()
    node.process.start()
    await cluster.wait_until_whole()


def _log_counts(cluster: Cluster) -> list[str]:
    """How often each node took up files, and how often it told of a key that it refused."""
    lines = [(node.name, node.process.log()) for node in cluster.nodes]
    return [
        f"{name} logged {sum('updated' in one and 'ssl contexts' in one for one in log)} reloads, "
        f"{sum('failed to establish trust with client' in one for one in log)} refused keys"
        for name, log in lines
    ]


def _doctor_words(report: tuple[int, dict[str, object]]) -> str:
    status, told = report
    return f"doctor: exit status {status}, {json.dumps(told['counts'])}"
