"""A node makes room for an index before the cluster knows of it, and clears it where the cluster never does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isthmus.cluster.indices.messages import CREATE, DISCARD, CreateShard, DiscardShard
from isthmus.errors import DataError
from isthmus.index.metadata.index_metadata import IndexMetadata
from tests.search.site import Site, sequence


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    yield site
    await site.close()


@pytest.mark.parametrize("node", ["one", "two"])
async def test_room_for_an_index_that_was_not_made_is_cleared(site: Site, node: str) -> None:
    folder = getattr(site, node).folder / "uuid-of-none"
    await site.one.holders.ask_node(node, "room", CREATE, CreateShard("uuid-of-none"))
    assert folder.is_dir()
    await site.one.holders.ask_node(node, "room", DISCARD, DiscardShard("uuid-of-none"))
    assert not folder.exists()


async def test_the_room_of_an_index_that_was_made_stays(site: Site) -> None:
    await site.index("logs", sequence(3))
    with pytest.raises(DataError, match="stays"):
        await site.one.holders.ask_node("one", "room", DISCARD, DiscardShard("uuid-of-logs"))
    assert (site.one.folder / "uuid-of-logs").is_dir()


async def test_an_index_that_is_deleted_before_anybody_asked_for_it_leaves_nothing(site: Site) -> None:
    room = CreateShard("uuid-of-logs")
    await site.one.holders.ask_node("one", "room", CREATE, room)
    logs = IndexMetadata(name="logs", uuid="uuid-of-logs", node="one", creation_date=0)
    await site.catalogue.add(logs)
    await site.catalogue.write({}, [logs])
    async with asyncio.timeout(10):
        while (site.one.folder / "uuid-of-logs").exists():
            await asyncio.sleep(0.01)
