"""`/_cluster/settings` over HTTP: Elasticsearch's shapes, its errors, its bounds."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.cluster_settings import MAX_BODY, PATH, settings_routes
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator
from isthmus.settings import Settings
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from tests.security.doubles import PASSWORD, basic

DENIED = "isthmus.tls.denied_certificates"


class Site:
    """A client of a node whose owner can be made slow."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.owner_answers = asyncio.Event()
        self.owner_answers.set()

    async def get(self, query: str = "") -> dict[str, Any]:
        async with self._session.get(f"{self._url}{PATH}{query}") as response:
            assert response.status == 200
            body: dict[str, Any] = await response.json()
            return body

    async def put(self, body: object, query: str = "") -> tuple[int, dict[str, Any]]:
        sent: dict[str, Any] = {"json": body}
        if isinstance(body, bytes):
            sent = {"data": io.BytesIO(body), "headers": {"Content-Type": "application/json"}}
        async with self._session.put(f"{self._url}{PATH}{query}", **sent) as response:
            return response.status, await response.json()


@pytest.fixture
async def site(tmp_path: Path, authenticator: Authenticator) -> AsyncIterator[Site]:
    store = StateStore(tmp_path / "state.sqlite")
    state = ReplicatedMap(store)
    settings = DynamicSettings(Settings(Path("/config"), {}), state)
    app = make_app(settings_routes(settings), basic_gate(authenticator), max_content_length=2 * MAX_BODY)
    server = await start(app, ["127.0.0.1"], [0], None)
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        site = Site(session, "http://{}:{}".format(*server.bound[0]))

        async def submit(writes: Sequence[Write]) -> int:
            await site.owner_answers.wait()
            commit = store.commit(writes)
            state.changed(commit.changes)
            return commit.revision

        state.write_through(submit)
        yield site
        site.owner_answers.set()
    await server.close()
    store.close()


async def test_what_was_set_is_answered_and_shown(site: Site) -> None:
    assert await site.get() == {"persistent": {}, "transient": {}}
    body = {"persistent": {"cluster": {"metadata.owner": "me"}}, "transient": {DENIED: ["serial:1F"]}}
    assert await site.put(body) == (
        200,
        {
            "acknowledged": True,
            "persistent": {"cluster": {"metadata": {"owner": "me"}}},
            "transient": {"isthmus": {"tls": {"denied_certificates": ["serial:1F"]}}},
        },
    )
    assert await site.get("?flat_settings") == {
        "persistent": {"cluster.metadata.owner": "me"},
        "transient": {DENIED: ["serial:1F"]},
    }


async def test_flat_settings_shape_the_answer_of_a_change_too(site: Site) -> None:
    _, answer = await site.put({"persistent": {"cluster.metadata.a": 1}}, "?flat_settings=true")
    assert answer["persistent"] == {"cluster.metadata.a": "1"}


async def test_null_deletes(site: Site) -> None:
    await site.put({"persistent": {"cluster.metadata": {"a": "1", "b": "2", "c": "3"}}})
    status, answer = await site.put({"persistent": {"cluster.metadata.a": None}})
    assert (status, answer["persistent"]) == (200, {})
    assert (await site.get("?flat_settings"))["persistent"] == {"cluster.metadata.b": "2", "cluster.metadata.c": "3"}
    await site.put({"persistent": {"cluster.metadata.*": None}})
    assert (await site.get())["persistent"] == {}


async def test_defaults_are_all_others_without_secrets(site: Site) -> None:
    defaults = (await site.get("?include_defaults&flat_settings"))["defaults"]
    assert (defaults["http.port"], defaults["transport.connect_timeout"]) == ("9200-9300", "30s")
    assert defaults[DENIED] == []
    assert not [name for name in defaults if "password" in name or "passphrase" in name]
    await site.put({"persistent": {DENIED: "serial:1"}})
    assert DENIED not in (await site.get("?include_defaults&flat_settings"))["defaults"]


@pytest.mark.parametrize(
    ("body", "error", "told"),
    [
        ({"persistent": {"http.prot": "1"}}, "illegal_argument_exception", "persistent setting [http.prot], not recog"),
        ({"transient": {"http.port": "1"}}, "illegal_argument_exception", "transient setting [http.port], not dynamic"),
        (
            {"transient": {DENIED: "x"}},
            "illegal_argument_exception",
            f"failed to parse value [x] for setting [{DENIED}",
        ),
        ({}, "action_request_validation_exception", "Validation Failed: 1: no settings to update;"),
        ({"persistent": {}}, "action_request_validation_exception", "no settings to update"),
        ({"presistent": {"a": 1}}, "x_content_parse_exception", "unknown field [presistent]"),
        ({"persistent": ["a"]}, "x_content_parse_exception", "[persistent] is no object"),
        (b"{", "x_content_parse_exception", "no JSON object"),
        (b"[" * 100_000, "x_content_parse_exception", "no JSON object"),
        (b"", "x_content_parse_exception", "no JSON object"),
        (b'{"persistent":{"\xbd":1}}', "x_content_parse_exception", "no JSON object"),
        (b" " * (MAX_BODY + 1), "illegal_argument_exception", "larger than"),
    ],
)
async def test_what_cannot_be_set_is_400_with_elasticsearchs_type(
    site: Site, body: object, error: str, told: str
) -> None:
    status, answer = await site.put(body)
    assert (status, answer["error"]["type"]) == (400, error)
    assert told in answer["error"]["reason"]
    assert await site.get() == {"persistent": {}, "transient": {}}


async def test_a_change_that_the_nodes_do_not_have_in_time_is_not_acknowledged(site: Site) -> None:
    site.owner_answers.clear()
    body = {"persistent": {"cluster.metadata.a": "1"}}
    assert await site.put(body, "?timeout=1ms") == (200, {"acknowledged": False, "persistent": {}, "transient": {}})
    status, answer = await site.put(body, "?master_timeout=1ms")
    assert (status, answer["error"]["type"]) == (503, "process_cluster_event_timeout_exception")
