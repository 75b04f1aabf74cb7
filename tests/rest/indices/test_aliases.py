"""Aliases over HTTP."""

from __future__ import annotations

import pytest

from tests.rest.indices.site import Site

ERRORS = {"filter": {"term": {"level": "error"}}}


async def test_an_alias_is_put_shown_and_deleted(site: Site) -> None:
    await site.make("logs-1")
    assert (await site.send("PUT", "/logs-1/_alias/errors", ERRORS)).json == {"acknowledged": True}
    expected = {"logs-1": {"aliases": {"errors": ERRORS}}}
    for path in ("/_alias", "/_alias/errors", "/logs-1/_alias", "/logs-*/_alias/err*"):
        assert await site.get(path) == expected
    assert (await site.send("HEAD", "/_alias/errors")).status == 200
    assert (await site.send("DELETE", "/logs-1/_alias/errors")).json == {"acknowledged": True}
    assert (await site.send("HEAD", "/_alias/errors")).status == 404
    assert await site.get("/_alias") == {"logs-1": {"aliases": {}}}


async def test_a_missing_alias_is_told_beside_those_that_there_are(site: Site) -> None:
    await site.make("logs-1", aliases={"logs": {}})
    answered = await site.send("GET", "/_alias/logs,absent")
    assert (answered.status, answered.json) == (
        404,
        {"error": "alias [absent] missing", "status": 404, "logs-1": {"aliases": {"logs": {}}}},
    )
    gone = await site.send("DELETE", "/logs-1/_alias/absent")
    assert (gone.status, gone.type, gone.reason) == (404, "aliases_not_found_exception", "aliases [absent] missing")


async def test_an_alias_moves_from_one_index_to_another_in_one_step(site: Site) -> None:
    await site.make("old", aliases={"now": {}})
    await site.make("new")
    actions = [{"remove": {"index": "old", "alias": "now"}}, {"add": {"index": "new", "alias": "now"}}]
    assert (await site.send("POST", "/_aliases", {"actions": actions})).status == 200
    assert await site.get("/_alias/now") == {"new": {"aliases": {"now": {}}}}


async def test_of_several_actions_none_is_done_if_one_cannot_be(site: Site) -> None:
    await site.make("a")
    actions = [{"add": {"index": "a", "alias": "x"}}, {"add": {"index": "absent", "alias": "x"}}]
    assert (await site.send("POST", "/_aliases", {"actions": actions})).status == 404
    assert await site.get("/_alias") == {"a": {"aliases": {}}}


async def test_an_action_removes_an_index(site: Site) -> None:
    await site.make("old")
    await site.make("new")
    actions = [{"remove_index": {"index": "old"}}, {"add": {"index": "new", "alias": "old"}}]
    assert (await site.send("POST", "/_aliases", {"actions": actions})).status == 200
    assert list(await site.get("/old")) == ["new"]


@pytest.mark.parametrize(
    "body", [{"filter": {"term": {}}}, {"filter": {"trm": {"a": 1}}}, {"is_write_index": "perhaps"}, {"colour": 1}, []]
)
async def test_an_alias_that_cannot_be_is_refused(site: Site, body: object) -> None:
    await site.make("logs")
    assert (await site.send("PUT", "/logs/_alias/errors", body)).status == 400
    assert await site.get("/_alias") == {"logs": {"aliases": {}}}


async def test_a_body_does_not_move_an_alias_to_another_index(site: Site) -> None:
    await site.make("mine")
    await site.make("yours")
    assert (await site.send("PUT", "/mine/_alias/a", {"index": "yours"})).status == 400
    assert (await site.send("HEAD", "/_alias/a")).status == 404


async def test_aliases_of_hidden_indices_are_shown(site: Site) -> None:
    await site.make("secret", settings={"hidden": True}, aliases={"known": {}})
    assert await site.get("/_alias/known") == {"secret": {"aliases": {"known": {}}}}
