"""How changes of indices are waited for, what blocks do, and what is refused by name."""

from __future__ import annotations

import asyncio

import pytest

from isthmus.rest.cluster_settings import OwnerTooSlowError
from isthmus.rest.indices.changing import within
from isthmus.rest.parameters import Parameters
from tests.rest.indices.conftest import Asking


async def test_a_change_that_takes_longer_than_its_timeout_is_told_and_goes_on() -> None:
    may_end = asyncio.Event()
    ended = asyncio.Event()

    async def change() -> None:
        await may_end.wait()
        ended.set()

    with pytest.raises(OwnerTooSlowError):
        await within(Parameters({"master_timeout": "1ms"}), change())
    may_end.set()
    await asyncio.wait_for(ended.wait(), 10)


@pytest.mark.parametrize("parameter", ["timeout", "master_timeout"])
async def test_a_timeout_that_is_no_time_is_refused_and_nothing_is_made(ask: Asking, parameter: str) -> None:
    refused = await ask("PUT", f"/logs?{parameter}=soon")
    assert (refused.status, parameter in refused.reason) == (400, True)
    assert (await ask("HEAD", "/logs")).status == 404


async def test_a_block_is_set_kept_and_taken_away(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    blocked = await ask.done("PUT", "/logs/_block/write")
    assert blocked["indices"] == [{"name": "logs", "blocked": True}]
    refused = await ask("PUT", "/logs/_doc/1", {"a": 1})
    assert (refused.status, refused.type) == (403, "cluster_block_exception")
    await ask.done("PUT", "/logs/_settings", {"index.blocks.write": None})
    assert (await ask("PUT", "/logs/_doc/1", {"a": 1})).status == 201


@pytest.mark.parametrize(
    ("block", "method", "path", "body", "status", "number"),
    [
        ("write", "PUT", "/logs/_doc/2", {"a": 1}, 403, 8),
        ("write", "DELETE", "/logs/_doc/1", None, 403, 8),
        ("read_only", "PUT", "/logs/_doc/2", {"a": 1}, 403, 5),
        ("read_only", "PUT", "/logs/_alias/all", None, 403, 5),
        ("metadata", "PUT", "/logs/_settings", {"index.refresh_interval": "1s"}, 403, 9),
        ("read_only_allow_delete", "PUT", "/logs/_doc/2", {"a": 1}, 429, 12),
        ("read", "GET", "/logs/_doc/1", None, 403, 7),
    ],
)
async def test_what_a_block_forbids_is_refused_with_its_number(
    ask: Asking, block: str, method: str, path: str, body: object, status: int, number: int
) -> None:
    await ask.done("PUT", "/logs/_doc/1", {"a": 1})
    await ask.done("PUT", "/logs/_settings", {f"index.blocks.{block}": True})
    refused = await ask(method, path, body)
    assert (refused.status, refused.type) == (status, "cluster_block_exception")
    assert f"/{number}/" in refused.reason


async def test_what_a_block_does_not_forbid_is_done(ask: Asking) -> None:
    await ask.done("PUT", "/logs/_doc/1", {"a": 1})
    await ask.done("PUT", "/logs/_settings", {"index.blocks.read": True})
    await ask.done("POST", "/logs/_update/1", {"doc": {"a": 2}})
    await ask.done("PUT", "/logs/_settings", {"index.blocks": {"read": None, "read_only_allow_delete": True}})
    assert (await ask.done("GET", "/logs/_doc/1"))["_source"] == {"a": 2}
    await ask.done("DELETE", "/logs")


async def test_a_block_that_there_is_not_is_refused(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    refused = await ask("PUT", "/logs/_block/thinking")
    assert (refused.status, "thinking" in refused.reason) == (400, True)


async def test_a_pattern_that_means_nothing_is_no_error_where_indices_are_read(ask: Asking) -> None:
    for path in ("/none*", "/none*/_mapping", "/none*/_settings", "/_all"):
        assert await ask.done("GET", path) == {}
    assert (await ask("GET", "/none*?allow_no_indices=false")).status == 404
    assert (await ask("PUT", "/none*/_mapping", {"properties": {}})).status == 404


async def test_mappings_go_by_both_names_and_settings_by_theirs(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    await ask.done("PUT", "/logs/_mappings", {"properties": {"at": {"type": "date"}}})
    expected = {"logs": {"mappings": {"properties": {"at": {"type": "date"}}}}}
    assert await ask.done("GET", "/_mappings") == await ask.done("GET", "/logs/_mapping") == expected
    assert await ask.done("GET", "/_settings/index.number_of_shards?flat_settings") == {
        "logs": {"settings": {"index.number_of_shards": "1"}}
    }


async def test_what_would_be_ignored_is_refused(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    for path in ("/logs/_mapping/field/a?include_defaults", "/_cat/indices?pri", "/_stats?groups=a"):
        refused = await ask("GET", path)
        assert (refused.status, "unrecognized parameter" in refused.reason) == (400, True)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/logs/_close", "_close"),
        ("/logs/_shrink/small", "_shrink"),
        ("/logs/_split/large", "_split"),
        ("/logs/_clone/other", "_clone"),
        ("/logs/_rollover/next", "_rollover"),
        ("/logs/_forcemerge", "_forcemerge"),
        ("/_cache/clear", "_cache/clear"),
        ("/_template/old", "_template"),
        ("/_data_stream/stream", "_data_stream"),
    ],
)
async def test_what_indices_cannot_do_is_refused_by_name(ask: Asking, path: str, name: str) -> None:
    refused = await ask("POST", path)
    assert refused.status == 400
    assert refused.reason.startswith(f"[{name}] is not supported")


async def test_a_path_with_an_underscore_is_never_an_index(ask: Asking) -> None:
    assert await ask.done("GET", "/_cat/indices?format=json") == []
    unknown = await ask("GET", "/_nonsense")
    assert (unknown.status, unknown.type) == (400, "invalid_index_name_exception")
    assert unknown.json["error"]["index"] == "_nonsense"
    nowhere = await ask("GET", "/_nonsense/_more")
    assert nowhere.json == {"error": "no handler found for uri [/_nonsense/_more] and method [GET]"}
    wrong = await ask("POST", "/_nonsense")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "DELETE,GET,HEAD,PUT")


@pytest.mark.parametrize("name", ["Logs", "_logs", "-logs", "lo%23gs", "lo%20gs", "a" * 256])
async def test_a_name_that_no_index_may_have_is_refused(ask: Asking, name: str) -> None:
    refused = await ask("PUT", f"/{name}")
    assert (refused.status, refused.type) == (400, "invalid_index_name_exception")


async def test_a_flush_is_always_waited_for(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    assert (await ask.done("POST", "/logs/_flush?force=true&wait_if_ongoing=true"))["_shards"]["failed"] == 0
    refused = await ask("POST", "/logs/_flush?wait_if_ongoing=false")
    assert (refused.status, "[wait_if_ongoing] of [false]" in refused.text) == (400, True)
