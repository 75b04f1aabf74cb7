"""The page's requests for roles and users, as they stand there, by the official clients and by curl."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess
from tests.live.secrets_made import note
from tests.live.site import OWNER, Site
from tests.seeds.blocks import page_blocks
from tests.seeds.running import RUN

pytestmark = pytest.mark.live

WORD = "l0ng-r4nd0m-p@ssw0rd"
ROLES = {
    "remote-replication": ("leader-index", ["cross_cluster_replication"]),
    "remote-search": ("target-index", ["read", "read_cross_cluster", "view_index_metadata"]),
}
USERS = {"cross-cluster-user": "remote-replication", "cross-search-user": "remote-search"}


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
