"""Mappings, settings, aliases and templates over HTTP."""

from __future__ import annotations

import pytest

from tests.rest.indices.conftest import Asking

LONG = {"properties": {"n": {"type": "long"}}}
TEXT = {"properties": {"t": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}}


async def test_a_mapping_grows(ask: Asking) -> None:
    await ask.done("PUT", "/logs", {"mappings": LONG})
    await ask.done("PUT", "/logs/_mapping", TEXT)
    told = await ask.done("GET", "/logs/_mapping")
    assert told == {"logs": {"mappings": {"properties": LONG["properties"] | TEXT["properties"]}}}


async def test_a_mapping_that_one_index_cannot_take_changes_none(ask: Asking) -> None:
    await ask.done("PUT", "/one")
    await ask.done("PUT", "/two", {"mappings": {"properties": {"n": {"type": "text"}}}})
    answer = await ask("PUT", "/one,two/_mapping", LONG)
    assert (answer.status, "[n]" in answer.reason) == (400, True)
    assert await ask.done("GET", "/one/_mapping") == {"one": {"mappings": {}}}


async def test_a_settings_change_that_one_index_refuses_changes_none(ask: Asking) -> None:
    await ask.done("PUT", "/one")
    await ask.done("PUT", "/two", {"settings": {"blocks.metadata": True}})
    assert (await ask("PUT", "/one,two/_settings", {"max_result_window": 5})).status == 403
    told = await ask.done("GET", "/one/_settings")
    assert "max_result_window" not in told["one"]["settings"]["index"]


async def test_a_fields_mapping_is_shown_by_its_name(ask: Asking) -> None:
    await ask.done("PUT", "/logs", {"mappings": TEXT})
    told = (await ask.done("GET", "/logs/_mapping/field/t.r*"))["logs"]["mappings"]
    assert told == {"t.raw": {"full_name": "t.raw", "mapping": {"raw": {"type": "keyword"}}}}


async def test_settings_change_and_are_shown_flat_and_with_defaults(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    await ask.done("PUT", "/logs/_settings", {"index": {"max_result_window": 5}})
    told = await ask.done("GET", "/logs/_settings/index.max*?flat_settings")
    assert told == {"logs": {"settings": {"index.max_result_window": "5"}}}
    defaults = (await ask.done("GET", "/logs/_settings?include_defaults"))["logs"]["defaults"]
    assert defaults["index"]["max_terms_count"] == "65536"
    answer = await ask("PUT", "/logs/_settings", {"index.max_result_windw": 5})
    assert "did you mean [index.max_result_window]" in answer.reason


async def test_aliases_are_put_shown_and_removed(ask: Asking) -> None:
    await ask.done("PUT", "/logs")
    await ask.done("PUT", "/logs/_alias/errors", {"filter": {"term": {"level": "error"}}})
    told = {"logs": {"aliases": {"errors": {"filter": {"term": {"level": "error"}}}}}}
    assert await ask.done("GET", "/_alias/errors") == await ask.done("GET", "/errors/_alias") == told
    assert (await ask("HEAD", "/_alias/errors")).status == 200
    await ask.done("DELETE", "/logs/_alias/errors")
    assert (await ask("HEAD", "/_alias/errors")).status == 404
    assert (await ask("DELETE", "/logs/_alias/errors")).status == 404
    missing = await ask("GET", "/_alias/errors")
    assert (missing.status, missing.json) == (404, {"error": "alias [errors] missing", "status": 404})


@pytest.mark.parametrize("body", [[], 3, {"index": "other"}, {"alias": "other"}])
async def test_the_body_of_an_alias_says_neither_index_nor_name(ask: Asking, body: object) -> None:
    await ask.done("PUT", "/logs")
    await ask.done("PUT", "/other")
    assert (await ask("PUT", "/logs/_alias/errors", body)).status == 400
    assert await ask.done("GET", "/_alias/*") == {}


async def test_actions_on_aliases_are_all_done_or_none(ask: Asking) -> None:
    await ask.done("PUT", "/old", {"aliases": {"logs": {}}})
    await ask.done("PUT", "/new")
    move = [{"remove": {"index": "old", "alias": "logs"}}, {"add": {"index": "new", "alias": "logs"}}]
    assert (
        await ask("POST", "/_aliases", {"actions": [*move, {"add": {"index": "gone", "alias": "x"}}]})
    ).status == 404
    assert set(await ask.done("GET", "/_alias/logs")) == {"old"}
    await ask.done("POST", "/_aliases", {"actions": move})
    assert set(await ask.done("GET", "/_alias/logs")) == {"new"}


async def test_templates_make_indices(ask: Asking) -> None:
    base = {"template": {"settings": {"index": {"gc_deletes": "9s"}}}, "version": 2, "_meta": {"by": "us"}}
    await ask.done("PUT", "/_component_template/base", base)
    body = {
        "index_patterns": ["logs-*"],
        "template": {"mappings": LONG},
        "composed_of": ["base", "later"],
        "ignore_missing_component_templates": ["later"],
        "allow_auto_create": True,
        "priority": 7,
    }
    await ask.done("PUT", "/_index_template/logs", body)
    told = (await ask.done("GET", "/_index_template/logs"))["index_templates"]
    assert told == [{"name": "logs", "index_template": body}]
    told = (await ask.done("GET", "/_component_template/b*"))["component_templates"]
    assert told == [{"name": "base", "component_template": base}]
    await ask.done("PUT", "/_index_template/rest", {"index_patterns": ["*"]})
    answer = await ask.done("POST", "/_index_template/_simulate_index/logs-1")
    assert answer["overlapping"] == [{"name": "rest", "index_patterns": ["*"]}]
    simulated = answer["template"]
    assert (simulated["mappings"], simulated["settings"]["index"]["gc_deletes"]) == (LONG, "9s")
    await ask.done("PUT", "/logs-1")
    made = (await ask.done("GET", "/logs-1"))["logs-1"]
    assert (made["mappings"], made["settings"]["index"]["gc_deletes"]) == (LONG, "9s")


async def test_templates_that_cannot_be_or_are_missing_are_told(ask: Asking) -> None:
    await ask.done("PUT", "/_index_template/one", {"index_patterns": ["a*"]})
    overlapping = await ask("PUT", "/_index_template/two", {"index_patterns": ["*b"]})
    assert (overlapping.status, "[one]" in overlapping.reason) == (400, True)
    assert (await ask("GET", "/_index_template/two")).status == 404
    assert (await ask("GET", "/_index_template/two*")).status == 404
    missing = await ask("DELETE", "/_index_template/one,two")
    assert (missing.status, missing.type) == (404, "index_template_missing_exception")
    assert (await ask("PUT", "/_component_template/empty", {})).reason == "Required [template]"
    assert (await ask("HEAD", "/_index_template/one")).status == 200
    await ask.done("DELETE", "/_index_template/one")
    assert (await ask("HEAD", "/_index_template/one")).status == 404
