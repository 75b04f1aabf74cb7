"""What the APIs tell: the node, the cluster's health, the members, the certificates."""

from __future__ import annotations

import asyncio

import pytest

from tests.rest.client import Client
from tests.rest.node import FIRST, SECOND, ANode


async def test_the_root_tells_who_answers(client: Client, node: ANode) -> None:
    body = (await client.get("/")).json
    assert (body["name"], body["cluster_name"], body["cluster_uuid"]) == ("node-0001", "demo", "uuid-1")
    assert body["version"]["number"] == "8.19.99"
    assert body["version"]["minimum_wire_compatibility_version"] == "7.17.0"
    node.cluster_uuid = None
    assert (await client.get("/")).json["cluster_uuid"] == "_na_"


async def test_health_counts_nodes_and_carries_warnings(client: Client, node: ANode) -> None:
    body = (await client.get("/_cluster/health")).json
    assert (body["cluster_name"], body["status"], body["timed_out"]) == ("demo", "green", False)
    assert (body["number_of_nodes"], body["number_of_data_nodes"]) == (2, 2)
    assert "warnings" not in body
    node.master, node.warnings = None, ("the owner is lost",)
    body = (await client.get("/_cluster/health?human")).json
    assert (body["status"], body["warnings"], body["active_shards_percent"]) == ("red", ["the owner is lost"], "100.0%")


@pytest.mark.parametrize("wanted", ["2", ">=2", "<3", "ge(1)", "lt(3)", "gt(1)", "le(2)", "<=2", ">1"])
async def test_health_answers_at_once_when_the_nodes_are_there(client: Client, wanted: str) -> None:
    assert (await client.get(f"/_cluster/health?wait_for_nodes={wanted}")).json["timed_out"] is False


async def test_health_waits_for_a_node_to_come(client: Client, node: ANode) -> None:
    node.present = [FIRST]
    waiting = asyncio.create_task(client.get("/_cluster/health?wait_for_nodes=2&timeout=20s"))
    await client.get("/")
    assert not waiting.done()
    node.change([FIRST, SECOND])
    body = (await waiting).json
    assert (body["number_of_nodes"], body["timed_out"]) == (2, False)


async def test_health_says_when_it_waited_in_vain(client: Client) -> None:
    answer = await client.get("/_cluster/health?wait_for_nodes=3&timeout=1ms")
    assert (answer.status, answer.json["timed_out"]) == (408, True)


async def test_health_waits_for_a_status(client: Client, node: ANode) -> None:
    assert (await client.get("/_cluster/health?wait_for_status=yellow")).json["timed_out"] is False
    node.master = None
    assert (await client.get("/_cluster/health?wait_for_status=yellow&timeout=1ms")).json["timed_out"] is True


@pytest.mark.parametrize("query", ["wait_for_nodes=many", "wait_for_status=blue", "timeout=soon", "level=shard"])
async def test_health_refuses_what_it_cannot_wait_for(client: Client, query: str) -> None:
    answer = await client.get(f"/_cluster/health?{query}")
    assert (answer.status, answer.type) == (400, "illegal_argument_exception")
    assert query.partition("=")[0] in answer.reason


async def test_nodes_tell_where_clients_reach_them(client: Client) -> None:
    body = (await client.get("/_nodes/_all/http")).json
    assert body["_nodes"] == {"total": 2, "successful": 2, "failed": 0}
    first = body["nodes"][FIRST.id]
    assert first["http"]["publish_address"] == "127.0.0.11:9200"
    assert first["http"]["max_content_length_in_bytes"] == 104857600
    assert (first["name"], first["roles"][0], first["attributes"]) == ("node-0001", "data", {"rack": "r1"})
    assert "os" not in first


@pytest.mark.parametrize(
    ("path", "ids", "sections"),
    [
        ("/_nodes", [FIRST.id, SECOND.id], {"os", "process", "transport", "http"}),
        ("/_nodes/_local", [FIRST.id], {"os", "process", "transport", "http"}),
        ("/_nodes/http,os", [FIRST.id, SECOND.id], {"http", "os"}),
        ("/_nodes/node-0002/transport", [SECOND.id], {"transport"}),
        ("/_nodes/nobody", [], set()),
        ("/_nodes/_all/_none", [FIRST.id, SECOND.id], set()),
    ],
)
async def test_a_path_chooses_members_and_sections(
    client: Client, path: str, ids: list[str], sections: set[str]
) -> None:
    body = (await client.get(path)).json
    assert sorted(body["nodes"]) == ids
    for told in body["nodes"].values():
        assert set(told) & {"os", "process", "transport", "http"} == sections


async def test_a_member_that_does_not_answer_is_counted_and_named(client: Client, node: ANode) -> None:
    node.answers[SECOND.id] = "timed out"
    body = (await client.get("/_nodes/http")).json
    assert list(body["nodes"]) == [FIRST.id]
    assert body["_nodes"]["failed"] == 1
    assert body["_nodes"]["failures"][0]["node_id"] == SECOND.id


@pytest.mark.parametrize("path", ["/_nodes/jvm", "/_nodes/_all/settings", "/_nodes/_all/htpt"])
async def test_a_section_that_there_is_not_is_refused_by_name(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 400
    assert f"[{path.rpartition('/')[2]}]" in answer.reason


@pytest.mark.parametrize("path", ["/_nodes/stats", "/_nodes/usage", "/_nodes/hot_threads", "/_nodes/stats/http"])
async def test_another_api_is_not_taken_for_the_name_of_a_node(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status == 400
    assert f"[{path.split('/')[2]}], which is not supported" in answer.reason


async def test_certificates_in_use_are_told(client: Client) -> None:
    assert (await client.get("/_ssl/certificates")).json == [
        {
            "path": "certs/http.p12",
            "format": "PKCS12",
            "alias": "http",
            "subject_dn": "CN=node-0001",
            "serial_number": "1f",
            "has_private_key": True,
            "expiry": "2030-01-02T03:04:05.000Z",
            "issuer": "CN=Demo CA",
        }
    ]
