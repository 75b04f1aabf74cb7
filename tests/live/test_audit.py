"""The audit log of a live node, against what a real Elasticsearch 8.19 wrote; and no secret is in any log."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.pki.explain import fingerprint
from tests.live.site import CLUSTER, OWNER, PASSWORD, SOON, Site

pytestmark = pytest.mark.live
JO = "s3cret-of-jo-0"
RECORDED = Path(__file__).parents[1] / "security" / "audit" / "recorded.jsonl"
AUDITED = {
    "xpack.security.audit.enabled": True,
    "xpack.security.audit.logfile.events.include": ["_all"],
    "xpack.security.audit.logfile.events.emit_request_body": True,
}
Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    node = shared_site.start(OWNER, settings=AUDITED)
    shared_site.wait_for_members(node, OWNER)
    with shared_site.client(node) as elastic:
        for index in ("logs-a", "secret"):
            elastic.index(index=index, id="1", document={"a": 1}, refresh=True)
        elastic.security.put_role(name="r2", indices=[{"names": ["logs-*"], "privileges": ["read"]}])
        elastic.security.put_user(username="jo", password=JO, roles=["r2"])
    return node


@pytest.fixture
def elastic(shared_site: Site, node: NodeProcess) -> Iterator[Elasticsearch]:
    with shared_site.client(node) as client:
        yield client


@pytest.fixture
def jo(elastic: Elasticsearch) -> Elasticsearch:
    return elastic.options(basic_auth=("jo", JO), opaque_id="case")


def lines(node: NodeProcess, opaque_id: str, least: int) -> Lines:
    """The lines of the requests of an opaque id, once there are as many."""
    found: Lines = []

    def look() -> bool:
        text = (node.logs / f"{CLUSTER}_audit.json").read_text()
        whole = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        found[:] = [line for line in whole if line.get("opaque_id") == opaque_id]
        return len(found) >= least

    wait_for(look, SOON, f"{least} lines of {opaque_id}")
    return found


def decisions(written: Lines) -> Lines:
    """What was decided, without what is of the moment and of the node."""
    told = ("event.type", "event.action", "authentication.type", "user.name", "user.realm", "user.roles", "origin.type")
    more = ("action", "request.name", "indices")
    return [
        {key: line[key] for key in (*told, *more) if key in line}
        for line in written
        if line["event.action"].startswith("access_")
    ]


@pytest.mark.parametrize(
    ("asked", "path", "body"),
    [
        ("POST /logs-*/_search?size=1", "/logs-*/_search?size=1", {"query": {"match_all": {}}}),
        ("GET /logs-a/_doc/1", "/logs-a/_doc/1", None),
        ("GET /secret/_search?q=x", "/secret/_search?q=x", None),
    ],
)
def test_what_is_granted_and_denied_is_told_as_elasticsearch_tells_it(
    elastic: Elasticsearch, node: NodeProcess, asked: str, path: str, body: Any
) -> None:
    (recorded,) = (one["lines"] for one in map(json.loads, RECORDED.read_text().splitlines()) if one["asked"] == asked)
    jo = elastic.options(basic_auth=("jo", JO), opaque_id=asked, ignore_status=403)
    headers = {"accept": "application/json", "content-type": "application/json"}
    jo.perform_request(asked.partition(" ")[0], path, headers=headers, body=body)
    written = lines(node, asked, 2)
    assert decisions(written) == decisions(recorded)
    assert len({line["request.id"] for line in written}) == 1
    assert {line["origin.address"].rpartition(":")[0] for line in written} == {"127.0.0.1"}
    assert {(line["type"], bool(line["node.id"]), bool(line["cluster.uuid"])) for line in written} == {
        ("audit", True, True)
    }


def test_a_bulk_request_is_told_by_index_and_not_by_item(elastic: Elasticsearch, node: NodeProcess) -> None:
    items = [part for index in ("logs-a", "secret") * 50 for part in ({"index": {"_index": index}}, {"n": 1})]
    elastic.options(opaque_id="bulk").bulk(operations=items)
    written = [(line["action"], line.get("indices")) for line in decisions(lines(node, "bulk", 4))]
    assert sorted(written, key=str) == [
        ("indices:data/write/bulk", None),
        ("indices:data/write/index:op_type/create", ["logs-a"]),
        ("indices:data/write/index:op_type/create", ["secret"]),
    ]


def test_no_secret_that_is_made_is_in_a_log(shared_site: Site, elastic: Elasticsearch, node: NodeProcess) -> None:
    asker = elastic.options(opaque_id="secrets")
    key = asker.security.create_api_key(name="k")
    granted = asker.security.grant_api_key(grant_type="password", username="jo", password=JO, api_key={"name": "g"})
    service = asker.security.create_service_token(namespace="elastic", service="fleet-server", name="t")
    access = asker.security.get_token(grant_type="password", username="jo", password=JO)
    asker.security.change_password(username="jo", password=JO)
    for shown in (
        {"api_key": key["encoded"]},
        {"api_key": granted["encoded"]},
        {"bearer_auth": service["token"]["value"]},
        {"bearer_auth": access["access_token"]},
    ):
        assert elastic.options(opaque_id="shown", **shown).security.authenticate()
    with pytest.raises(ApiError):
        elastic.options(opaque_id="shown", api_key=(key["id"], "wr0ng-secret")).security.authenticate()
    assert lines(node, "secrets", 10)
    assert lines(node, "shown", 9)
    told = (node.logs / f"{CLUSTER}_audit.json").read_text()
    assert "create_service_token" in told
    for secret in (key["api_key"], granted["encoded"], service["token"]["value"], access["refresh_token"], JO):
        assert secret not in told
    assert shared_site.logs()


def test_a_peer_with_a_denied_certificate_is_told(shared_site: Site, elastic: Elasticsearch, node: NodeProcess) -> None:
    stolen = shared_site.ca.issue("stolen")
    elastic.cluster.put_settings(
        persistent={"isthmus.tls.denied_certificates": f"sha256:{fingerprint(stolen.certificate)}"}
    )
    context = ssl.create_default_context(cafile=str(shared_site.root / "ca.crt"))
    context.check_hostname = False
    context.load_cert_chain(*stolen.write(shared_site.root / "stolen"))
    host, _, port = node.transport.rpartition(":")
    with (
        socket.create_connection((host, int(port))) as plain,
        suppress(OSError),
        context.wrap_socket(plain) as wrapped,
    ):
        wrapped.recv(1)
    wait_for(lambda: any(denied(node)), SOON, "the line of the denied peer")
    (line,) = denied(node)
    assert (line["transport.profile"], line["origin.type"]) == ("default", "transport")
    assert "CN=stolen" in line["rule"]


def denied(node: NodeProcess) -> Lines:
    """The lines of peers that were refused."""
    written = (node.logs / f"{CLUSTER}_audit.json").read_text().splitlines(keepends=True)
    read = [json.loads(line) for line in written if line.endswith("\n")]
    return [line for line in read if line["event.action"] == "connection_denied"]


def test_a_secret_in_a_log_is_found(site: Site) -> None:
    node = site.node(site.folder(OWNER, password=PASSWORD))
    node.logs.mkdir()
    leak = node.logs / "some.json"
    leak.write_text(f"fine\nand not: {PASSWORD}\n")
    with pytest.raises(AssertionError, match=r"some\.json:2"):
        site.close()
    leak.unlink()


def test_there_is_no_audit_log_unless_it_is_wanted(site: Site) -> None:
    node = site.start(OWNER)
    assert not (node.logs / f"{CLUSTER}_audit.json").exists()
