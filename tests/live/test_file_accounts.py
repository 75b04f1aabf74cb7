"""What the command line writes into the files of a running node counts soon, without a restart."""

from __future__ import annotations

import pytest
from elasticsearch import AuthenticationException, Elasticsearch

from isthmus.demo.nodes import wait_for
from tests.live.secrets_made import note
from tests.live.site import OWNER, SOON, Site, isthmus

pytestmark = pytest.mark.live

WORD = "s3cret-of-a-file"


def test_users_and_tokens_of_files_come_and_go_while_the_node_runs(site: Site) -> None:
    note(WORD)
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    assert isthmus(node.folder, "users", "useradd", "jo", "-r", "viewer", stdin=f"{WORD}\n").returncode == 0
    made = isthmus(node.folder, "service-tokens", "create", "elastic/kibana", "one").stdout
    token = made.strip().partition(" = ")[2]
    note(token)
    with site.client(node) as client:
        jo, kibana = client.options(basic_auth=("jo", WORD)), client.options(bearer_auth=token)
        wait_for(lambda: name_of(jo) == "jo" and name_of(kibana) == "elastic/kibana", SOON, "both to be let in")
        assert jo.security.authenticate().body["roles"] == ["viewer"]
        isthmus(node.folder, "users", "userdel", "jo")
        isthmus(node.folder, "service-tokens", "delete", "elastic/kibana", "one")
        wait_for(lambda: name_of(jo) is None and name_of(kibana) is None, SOON, "both to be refused")


def name_of(client: Elasticsearch) -> str | None:
    """Who asks, None if it is not known."""
    try:
        return str(client.security.authenticate().body["username"])
    except AuthenticationException:
        return None
