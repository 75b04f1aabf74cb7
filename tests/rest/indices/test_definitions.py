"""Mappings and settings over HTTP."""

from __future__ import annotations

import pytest

from tests.rest.indices.site import Site

TEXT = {"type": "text"}
KEYWORD = {"type": "keyword"}


async def test_fields_are_added_to_a_mapping_and_shown(site: Site) -> None:
    await site.make("logs", mappings={"properties": {"message": TEXT}})
    for path in ("/logs/_mapping", "/logs/_mappings"):
        added = await site.send("PUT", path, {"properties": {"user": {"properties": {"name": KEYWORD}}}})
        assert added.json == {"acknowledged": True}
    expected = {"properties": {"message": TEXT, "user": {"properties": {"name": KEYWORD}}}}
    for path in ("/_mapping", "/logs/_mapping", "/l*/_mapping", "/_mappings"):
        assert await site.get(path) == {"logs": {"mappings": expected}}


async def test_a_field_never_changes_its_type(site: Site) -> None:
    await site.make("logs", mappings={"properties": {"message": TEXT}})
    refused = await site.send("PUT", "/logs/_mapping", {"properties": {"message": {"type": "long"}}})
    assert (refused.status, refused.type) == (400, "illegal_argument_exception")
    assert "message" in refused.reason


async def test_of_several_indices_none_is_changed_if_one_cannot_be(site: Site) -> None:
    await site.make("a")
    await site.make("b", mappings={"properties": {"x": TEXT}})
    assert (await site.send("PUT", "/a,b/_mapping", {"properties": {"x": KEYWORD}})).status == 400
    assert await site.get("/a/_mapping") == {"a": {"mappings": {}}}


async def test_only_the_write_index_of_an_alias_may_be_meant(site: Site) -> None:
    await site.make("logs-1", aliases={"logs": {}})
    await site.make("logs-2", aliases={"logs": {"is_write_index": True}})
    await site.send("PUT", "/logs/_mapping?write_index_only=true", {"properties": {"x": KEYWORD}})
    assert await site.get("/logs-1/_mapping") == {"logs-1": {"mappings": {}}}
    assert await site.get("/logs-2/_mapping") == {"logs-2": {"mappings": {"properties": {"x": KEYWORD}}}}


async def test_single_fields_are_shown_with_what_is_below_them(site: Site) -> None:
    several = {"type": "text", "fields": {"raw": KEYWORD}}
    await site.make("logs", mappings={"properties": {"user": {"properties": {"name": several}}, "n": {"type": "long"}}})
    told = (await site.get("/logs/_mapping/field/user.*"))["logs"]["mappings"]
    assert told == {
        "user.name": {"full_name": "user.name", "mapping": {"name": several}},
        "user.name.raw": {"full_name": "user.name.raw", "mapping": {"raw": KEYWORD}},
    }
    assert await site.get("/_mapping/field/absent") == {"logs": {"mappings": {}}}


async def test_settings_change_and_go_back_to_their_defaults(site: Site) -> None:
    await site.make("logs")
    for body in ({"index": {"max_result_window": 7}}, {"settings": {"index.max_result_window": 7}}):
        assert (await site.send("PUT", "/logs/_settings", body)).json == {"acknowledged": True}
        assert await site.get("/logs/_settings/index.max_result*?flat_settings") == {
            "logs": {"settings": {"index.max_result_window": "7"}}
        }
        await site.send("PUT", "/logs/_settings", {"index.max_result_window": None})
        assert "max_result_window" not in (await site.get("/logs/_settings"))["logs"]["settings"]["index"]


async def test_settings_are_found_by_name_in_all_indices(site: Site) -> None:
    await site.make("a")
    await site.make("b")
    told = await site.get("/_settings/index.number_of_shards?flat_settings")
    assert told == {name: {"settings": {"index.number_of_shards": "1"}} for name in ("a", "b")}


async def test_what_an_index_has_set_can_be_preserved(site: Site) -> None:
    await site.make("logs", settings={"max_result_window": 5})
    await site.send("PUT", "/logs/_settings?preserve_existing=true", {"max_result_window": 9, "priority": 2})
    settings = (await site.get("/logs/_settings"))["logs"]["settings"]["index"]
    assert (settings["max_result_window"], settings["priority"]) == ("5", "2")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"index.number_of_shards": 2}, "index.number_of_shards"),
        ({"index.max_resultwindow": 2}, "index.max_result_window"),
        ({"index.max_result_window": "many"}, "index.max_result_window"),
        ({}, "no settings"),
        ([], "settings"),
    ],
)
async def test_a_wrong_setting_is_named(site: Site, body: object, named: str) -> None:
    await site.make("logs")
    refused = await site.send("PUT", "/logs/_settings", body)
    assert refused.status == 400
    assert named in refused.reason


async def test_a_block_is_set_and_seen(site: Site) -> None:
    await site.make("logs")
    told = await site.send("PUT", "/logs/_block/write")
    assert told.json == {
        "acknowledged": True,
        "shards_acknowledged": True,
        "indices": [{"name": "logs", "blocked": True}],
    }
    refused = await site.send("PUT", "/logs/_doc/1", {"a": 1})
    assert (refused.status, refused.type) == (403, "cluster_block_exception")
    assert (await site.send("PUT", "/logs/_block/some")).status == 400


@pytest.mark.parametrize("path", ["/logs/_mapping", "/logs/_settings", "/_aliases", "/_index_template/one"])
@pytest.mark.parametrize("body", [None, [], 7, "text"])
async def test_a_body_that_is_no_object_is_the_request_s_mistake(site: Site, path: str, body: object) -> None:
    await site.make("logs")
    method = "POST" if path == "/_aliases" else "PUT"
    assert (await site.send(method, path, body)).status == 400
