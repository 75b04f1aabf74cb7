"""Documents over HTTP: paths, methods, media types, statuses and what is shown of a source."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, cast

import aiohttp
import pytest

from isthmus.cluster.indices.documents import Documents
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.documents.routes import document_routes
from isthmus.rest.documents.service import DocumentService
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator
from tests.rest.client import Answered, Client
from tests.rest.documents.holding import Memory
from tests.security.doubles import PASSWORD, basic

JSON = {"Content-Type": "application/json"}
LINES = "application/x-ndjson"
KIM = {"user": {"name": "kim", "age": 7}, "text": "hello"}


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
async def documents(memory: Memory, authenticator: Authenticator) -> AsyncIterator[Client]:
    service = DocumentService(memory, cast("Documents", memory), memory.refresh)
    app = make_app(document_routes(service), basic_gate(authenticator), max_content_length=1 << 20)
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        yield Client(session, "http://{}:{}".format(*server.bound[0]))
    await server.close()


async def send(client: Client, method: str, path: str, body: Any) -> Answered:
    return await client.ask(method, path, headers=JSON, data=json.dumps(body))


async def lines(client: Client, path: str, *given: Any, media: str = LINES) -> Answered:
    data = "".join(json.dumps(one) + "\n" for one in given)
    return await client.ask("POST", path, headers={"Content-Type": media}, data=data)


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_a_document_is_created_and_then_updated(documents: Client, method: str) -> None:
    first = await send(documents, method, "/people/_doc/1", KIM)
    again = await send(documents, method, "/people/_doc/1", KIM)
    assert (first.status, first.json["result"], first.json["_version"]) == (201, "created", 1)
    assert (again.status, again.json["result"], again.json["_version"]) == (200, "updated", 2)


async def test_what_was_created_is_told_where_it_is(documents: Client) -> None:
    made = await send(documents, "PUT", "/people/_doc/a%20b%2Fc?routing=x%26y", KIM)
    assert made.headers["Location"] == "/people/_doc/a%20b%2Fc?routing=x%26y"
    assert (await documents.get(made.headers["Location"])).json["_id"] == "a b/c"
    assert "Location" not in (await send(documents, "PUT", "/people/_doc/a%20b%2Fc", KIM)).headers


async def test_a_document_without_an_id_is_given_one(documents: Client) -> None:
    made = await send(documents, "POST", "/people/_doc", KIM)
    assert made.status == 201
    assert (await documents.get(f"/people/_doc/{made.json['_id']}")).json["_source"] == KIM


async def test_what_is_created_twice_is_a_conflict(documents: Client) -> None:
    await send(documents, "PUT", "/people/_create/1", KIM)
    refused = await send(documents, "PUT", "/people/_create/1", KIM)
    assert (refused.status, refused.type) == (409, "version_conflict_engine_exception")


async def test_a_document_that_is_not_there_is_told_so(documents: Client) -> None:
    await send(documents, "PUT", "/people/_doc/1", KIM)
    missing = await documents.get("/people/_doc/2")
    assert (missing.status, missing.json) == (404, {"_index": "people", "_id": "2", "found": False})
    assert (await documents.get("/people/_source/2")).type == "resource_not_found_exception"
    assert (await documents.ask("HEAD", "/people/_doc/2")).status == 404
    assert (await documents.ask("HEAD", "/people/_doc/1")).status == 200
    assert (await documents.ask("DELETE", "/people/_doc/2")).json["result"] == "not_found"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("_source=true", KIM),
        ("_source=text", {"text": "hello"}),
        ("_source_includes=user.*&_source_excludes=*.age", {"user": {"name": "kim"}}),
        ("_source_excludes=user", {"text": "hello"}),
        ("_source=false", None),
    ],
)
async def test_the_source_is_shown_as_it_is_asked_for(documents: Client, asked: str, shown: Any) -> None:
    await send(documents, "PUT", "/people/_doc/1", KIM)
    assert (await documents.get(f"/people/_doc/1?{asked}")).json.get("_source") == shown


async def test_the_source_alone_keeps_the_bytes_that_came(documents: Client) -> None:
    await documents.ask("PUT", "/people/_doc/1", headers=JSON, data='{"n": 1.0}')
    assert (await documents.get("/people/_source/1")).text == '{"n": 1.0}'


@pytest.mark.parametrize(
    "media", [LINES, "application/json", "application/vnd.elasticsearch+x-ndjson;compatible-with=8"]
)
async def test_each_item_of_a_bulk_request_has_its_own_status(documents: Client, media: str) -> None:
    answer = await lines(
        documents,
        "/people/_bulk",
        *({"index": {"_id": "1"}}, KIM),
        *({"create": {"_id": "1"}}, KIM),
        {"delete": {"_id": "9"}},
        *({"index": {"_id": "1", "_index": "nowhere"}}, KIM),
        media=media,
    )
    assert answer.status == 200
    assert answer.json["errors"] is True
    assert [next(iter(one.values()))["status"] for one in answer.json["items"]] == [201, 409, 404, 404]


@pytest.mark.parametrize(
    ("url", "said", "shown"),
    [
        ("", {"_source": True}, {"doc": {"n": 1}, "_source": True}),
        ("", {"_source": ["doc"]}, {"doc": {"n": 1}}),
        ("?_source=false", {"_source": True}, None),
        ("", {"_source": False}, None),
        ("", {}, None),
    ],
)
async def test_an_update_answers_with_the_parts_of_its_document_that_its_body_asks_for(
    documents: Client, url: str, said: dict[str, Any], shown: Any
) -> None:
    body = {"doc": {"n": 1}} | said
    told = (await send(documents, "POST", f"/people/_update/1{url}", body)).json
    assert told.get("get", {}).get("_source") == shown
    (item,) = (await lines(documents, f"/people/_bulk{url}", {"update": {"_id": "2"}}, body)).json["items"]
    assert ("get" in item["update"]) == (said.get("_source", False) is not False)


async def test_the_number_and_the_term_that_an_update_goes_by_are_given_together(documents: Client) -> None:
    refused = await send(documents, "POST", "/people/_update/1?if_seq_no=0", {"doc": {"n": 1}})
    assert (refused.status, refused.type) == (400, "action_request_validation_exception")


async def test_a_bulk_request_that_names_no_index_is_refused(documents: Client) -> None:
    refused = await lines(documents, "/_bulk", {"index": {"_id": "1"}}, KIM)
    assert (refused.status, refused.type) == (400, "action_request_validation_exception")


async def test_items_are_told_of_by_the_action_that_was_asked_for(documents: Client) -> None:
    answer = await lines(documents, "/people/_bulk", {"index": {}}, KIM, {"create": {}}, KIM)
    assert [list(one) for one in answer.json["items"]] == [["index"], ["create"]]


async def test_a_deletion_makes_no_index_unless_its_version_is_to_be_remembered(
    documents: Client, memory: Memory
) -> None:
    refused = await documents.ask("DELETE", "/people/_doc/1")
    assert (refused.status, refused.type) == (404, "index_not_found_exception")
    answer = await lines(documents, "/_bulk", {"delete": {"_index": "people", "_id": "1"}})
    assert answer.json["items"][0]["delete"]["error"]["type"] == "index_not_found_exception"
    assert memory.stored == {}
    await documents.ask("DELETE", "/people/_doc/1?version=3&version_type=external")
    assert set(memory.stored) == {"people"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ([], "parsing_exception"),
        ({"ids": ["1", ["2"]]}, "illegal_argument_exception"),
        ({"docs": []}, "action_request_validation_exception"),
    ],
)
async def test_what_is_wrong_with_a_request_for_many_documents_has_its_type(
    documents: Client, body: Any, error: str
) -> None:
    refused = await send(documents, "POST", "/people/_mget", body)
    assert (refused.status, refused.type) == (400, error)


async def test_the_document_without_an_index_is_named_by_its_number(documents: Client) -> None:
    refused = await send(documents, "POST", "/_mget", {"docs": [{"_index": "a", "_id": "1"}, {"_id": "2"}]})
    assert refused.reason == "Validation Failed: 1: index is missing for doc 1;"


async def test_lines_are_taken_only_where_lines_belong(documents: Client) -> None:
    refused = await documents.ask("PUT", "/people/_doc/1", headers={"Content-Type": LINES}, data="{}")
    assert (refused.status, refused.type) == (406, "not_acceptable_exception")


async def test_many_documents_are_read_at_once(documents: Client) -> None:
    await send(documents, "PUT", "/people/_doc/1", KIM)
    asked = {"docs": [{"_id": "1", "_source": ["text"]}, {"_id": "2"}, {"_id": "1", "_index": "other"}]}
    found, missing, elsewhere = (await send(documents, "POST", "/people/_mget", asked)).json["docs"]
    assert found["_source"] == {"text": "hello"}
    assert missing["found"] is False
    assert elsewhere["error"]["type"] == "index_not_found_exception"


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"_id": "1", "version": 1}, None), ({"_id": "1", "version": 2}, "version_conflict_engine_exception")],
)
async def test_a_document_of_many_may_be_asked_for_with_its_version(
    documents: Client, asked: dict[str, Any], said: str | None
) -> None:
    await send(documents, "PUT", "/people/_doc/1", KIM)
    (told,) = (await send(documents, "POST", "/people/_mget", {"docs": [asked]})).json["docs"]
    assert told.get("error", {}).get("type") == said


async def test_stored_fields_of_one_of_many_documents_are_refused_by_name(documents: Client) -> None:
    refused = await send(documents, "POST", "/people/_mget", {"docs": [{"_id": "1", "stored_fields": ["text"]}]})
    assert (refused.status, "[stored_fields] is not supported" in refused.reason) == (400, True)


async def test_a_refresh_is_passed_on(documents: Client, memory: Memory) -> None:
    await send(documents, "PUT", "/people/_doc/1?refresh", KIM)
    await send(documents, "PUT", "/people/_doc/1?refresh=wait_for", KIM)
    await documents.get("/people/_doc/1?refresh=true")
    assert (memory.policies, memory.refreshed) == (["true", "wait_for"], ["people"])


async def test_an_unknown_parameter_is_named(documents: Client) -> None:
    refused = await send(documents, "PUT", "/people/_doc/1?refesh=true", KIM)
    assert refused.reason == (
        "request [/people/_doc/1] contains unrecognized parameter: [refesh] -> did you mean [refresh]?"
    )


@pytest.mark.parametrize("asked", ["wait_for_active_shards=2", "timeout=soon", "require_data_stream=true"])
async def test_a_write_that_asks_for_what_is_not_there_is_refused_by_name(documents: Client, asked: str) -> None:
    refused = await send(documents, "PUT", f"/people/_doc/1?{asked}", KIM)
    assert (refused.status, f"[{asked.partition('=')[0]}]" in refused.text) == (400, True)
    assert (await documents.get("/people/_doc/1")).status == 404


async def test_a_bulk_request_waits_for_no_copies_that_never_come(documents: Client) -> None:
    refused = await lines(documents, "/people/_bulk?wait_for_active_shards=3", {"index": {"_id": "1"}}, KIM)
    assert (refused.status, "[wait_for_active_shards] of [3]" in refused.text) == (400, True)
    taken = await lines(documents, "/people/_bulk?wait_for_active_shards=all", {"index": {"_id": "1"}}, KIM)
    assert taken.json["errors"] is False
