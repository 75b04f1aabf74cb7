"""Refresh, flush, merges and statistics over HTTP, of indices that are here and of one that is not."""

from __future__ import annotations

import pytest

from isthmus.cluster.indices.catalogue import Catalogue
from isthmus.index.metadata.index_metadata import IndexMetadata
from tests.rest.indices.site import Site
from tests.rest.node import SECOND

AWAY = IndexMetadata(name="away", uuid="uuid-away", node=SECOND.id, creation_date=0)
ALL_GOOD = {"_shards": {"total": 1, "successful": 1, "failed": 0}}


@pytest.fixture
async def with_one_away(site: Site, catalogue: Catalogue) -> Site:
    """An index here, and one whose node does not answer."""
    await site.make("here")
    await catalogue.add(AWAY)
    return site


@pytest.mark.parametrize("what", ["_refresh", "_flush"])
async def test_whole_indices_are_looked_after(site: Site, what: str) -> None:
    await site.make("logs")
    assert (await site.send("POST", f"/logs/{what}")).json == ALL_GOOD
    assert (await site.send("POST", f"/{what}")).json == ALL_GOOD
    assert (await site.send("POST", f"/absent/{what}")).status == 404


@pytest.mark.parametrize("what", ["_refresh", "_flush"])
async def test_an_index_that_cannot_be_reached_is_told_with_the_reason(with_one_away: Site, what: str) -> None:
    shards = (await with_one_away.send("POST", f"/{what}")).json["_shards"]
    assert (shards["total"], shards["successful"], shards["failed"]) == (2, 1, 1)
    (failure,) = shards["failures"]
    assert failure["index"] == "away"
    assert "node-0002" in failure["reason"]["reason"]


async def test_statistics_count_documents_and_work(site: Site) -> None:
    await site.make("logs")
    await site.write("logs", {"a": 1}, {"a": 2})
    told = await site.get("/logs/_stats")
    assert told["_shards"] == ALL_GOOD["_shards"]
    assert told["indices"]["logs"]["uuid"] == (await site.get("/logs"))["logs"]["settings"]["index"]["uuid"]
    total = told["_all"]["total"]
    assert (total["docs"]["count"], total["indexing"]["index_total"]) == (2, 2)
    assert total["store"]["size_in_bytes"] > 0


async def test_statistics_are_of_the_metrics_that_are_named(site: Site) -> None:
    await site.make("logs")
    assert list((await site.get("/_stats/docs,store"))["_all"]["total"]) == ["docs", "store"]
    assert "indices" not in await site.get("/_stats/docs?level=cluster")
    refused = await site.send("GET", "/_stats/dcos")
    assert (refused.status, "docs" in refused.reason) == (400, True)


async def test_statistics_that_cannot_be_had_are_failures(with_one_away: Site) -> None:
    shards = (await with_one_away.get("/_stats"))["_shards"]
    assert (shards["total"], shards["successful"], shards["failed"]) == (2, 1, 1)


async def test_tables_show_an_index_that_is_away(with_one_away: Site) -> None:
    rows = await with_one_away.get("/_cat/indices?format=json&h=health,index,docs.count")
    assert rows == [
        {"health": "red", "index": "away", "docs.count": None},
        {"health": "green", "index": "here", "docs.count": "0"},
    ]
    shards = await with_one_away.get("/_cat/shards?format=json&h=index,state,node")
    assert {"index": "away", "state": "UNASSIGNED", "node": None} in shards
    assert {"index": "here", "state": "STARTED", "node": "node-0001"} in shards


async def test_replicas_that_are_nowhere_are_shown(site: Site) -> None:
    await site.make("logs", settings={"number_of_replicas": 1})
    rows = await site.get("/_cat/shards/logs?format=json&h=prirep,state")
    assert rows == [{"prirep": "p", "state": "STARTED"}, {"prirep": "r", "state": "UNASSIGNED"}]


async def test_tables_of_aliases_templates_counts_and_health(site: Site) -> None:
    await site.make("logs", aliases={"a": {"is_write_index": True}})
    await site.write("logs", {"x": 1})
    await site.send("PUT", "/_index_template/t", {"index_patterns": ["t-*"], "priority": 2})
    (alias,) = await site.get("/_cat/aliases?format=json")
    assert (alias["alias"], alias["index"], alias["is_write_index"]) == ("a", "logs", "true")
    (template,) = await site.get("/_cat/templates?format=json")
    assert (template["name"], template["index_patterns"], template["order"]) == ("t", "[t-*]", "2")
    assert (await site.get("/_cat/count/logs?format=json"))[0]["count"] == "1"
    (health,) = await site.get("/_cat/health?format=json")
    assert (health["cluster"], health["status"], health["shards"]) == ("demo", "green", "1")
    assert await site.get("/_cat/recovery?format=json") == []


async def test_every_table_is_listed(site: Site) -> None:
    listed = (await site.client.get("/_cat")).text.split()
    tables = ["aliases", "count", "health", "indices", "nodes", "recovery", "shards", "templates"]
    assert listed == [f"/_cat/{table}" for table in tables]
