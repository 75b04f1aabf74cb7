"""What is told of indices: health, tables, statistics, fields, tokens."""

from __future__ import annotations

import pytest

from tests.rest.indices.conftest import Asking
from tests.rest.node import FIRST, SECOND

FIELDS = {"properties": {"n": {"type": "long"}, "t": {"type": "text"}}}


async def test_an_index_that_wants_copies_is_yellow_and_the_cluster_with_it(ask: Asking) -> None:
    await ask.done("PUT", "/green")
    assert (await ask.done("GET", "/_cluster/health"))["status"] == "green"
    await ask.done("PUT", "/yellow", {"settings": {"number_of_replicas": 2}})
    told = await ask.done("GET", "/_cluster/health?level=indices")
    assert (told["status"], told["active_shards"], told["unassigned_shards"]) == ("yellow", 2, 2)
    assert told["active_shards_percent_as_number"] == 50.0
    assert {name: one["status"] for name, one in told["indices"].items()} == {"green": "green", "yellow": "yellow"}
    assert (await ask.done("GET", "/_cluster/health/green"))["status"] == "green"
    line = await ask.table("/_cat/health?h=cluster,status,nt,shards,unassign,asp")
    assert line == [["demo", "yellow", "2", "2", "2", "50.0%"]]


async def test_an_index_whose_node_is_away_is_red(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    ask.node.present = [SECOND]
    told = await ask.done("GET", "/_cluster/health/logs?level=shards")
    assert (told["status"], told["unassigned_primary_shards"]) == ("red", 1)
    assert told["indices"]["logs"]["shards"]["0"]["primary_active"] is False


async def test_what_is_waited_for_in_vain_is_told_as_such(ask: Asking) -> None:
    await ask.done("PUT", "/logs", {"settings": {"number_of_replicas": 1}})
    for path in ("/_cluster/health/absent?timeout=10ms", "/_cluster/health?timeout=10ms&wait_for_active_shards=all"):
        answer = await ask("GET", path)
        assert (answer.status, answer.json["timed_out"]) == (408, True)
    assert (await ask("GET", "/_cluster/health?wait_for_active_shards=1")).status == 200


async def test_tables_tell_of_indices_aliases_shards_and_templates(ask: Asking) -> None:
    await ask.done(
        "PUT", "/logs", {"settings": {"number_of_replicas": 1}, "aliases": {"all": {"is_write_index": True}}}
    )
    await ask.done("PUT", "/_index_template/t", {"index_patterns": ["x*"], "priority": 3})
    await ask.done("PUT", "/logs/_doc/1?refresh=true", {"n": 1})
    assert await ask.table("/_cat/indices?h=health,index,pri,rep,docs.count") == [["yellow", "logs", "1", "1", "1"]]
    assert await ask.table("/_cat/aliases?h=alias,index,is_write_index") == [["all", "logs", "true"]]
    assert await ask.table("/_cat/shards?h=index,shard,prirep,state,docs,ip,node") == [
        ["logs", "0", "p", "STARTED", "1", FIRST.ip, FIRST.name],
        ["logs", "0", "r", "UNASSIGNED", "-", "-", "-"],
    ]
    assert await ask.table("/_cat/templates?h=name,index_patterns,order") == [["t", "[x*]", "3"]]
    assert "/_cat/indices" in (await ask("GET", "/_cat")).text.split()


async def test_numbers_of_indices_are_told_and_added(ask: Asking) -> None:
    for name in ("one", "two"):
        await ask.done("PUT", f"/{name}")
        await ask.done("PUT", f"/{name}/_doc/1", {"n": 1})
    assert (await ask.done("POST", "/_refresh"))["_shards"] == {"total": 2, "successful": 2, "failed": 0}
    assert (await ask.done("POST", "/one/_flush"))["_shards"] == {"total": 1, "successful": 1, "failed": 0}
    told = await ask.done("GET", "/_stats")
    assert told["_all"]["primaries"]["docs"]["count"] == 2
    assert told["indices"]["one"]["total"]["docs"]["count"] == 1


async def test_some_numbers_may_be_asked_for_alone(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    assert set((await ask.done("GET", "/logs/_stats/docs,store"))["indices"]["logs"]["total"]) == {"docs", "store"}
    assert "nonsense" in (await ask("GET", "/logs/_stats/nonsense")).reason


async def test_copies_that_nobody_holds_count_as_not_reached(ask: Asking) -> None:
    await ask.done("PUT", "/logs", {"settings": {"number_of_replicas": 1}})
    assert (await ask.done("POST", "/logs/_refresh"))["_shards"] == {"total": 2, "successful": 1, "failed": 0}


async def test_names_are_resolved(ask: Asking) -> None:
    await ask.done("PUT", "/logs-1", {"aliases": {"logs": {}}})
    told = await ask.done("GET", "/_resolve/index/logs*")
    assert told["indices"] == [{"name": "logs-1", "aliases": ["logs"], "attributes": ["open"]}]
    assert told["aliases"] == [{"name": "logs", "indices": ["logs-1"]}]


async def test_a_hidden_index_is_told_to_be_so(ask: Asking) -> None:
    await ask.done("PUT", "/.logs", {"settings": {"index.hidden": True}})
    told = await ask.done("GET", "/_resolve/index/.logs")
    assert told["indices"] == [{"name": ".logs", "attributes": ["hidden", "open"]}]


async def test_fields_are_told_with_what_can_be_done_with_them(ask: Asking) -> None:
    await ask.done("PUT", "/one", {"mappings": FIELDS})
    await ask.done("PUT", "/two", {"mappings": {"properties": {"n": {"type": "keyword"}}}})
    told = await ask.done("GET", "/_field_caps?fields=n,t")
    assert set(told["fields"]["n"]) == {"long", "keyword"}
    assert told["fields"]["n"]["long"]["indices"] == ["one"]
    assert (told["fields"]["t"]["text"]["searchable"], told["fields"]["t"]["text"]["aggregatable"]) == (True, False)


async def test_fields_that_some_indices_lack_are_told_on_request(ask: Asking) -> None:
    await ask.done("PUT", "/one", {"mappings": {"properties": {"host": {"properties": {"name": {"type": "keyword"}}}}}})
    await ask.done("PUT", "/two")
    told = (await ask.done("GET", "/_field_caps?fields=host.name&include_unmapped=true"))["fields"]
    assert told["host.name"]["keyword"]["indices"] == ["one"]
    assert told["host.name"]["unmapped"]["indices"] == ["two"]
    assert (told["host"]["object"]["type"], told["host"]["object"]["searchable"]) == ("object", False)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/_field_caps", None),
        ("/_field_caps", [1]),
        ("/_field_caps?fields=a", 3),
        ("/_analyze", []),
        ("/_analyze", {"analyzer": "none", "text": "a"}),
        ("/_analyze", {"txt": "a"}),
    ],
)
async def test_a_question_that_is_not_understood_is_refused(ask: Asking, path: str, body: object) -> None:
    assert (await ask("POST", path, body)).status == 400


async def test_a_text_is_shown_as_its_tokens(ask: Asking) -> None:
    await ask.done("PUT", "/logs", {"mappings": {"properties": {"t": {"type": "text", "analyzer": "english"}}}})
    by_name = await ask.done("POST", "/_analyze", {"analyzer": "standard", "text": "Quick foxes"})
    assert [one["token"] for one in by_name["tokens"]] == ["quick", "foxes"]
    assert by_name["tokens"][1] == {
        "token": "foxes",
        "start_offset": 6,
        "end_offset": 11,
        "type": "<ALPHANUM>",
        "position": 1,
    }
    by_field = await ask.done("POST", "/logs/_analyze", {"field": "t", "text": "Quick foxes"})
    assert [one["token"] for one in by_field["tokens"]] == ["quick", "fox"]


@pytest.mark.parametrize(
    ("parts", "tokens"),
    [
        ({"tokenizer": "whitespace", "filter": ["lowercase", {"type": "stop", "stopwords": ["b"]}]}, ["a-b", "c"]),
        ({"tokenizer": {"type": "ngram", "min_gram": 2, "max_gram": 2}}, ["A-", "-B", "B ", " b", "b ", " C"]),
        ({"filter": ["lowercase"]}, ["a-b b c"]),
    ],
)
async def test_an_analyzer_is_tried_out_from_parts_that_are_defined_in_their_place(
    ask: Asking, parts: dict[str, object], tokens: list[str]
) -> None:
    told = await ask.done("POST", "/_analyze", {"text": "A-B b C", **parts})
    assert [one["token"] for one in told["tokens"]] == tokens


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"field": "n"}, "Can't process field [n], Analysis requests are only supported on tokenized fields"),
        ({"field": "t", "filter": ["stop"]}, "cannot define extra components on a field-specific analyzer"),
        ({"analyzer": "standard", "tokenizer": "letter"}, "cannot define extra components on a named analyzer"),
        ({"tokenizer": "letter", "filter": [{"type": "synonym"}]}, "of type [synonym] is not supported"),
        ({"tokenizer": "letter", "filter": [3]}, "a [filter] is a name or an object"),
    ],
)
async def test_what_cannot_be_analyzed_is_named(ask: Asking, body: dict[str, object], reason: str) -> None:
    await ask.done("PUT", "/logs", {"mappings": FIELDS})
    refused = await ask("POST", "/logs/_analyze", {"text": "a", **body})
    assert (refused.status, reason in refused.reason) == (400, True)


async def test_numbers_are_told_down_to_a_level(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    assert "indices" not in await ask.done("GET", "/_stats?level=cluster")
    assert "shards" not in (await ask.done("GET", "/_stats"))["indices"]["logs"]
    (shard,) = (await ask.done("GET", "/logs/_stats/docs?level=shards"))["indices"]["logs"]["shards"]["0"]
    assert (shard["routing"]["state"], shard["docs"]["count"]) == ("STARTED", 0)
    refused = await ask("GET", "/_stats?level=planet")
    assert (refused.status, "[level]" in refused.text) == (400, True)
