"""A rotation from another machine: folders are copies, and a command brings the files to the nodes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.certificates import make_ca
from tests.interop import material
from tests.interop.calling import isthmus
from tests.interop.cluster import Cluster
from tests.interop.conftest import MakeCluster
from tests.interop.told import tell
from tests.interop.traffic import constant_requests

pytestmark = pytest.mark.interop

# As rsync --delay-updates does it: slowly to the node's disk, then all names at once.
BRING = 'cp -R "$0/certs" "$1/incoming" && sleep 1 && mv "$1"/incoming/* "$1/certs/" && rmdir "$1/incoming"'


async def test_a_rotation_by_a_command_that_brings_the_files_slowly_fails_no_request(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(make_ca("old CA"), material.in_pem)
    work = cluster.root / "rotation"
    inventory = _inventory(cluster)
    cluster.start()
    await cluster.wait_until_whole()
    async with constant_requests(cluster) as tally:
        wishes = ["--work", str(work), "--new-ca", "--no-other-clients", "--inventory", str(inventory)]
        await isthmus("rotate", "plan", *wishes)
        applied = await isthmus("rotate", "apply", "--work", work)
    tell(f"by a slow copy: {tally}", applied.output)
    assert applied.status == 0, applied.output
    assert tally.failed == []


def _inventory(cluster: Cluster) -> Path:
    nodes = []
    for node in cluster.nodes:
        copy = cluster.root / "control" / node.name
        shutil.copytree(node.folder, copy)
        nodes.append({"folder": str(copy), "copy": ["sh", "-c", BRING, "{source}", str(node.folder)]})
    path = cluster.root / "inventory.yml"
    path.write_text(json.dumps({"nodes": nodes, "clients": [{"name": "load", "file": str(cluster.trust)}]}))
    return path
