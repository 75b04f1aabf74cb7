"""A node makes room for an index before the cluster knows of it, and clears it where the cluster never does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isthmus.cluster.indices.holder import named
from isthmus.cluster.indices.messages import (
    CREATE,
    DISCARD,
    STATISTICS,
    CreateShard,
    DiscardShard,
    IndexName,
    StatisticsAsked,
)
from isthmus.errors import DataError
from isthmus.index.metadata.errors import IndexNotFoundError
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
    await site.one.holders.ask_node(node, "room", CREATE, CreateShard(IndexName("none", "uuid-of-none")))
    assert folder.is_dir()
    await site.one.holders.ask_node(node, "room", DISCARD, DiscardShard(IndexName("none", "uuid-of-none")))
    assert not folder.exists()


async def test_the_room_of_an_index_that_was_made_stays(site: Site) -> None:
    await site.index("logs", sequence(3))
    with pytest.raises(DataError, match="stays"):
        await site.one.holders.ask_node("one", "room", DISCARD, DiscardShard(IndexName("logs", "uuid-of-logs")))
    assert (site.one.folder / "uuid-of-logs").is_dir()


async def test_a_deleted_index_leaves_nothing_though_nobody_had_opened_it(site: Site) -> None:
    index = IndexMetadata(name="logs", uuid="uuid-of-logs", node="one", creation_date=0)
    await site.one.holders.ask_node("one", "room", CREATE, CreateShard(named(index)))
    await site.catalogue.write({"logs": index}, [])
    await site.catalogue.write({}, [index])
    await site.one.holdings.close()
    assert not (site.one.folder / index.uuid).exists()


async def test_a_deleted_index_leaves_nothing_though_somebody_just_opens_it(site: Site) -> None:
    index = IndexMetadata(name="logs", uuid="uuid-of-logs", node="one", creation_date=0)
    await site.one.holders.ask_node("one", "room", CREATE, CreateShard(named(index)))
    await site.catalogue.write({"logs": index}, [])
    opening = asyncio.create_task(site.one.holdings.shard(named(index)))
    await asyncio.sleep(0)
    await site.catalogue.write({}, [index])
    with pytest.raises(IndexNotFoundError):
        await opening
    await site.one.holdings.close()
    assert not (site.one.folder / index.uuid).exists()


async def test_files_that_go_while_they_are_counted_are_no_fault(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    index = await site.index("logs", sequence(3))
    folder = site.one.folder / index.uuid / "projection"
    (folder / "gone").symlink_to("nowhere")
    going = folder / "going"
    going.write_bytes(b"merged")
    stat = Path.stat

    def once(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = stat(self, follow_symlinks=follow_symlinks)
        if self == going:
            going.unlink()
        return found

    monkeypatch.setattr(Path, "stat", once)
    told = await site.one.holders.ask_node("one", "numbers", STATISTICS, StatisticsAsked([named(index)]))
    assert told.shards["logs"].projection_bytes > len(b"merged")
    assert not going.exists()
