"""Secure settings of running nodes: read anew when asked for, and compared among the nodes."""

from __future__ import annotations

from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.keystore import FILE_NAME, Keystore
from tests.live.site import OWNER, PASSWORD, SOON, Site

pytestmark = pytest.mark.live
PATH = "/_nodes/reload_secure_settings"
CREDENTIALS = "cluster.remote.far.credentials"
LOW, VALUE, OTHER = "l0ng-r4nd0m-p@ssw0rd", "ZmFyOnNlY3JldC1vZi10aGUtc2l0ZQ==", "ZmFyOmFub3RoZXItc2VjcmV0LXN0aWxs"


def put(node: NodeProcess, name: str, value: str, password: str = "") -> None:
    keystore = Keystore.load(node.folder / FILE_NAME)
    keystore.put(name, value)
    keystore.change_password(password)
    keystore.save()


def reload(client: Elasticsearch, path: str = PATH, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"content-type": "application/json", "accept": "application/json"}
    answer: Any = client.perform_request("POST", path, headers=headers, body=body).body
    return {one["name"]: one.get("reload_exception") for one in answer["nodes"].values()}


def warnings(client: Elasticsearch) -> list[str]:
    told: Any = client.cluster.health().body
    return [one for one in told.get("warnings", []) if CREDENTIALS in one]


def test_nodes_read_their_keystores_anew_and_tell_what_differs(site: Site) -> None:
    first = site.start(OWNER)
    second = site.start("second", seeds=[first])
    site.wait_for_members(first, OWNER, "second")
    with site.client(first) as elastic, site.client(second) as at_second:
        put(first, CREDENTIALS, VALUE)
        assert reload(elastic, f"/_nodes/{OWNER}/reload_secure_settings") == {OWNER: None}
        logged = second.wait_until_logged(CREDENTIALS)["message"]
        assert f"[{CREDENTIALS}] is in the keystore of node [{OWNER}], and not in this one's" in logged
        put(second, CREDENTIALS, OTHER, password="of the keystore")
        refused = reload(elastic)
        assert refused[OWNER] is None
        assert refused["second"]["reason"]
        assert reload(elastic, body={"secure_settings_password": "of the keystore"})["second"] is None
        second.wait_until_logged("differs from that of node")
        told = f"node [second]: [{CREDENTIALS}] in the keystore differs from that of node [{OWNER}]"
        assert warnings(at_second) == [told]
        (second.folder / FILE_NAME).unlink()
        assert reload(elastic)["second"] == {"type": "illegal_state_exception", "reason": "Keystore is missing"}
        Keystore.create(second.folder / FILE_NAME).save()
        put(second, CREDENTIALS, VALUE)
        assert reload(elastic)["second"] is None
        assert "bootstrap.password" in second.wait_until_logged("it is read when the node starts")["message"]
        wait_for(lambda: not warnings(at_second), SOON, "both nodes to agree")
    files = (file for node in (first, second) for file in (node.folder / "logs").iterdir())
    logs = "".join(file.read_text() for file in files)
    assert not [secret for secret in (VALUE, OTHER, "of the keystore") if secret in logs]


def test_nodes_that_start_with_other_secrets_are_told_apart(site: Site) -> None:
    first = site.node(site.folder(OWNER, password=PASSWORD))
    put(first, CREDENTIALS, VALUE)
    first.start()
    first.wait_until_bound()
    second = site.node(site.folder("second", seeds=[first], password=PASSWORD))
    put(second, CREDENTIALS, OTHER)
    second.start()
    second.wait_until_bound()
    site.wait_for_members(first, OWNER, "second")
    assert f"[{CREDENTIALS}]" in second.wait_until_logged("differs from that of node [first]")["message"]
    with site.client(first) as elastic:
        wait_for(lambda: warnings(elastic) != [], 90.0, "the owner to tell of the other node")
        assert warnings(elastic)[0].startswith("node [second]: ")


def test_who_may_not_is_told_which_privilege_it_takes(site: Site) -> None:
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    with site.client(node) as elastic:
        elastic.security.put_role(name="watcher", cluster=["monitor"])
        elastic.security.put_user(username="jo", password=LOW, roles=["watcher"])
        with pytest.raises(ApiError) as caught:
            reload(elastic.options(basic_auth=("jo", LOW)))
    assert caught.value.status_code == 403
    assert str(caught.value.body["error"]["reason"]).startswith(
        "action [cluster:admin/nodes/reload_secure_settings] is unauthorized for user [jo] with effective roles "
        "[watcher], this action is granted by the cluster privileges [manage,all]"
    )
