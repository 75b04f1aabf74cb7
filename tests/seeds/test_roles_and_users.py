"""The page's requests for roles and users, as they stand there, by the official clients and by curl."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess
from tests.live.clients import NO_CLIENT, javascript_client
from tests.live.secrets_made import note
from tests.live.site import OWNER, PASSWORD, SOON, Site
from tests.seeds.blocks import Block, page_blocks

pytestmark = pytest.mark.live

WORD = "l0ng-r4nd0m-p@ssw0rd"
ROLES = {
    "remote-replication": ("leader-index", ["cross_cluster_replication"]),
    "remote-search": ("target-index", ["read", "read_cross_cluster", "view_index_metadata"]),
}
USERS = {"cross-cluster-user": "remote-replication", "cross-search-user": "remote-search"}
TOLD = "console.log(JSON.stringify(response))"
CONNECTED = """
const { Client } = require('@elastic/elasticsearch')
const [url, trust] = process.argv.slice(1)
const ca = require('node:fs').readFileSync(trust)
const client = new Client({ node: url, auth: { username: 'elastic', password: process.env.PASSWORD }, tls: { ca } });
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("seed"))
    yield site
    site.close()


@pytest.fixture(scope="module")
def node(site: Site) -> NodeProcess:
    note(WORD)
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    return node


@pytest.fixture
def elastic(site: Site, node: NodeProcess) -> Iterator[Elasticsearch]:
    """The official client, with none of the page's roles and users there."""
    with site.client(node) as client:
        for name in ROLES:
            client.options(ignore_status=404).security.delete_role(name=name)
        for name in USERS:
            client.options(ignore_status=404).security.delete_user(username=name)
        yield client


def by_python(block: Block, site: Site, node: NodeProcess) -> Any:
    with site.client(node) as client:
        known: dict[str, Any] = {"client": client}
        exec(block.text, known)
        return known["resp"].body


def by_javascript(block: Block, site: Site, node: NodeProcess) -> Any:
    modules = javascript_client()
    if modules is None:
        pytest.skip(NO_CLIENT)
    script = f"{CONNECTED}(async () => {{\n{block.text.replace('console.log(response)', TOLD)}}})()"
    command = ["node", "-e", script, f"https://{node.http}", str(site.root / "ca.crt")]
    return json.loads(_output(command, {"NODE_PATH": modules, "PASSWORD": PASSWORD}))


def by_curl(block: Block, site: Site, node: NodeProcess) -> Any:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    method, path = block.text.splitlines()[0].split()
    body = block.text.partition("\n")[2]
    command = ["curl", "-sS", "--cacert", str(site.root / "ca.crt"), "-u", f"elastic:{PASSWORD}", "-X", method]
    command += ["-H", "Content-Type: application/json", "-d", body, f"https://{node.http}{path}"]
    return json.loads(_output(command, {}))


RUN: dict[str, Callable[[Block, Site, NodeProcess], Any]] = {
    "python": by_python,
    "javascript": by_javascript,
    "console": by_curl,
}


@pytest.mark.parametrize("kind", RUN)
def test_the_pages_roles_and_users_are_made_as_it_says(
    kind: str, site: Site, node: NodeProcess, elastic: Elasticsearch
) -> None:
    blocks = [block for block in page_blocks() if block.kind == kind and block.is_of_security]
    answers = [RUN[kind](block, site, node) for block in blocks]
    assert answers == [{"role": {"created": True}}, {"created": True}] * 2
    for name, (index, privileges) in ROLES.items():
        (remote,) = elastic.security.get_role(name=name).body[name]["remote_indices"]
        assert (remote["clusters"], remote["names"]) == (["my_remote_cluster"], [index])
        assert remote["privileges"] == privileges
    for name, role in USERS.items():
        who = elastic.options(basic_auth=(name, WORD)).security.authenticate().body
        assert (who["username"], who["roles"]) == (name, [role])


def _output(command: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=SOON * 2, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
