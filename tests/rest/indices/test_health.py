"""`/_cluster/health` of indices."""

from __future__ import annotations

import asyncio

import pytest

from tests.rest.indices.site import Site
from tests.rest.node import SECOND, ANode

REPLICATED = {"index": {"number_of_replicas": 1}}


async def test_a_cluster_with_an_index_counts_its_shard(site: Site) -> None:
    await site.make("logs")
    told = await site.get("/_cluster/health")
    assert (told["status"], told["active_primary_shards"], told["active_shards"]) == ("green", 1, 1)
    assert (told["unassigned_shards"], told["active_shards_percent_as_number"]) == (0, 100.0)


async def test_replicas_that_are_asked_for_make_the_cluster_yellow(site: Site) -> None:
    await site.make("logs", settings=REPLICATED)
    told = await site.get("/_cluster/health")
    assert (told["status"], told["unassigned_shards"], told["unassigned_primary_shards"]) == ("yellow", 1, 0)
    assert told["active_shards_percent_as_number"] == 50.0


async def test_an_index_whose_node_is_gone_is_red(site: Site, node: ANode) -> None:
    await site.make("near")
    node.change([SECOND])
    told = await site.get("/_cluster/health?level=indices")
    assert (told["status"], told["indices"]["near"]["unassigned_primary_shards"]) == ("red", 1)


async def test_health_of_one_index_leaves_the_others_out(site: Site) -> None:
    await site.make("good")
    await site.make("bad", settings=REPLICATED)
    assert (await site.get("/_cluster/health/good"))["status"] == "green"
    assert (await site.get("/_cluster/health/b*"))["status"] == "yellow"


async def test_each_level_tells_more(site: Site) -> None:
    await site.make("logs", settings=REPLICATED)
    assert "indices" not in await site.get("/_cluster/health?level=cluster")
    of_index = (await site.get("/_cluster/health?level=indices"))["indices"]["logs"]
    assert (of_index["number_of_shards"], of_index["number_of_replicas"]) == (1, 1)
    assert "shards" not in of_index
    of_shard = (await site.get("/_cluster/health?level=shards"))["indices"]["logs"]["shards"]["0"]
    assert (of_shard["status"], of_shard["primary_active"], of_shard["unassigned_shards"]) == ("yellow", True, 1)


async def test_health_waits_for_an_index_that_is_made(site: Site) -> None:
    waiting = asyncio.create_task(site.get("/_cluster/health/soon?timeout=20s"))
    await site.get("/")
    assert not waiting.done()
    await site.make("soon")
    assert (await waiting)["active_primary_shards"] == 1


async def test_health_of_an_index_that_never_comes_is_red_and_timed_out(site: Site) -> None:
    answered = await site.send("GET", "/_cluster/health/never?timeout=1ms")
    assert (answered.status, answered.json["status"], answered.json["timed_out"]) == (408, "red", True)


@pytest.mark.parametrize(("asked", "in_time"), [("0", True), ("1", True), ("2", False), ("all", False)])
async def test_health_waits_for_active_shards(site: Site, asked: str, in_time: bool) -> None:
    await site.make("logs", settings=REPLICATED)
    answered = await site.send("GET", f"/_cluster/health?wait_for_active_shards={asked}&timeout=1ms")
    assert answered.json["timed_out"] is not in_time
