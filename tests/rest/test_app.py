"""The pipeline: every request authenticated, every error of one form, nothing leaked."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import AsyncIterator
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web

from isthmus.rest.answers import Answer, Json
from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.routing import Request, Route
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator
from isthmus.state.errors import MasterNotDiscoveredError
from tests.rest.client import Client
from tests.rest.conftest import MAX_CONTENT
from tests.rest.node import ANode
from tests.security.doubles import PASSWORD, basic

VENDOR = "application/vnd.elasticsearch+json"


async def echo(request: Request) -> Answer:
    return Json({"body": json.loads(request.body), "user": request.authentication.user.username})


async def unavailable(_request: Request) -> Answer:
    raise MasterNotDiscoveredError("nobody leads") from OSError("inner secret")


async def broken(_request: Request) -> Answer:
    raise RuntimeError("inner secret")


async def named(request: Request) -> Answer:
    return Json(dict(request.variables))


@pytest.fixture
async def own(authenticator: Authenticator) -> AsyncIterator[Client]:
    routes = [
        Route("POST", "/echo", "cluster:monitor/test/echo", echo, takes_body=True),
        Route("GET", "/unavailable", "cluster:monitor/test/unavailable", unavailable),
        Route("GET", "/broken", "cluster:monitor/test/broken", broken),
        Route("GET", "/named/{name}/_it", "cluster:monitor/test/named", named),
    ]
    server = await start(
        make_app(routes, basic_gate(authenticator), max_content_length=MAX_CONTENT), ["127.0.0.1"], [0], None
    )
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        yield Client(session, "http://{}:{}".format(*server.bound[0]))
    await server.close()


@pytest.mark.parametrize("path", ["/", "/_cat/nodes", "/_cluster/health", "/_nodes", "/_ssl/certificates", "/nothing"])
@pytest.mark.parametrize("header", ["", basic("elastic", "wrong"), "ApiKey abc"])
async def test_nothing_is_told_to_who_is_not_known(app: web.Application, path: str, header: str) -> None:
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession() as session:
        answer = await Client(session, "http://{}:{}".format(*server.bound[0])).get(path, Authorization=header)
    await server.close()
    assert (answer.status, answer.type) == (401, "security_exception")
    assert answer.reason.endswith(f"for REST request [{path}]")
    challenges = ['Basic realm="security", charset="UTF-8"', "ApiKey"]
    assert answer.headers.getall("WWW-Authenticate") == challenges
    assert answer.json["error"]["header"]["WWW-Authenticate"] == challenges
    assert answer.json["error"]["root_cause"][0]["header"]["WWW-Authenticate"] == challenges


async def test_every_answer_names_the_product_and_the_clients_id(client: Client) -> None:
    for path in ("/", "/nothing", "/_cat/nodes?x"):
        answer = await client.get(path, X_Opaque_Id="my-id", traceparent="00-" + "a" * 52)
        assert answer.headers["X-elastic-product"] == "Elasticsearch"
        assert answer.headers["X-Opaque-Id"] == "my-id"
        assert "aiohttp" not in str(answer.headers)


async def test_an_unknown_route_is_a_bad_request_with_elasticsearchs_words(client: Client) -> None:
    answer = await client.get("/nothing/here?x=1")
    assert answer.status == 400
    assert answer.json == {"error": "no handler found for uri [/nothing/here?x=1] and method [GET]"}


async def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    answer = await client.ask("POST", "/_cat/nodes")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert answer.json == {
        "error": "Incorrect HTTP method for uri [/_cat/nodes] and method [POST], allowed: [GET, HEAD]",
        "status": 405,
    }
    options = await client.ask("OPTIONS", "/_cat/nodes")
    assert (options.status, options.headers["Allow"], options.text) == (200, "GET,HEAD", "")


async def test_head_is_get_without_the_body(client: Client) -> None:
    for path in ("/", "/_cat/nodes"):
        get, head = await client.get(path), await client.ask("HEAD", path)
        assert (head.status, head.text) == (get.status, "")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


async def test_a_slash_at_the_end_changes_nothing(client: Client) -> None:
    assert (await client.get("/_cat/nodes/")).text == (await client.get("/_cat/nodes")).text


async def test_pretty_breaks_lines_and_filter_path_keeps_what_is_wanted(client: Client) -> None:
    assert (await client.get("/?pretty&filter_path=name")).text == '{\n  "name": "node-0001"\n}\n'
    assert (await client.get("/?filter_path=-version,-*name,-tagline")).json == {"cluster_uuid": "uuid-1"}


async def test_an_error_is_told_whole_whatever_is_filtered(client: Client) -> None:
    assert (await client.get("/?filter_path=name&x")).reason.startswith("request [/] contains unrecognized")


@pytest.mark.parametrize("version", ["8", "9"])
async def test_versioned_json_is_answered_in_kind_also_in_errors(client: Client, version: str) -> None:
    for path, status in (("/", 200), ("/?x", 400)):
        answer = await client.get(path, Accept=f"{VENDOR}; compatible-with={version}")
        assert answer.status == status
        assert answer.headers["Content-Type"] == f"{VENDOR};compatible-with={version}"


async def test_what_cannot_be_written_is_refused(client: Client) -> None:
    for answer in (await client.get("/", Accept="application/yaml"), await client.get("/_cat/nodes?format=yaml")):
        assert answer.status == 406
        assert "yaml" in answer.reason
    assert (await client.get("/", Accept=f"{VENDOR}; compatible-with=7")).type == "media_type_header_exception"


async def test_the_stack_of_an_error_is_told_only_when_asked_for(client: Client) -> None:
    assert "stack_trace" not in (await client.get("/?x")).text
    trace = (await client.get("/?x&error_trace")).json["error"]["stack_trace"]
    assert trace.startswith("UsageError: request [/] contains")
    assert "at refuse_unknown(parameters.py:" in trace
    assert "/" not in trace.partition("at ")[2]


async def test_a_body_is_read_as_json(own: Client) -> None:
    answer = await own.ask("POST", "/echo", data=b'{"a": 1}', headers={"Content-Type": f"{VENDOR}; compatible-with=9"})
    assert answer.json == {"body": {"a": 1}, "user": "elastic"}


async def test_a_body_of_another_kind_is_refused(own: Client) -> None:
    answer = await own.ask("POST", "/echo", data=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status == 406
    assert answer.reason.startswith("Content-Type header [application/x-www-form-urlencoded] is not supported")


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_over_the_bound_is_refused_also_when_it_only_unpacks_to_it(own: Client, packed: bool) -> None:
    body = b'"' + b"x" * (MAX_CONTENT + 1) + b'"'
    headers = {"Content-Type": "application/json"} | ({"Content-Encoding": "gzip"} if packed else {})
    answer = await own.ask("POST", "/echo", data=gzip.compress(body) if packed else body, headers=headers)
    assert answer.status == 413
    assert "http.max_content_length" in answer.reason


async def test_a_body_where_none_belongs_is_refused(client: Client) -> None:
    answer = await client.ask("GET", "/_cat/nodes", data=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert answer.reason == "request [GET /_cat/nodes] does not support having a body"


async def test_a_body_that_is_not_what_its_encoding_says_is_refused(own: Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await own.ask("POST", "/echo", data=b"no gzip", headers=headers)
    assert answer.status == 400


async def test_an_error_of_ours_keeps_its_type_and_status_and_its_cause_stays_in_the_log(
    own: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await own.get("/unavailable?error_trace")
    assert (answer.status, answer.type, answer.reason) == (503, "master_not_discovered_exception", "nobody leads")
    assert "inner secret" not in answer.text
    assert "inner secret" in caplog.text


async def test_an_unexpected_error_is_told_in_general_words_and_its_stack_is_in_the_log(
    own: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await own.get("/broken?error_trace")
    assert (answer.status, answer.type) == (500, "internal_server_error")
    assert "inner secret" not in answer.text
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert record.exc_info
    assert "inner secret" in caplog.text


async def test_a_fault_in_the_node_does_not_end_the_server(own: Client, node: ANode) -> None:
    for _ in range(3):
        assert (await own.get("/broken")).status == 500
    assert (await own.ask("POST", "/echo", data=b"1", headers={"Content-Type": "application/json"})).status == 200


@pytest.mark.parametrize("part", ["<logs-{now/d}>", "a b", "é", "a%b", "*,-x", "..."])
async def test_a_variable_of_a_path_may_be_any_text(own: Client, part: str) -> None:
    assert (await own.get(f"/named/{quote(part, safe='')}/_it")).json == {"name": part}
