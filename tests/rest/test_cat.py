"""`_cat/nodes` as people and scripts ask for it."""

from __future__ import annotations

from tests.rest.client import Client
from tests.rest.node import FIRST, SECOND, ANode


async def test_a_line_a_member_with_elasticsearchs_columns(client: Client) -> None:
    answer = await client.get("/_cat/nodes?v")
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert [" ".join(line.split()) for line in answer.text.splitlines()] == [
        "ip heap.percent ram.percent cpu load_1m load_5m load_15m node.role master name",
        "127.0.0.11 - 25 7 0.50 1.25 2.00 dimr * node-0001",
        "127.0.0.12 - 25 7 0.50 1.25 2.00 d - node-0002",
    ]


async def test_columns_by_name_and_alias(client: Client) -> None:
    asked = "id,http,po,v,b,p,rss,u,dup,d,fdc,fdp,hc,r,m,n"
    answer = await client.get(f"/_cat/nodes?h={asked}&s=n")
    values = "AAAA 127.0.0.11:9200 9300 8.19.99 abc 42 80mb 1.5h 25.00 75gb 64 6 - dimr * node-0001"
    assert answer.text.splitlines()[0].split() == values.split()


async def test_ids_are_short_unless_asked_for_whole(client: Client) -> None:
    assert (await client.get("/_cat/nodes?h=id&s=id")).text == "AAAA\nBBBB\n"
    assert (await client.get("/_cat/nodes?h=id&s=id&full_id")).text == f"{FIRST.id}\n{SECOND.id}\n"


async def test_json_by_parameter_and_by_header(client: Client) -> None:
    expected = [
        {"ip": "127.0.0.12", "master": "-", "http": None},
        {"ip": "127.0.0.11", "master": "*", "http": "127.0.0.11:9200"},
    ]
    for answer in (
        await client.get("/_cat/nodes?h=ip,master,http&s=ip:desc&format=json"),
        await client.get("/_cat/nodes?h=ip,master,http&s=ip:desc", Accept="application/json"),
    ):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json == expected


async def test_help_names_every_column(client: Client) -> None:
    lines = (await client.get("/_cat/nodes?help")).text.splitlines()
    assert {"ip", "heap.percent", "node.role", "master", "name"} <= {line.split()[0] for line in lines}


async def test_members_are_asked_only_for_what_only_they_know(client: Client, node: ANode) -> None:
    await client.get("/_cat/nodes?h=name,ip,master,id")
    assert node.asked == []
    await client.get("/_cat/nodes?h=name,cpu")
    assert node.asked == [[FIRST.id, SECOND.id]]


async def test_a_member_that_does_not_answer_is_shown_with_dashes(client: Client, node: ANode) -> None:
    node.answers[SECOND.id] = "timed out"
    assert (await client.get("/_cat/nodes?h=name,cpu,load_1m&s=name")).text.split() == [
        *("node-0001", "7", "0.50"),
        *("node-0002", "-", "-"),
    ]


async def test_while_the_owner_is_away_nobody_is_the_master(client: Client, node: ANode) -> None:
    node.master = None
    assert (await client.get("/_cat/nodes?h=master")).text == "-\n-\n"


async def test_the_tables_are_listed(client: Client) -> None:
    assert "/_cat/nodes" in (await client.get("/_cat")).text.splitlines()


async def test_an_unknown_column_is_refused_with_what_was_meant(client: Client) -> None:
    answer = await client.get("/_cat/nodes?h=nmae")
    assert answer.status == 400
    assert "did you mean [name]" in answer.reason
