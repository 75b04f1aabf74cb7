"""Indices are made, changed and deleted as a whole, whoever else writes meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from isthmus.cluster.indices.creation import TRIES
from isthmus.cluster.indices.holder import HolderAwayError
from isthmus.errors import UsageError
from isthmus.index.mapping.errors import MappingConflictError
from isthmus.index.metadata.errors import (
    IndexBlockedError,
    IndexExistsError,
    IndexNotFoundError,
    InvalidAliasNameError,
    InvalidIndexNameError,
)
from isthmus.index.metadata.index_settings import IndexSettingsError
from isthmus.state.errors import CommitBoundsError, MasterNotDiscoveredError
from tests.cluster.indices.state import DATA, TALKER, OneNode
from tests.rest.node import FIRST

LONG = {"properties": {"n": {"type": "long"}}}
TEXT = {"properties": {"t": {"type": "text"}}}


async def test_an_index_is_known_to_every_copy_of_the_state(node: OneNode) -> None:
    made = await node.create("logs", mappings=LONG, aliases={"all": {}}, settings={"refresh_interval": "5s"})
    assert (made.node, made.mappings) == (FIRST.id, LONG)
    assert OneNode(node.store).catalogue.indices == {"logs": made}


async def test_a_name_that_is_taken_is_told_with_the_index_that_has_it(node: OneNode) -> None:
    made = await node.create("logs", aliases={"all": {}})
    with pytest.raises(IndexExistsError, match=rf"\[logs/{made.uuid}\] already exists"):
        await node.create("logs")
    with pytest.raises(InvalidIndexNameError, match="already exists as alias"):
        await node.create("all")
    with pytest.raises(InvalidIndexNameError, match="lowercase"):
        await node.create("Logs")


async def test_of_two_nodes_that_make_an_index_at_once_one_is_told_that_it_exists(node: OneNode) -> None:
    async def another() -> None:
        await node.another().create("logs", mappings=LONG)

    node.before_commit = another
    with pytest.raises(IndexExistsError):
        await node.create("logs", mappings=TEXT)
    assert node.catalogue.indices["logs"].mappings == LONG
    assert node.rooms.kept == {node.catalogue.indices["logs"].uuid}


async def test_a_name_is_not_given_to_an_index_and_to_an_alias_at_once(node: OneNode) -> None:
    await node.create("old")
    add = {"actions": [{"add": {"index": "old", "alias": "logs"}}]}

    node.before_commit = lambda: node.another().indices.update_aliases(add)
    with pytest.raises(InvalidIndexNameError, match="already exists as alias"):
        await node.create("logs")
    await node.indices.update_aliases({"actions": [{"remove": {"index": "old", "alias": "logs"}}]})
    node.before_commit = lambda: node.another().create("logs")
    with pytest.raises(InvalidAliasNameError, match="same name as the alias"):
        await node.indices.update_aliases(add)
    assert {name: set(index.aliases) for name, index in node.catalogue.indices.items()} == {"old": set(), "logs": set()}


async def test_an_index_is_made_though_another_got_its_name_meanwhile(node: OneNode) -> None:
    node.before_commit = lambda: node.another().create("other")
    await node.create("logs")
    assert set(node.catalogue.indices) == {"logs", "other"}


async def test_more_indices_are_made_at_once_than_a_change_is_tried(node: OneNode) -> None:
    await asyncio.gather(*(node.create(f"logs-{number}", aliases={"logs": {}}) for number in range(TRIES + 5)))
    assert len(node.catalogue.indices) == TRIES + 5


async def test_an_index_that_the_state_does_not_take_leaves_nothing_on_its_node(node: OneNode) -> None:
    fields = {f"{number:05}{'x' * 200}": {"type": "keyword"} for number in range(900)}
    wide = {name: {**field, "meta": {"unit": "y" * 50}} for name, field in fields.items()}
    with pytest.raises(CommitBoundsError):
        await node.create(
            "logs",
            mappings={"properties": {f"o{part}": {"properties": wide} for part in range(5)}},
            settings={"mapping.total_fields.limit": 9000},
        )
    assert (node.catalogue.indices, node.rooms.kept, node.rooms.made) == ({}, set(), [FIRST.id])


async def test_what_was_made_stays_while_nobody_knows_whether_the_cluster_has_it(node: OneNode) -> None:
    async def gone() -> None:
        raise MasterNotDiscoveredError("gone")

    node.before_commit = gone
    with pytest.raises(MasterNotDiscoveredError):
        await node.create("logs")
    assert len(node.rooms.kept) == 1


async def test_an_index_is_made_of_its_template_and_the_request_comes_over_it(node: OneNode) -> None:
    given = {"settings": {"refresh_interval": "9s", "gc_deletes": "9s"}, "mappings": LONG, "aliases": {"a": {}}}
    await node.put_template("t", index_patterns=["logs-*"], template=given)
    made = await node.create("logs-1", settings={"refresh_interval": "1s"}, mappings=TEXT, aliases={"b": {}})
    assert made.settings["index.refresh_interval"] == "1s"
    assert made.settings["index.gc_deletes"] == "9s"
    assert set(made.mappings["properties"]) == {"n", "t"}
    assert set(made.aliases) == {"a", "b"}
    assert (await node.create("books")).mappings == {}


async def test_a_mapping_that_its_settings_do_not_carry_makes_no_index(node: OneNode) -> None:
    with pytest.raises(UsageError, match="mine"):
        await node.create("logs", mappings={"properties": {"t": {"type": "text", "analyzer": "mine"}}})
    assert (node.catalogue.indices, node.rooms.made) == ({}, [])


async def test_an_index_lives_where_it_is_made_unless_another_node_is_required(node: OneNode) -> None:
    here = OneNode(node.store, FIRST, [DATA, TALKER])
    assert (await here.create("here")).node == FIRST.id
    there = await here.create("there", settings={"routing.allocation.require._name": DATA.name})
    assert (there.node, here.rooms.made) == (DATA.id, [FIRST.id, DATA.id])
    with pytest.raises(UsageError, match="node-0003"):
        await here.create("nowhere", settings={"routing.allocation.require._name": TALKER.name})


async def test_a_node_without_the_role_data_lets_another_hold_the_index(node: OneNode) -> None:
    assert (await OneNode(node.store, TALKER, [DATA]).create("logs")).node == DATA.id
    with pytest.raises(HolderAwayError, match="role data"):
        await OneNode(node.store, TALKER).create("more")


async def test_a_deleted_index_is_gone_at_once_and_its_uuid_is_remembered(node: OneNode) -> None:
    made = await node.create("logs")
    heard: list[set[str]] = []
    node.catalogue.on_change(lambda: heard.append(set(node.catalogue.indices)))
    await node.indices.delete([made])
    assert heard[-1] == set()
    assert node.catalogue.tombstones() == {made.uuid}


async def test_an_index_that_was_made_anew_is_not_deleted_in_place_of_the_old_one(node: OneNode) -> None:
    old = await node.create("logs")
    await node.indices.delete([old])
    await node.create("logs")
    with pytest.raises(IndexNotFoundError):
        await node.indices.delete([old])
    assert set(node.catalogue.indices) == {"logs"}


async def test_fields_that_two_add_at_once_are_both_there(node: OneNode) -> None:
    await node.create("logs")

    async def another() -> None:
        await node.indices.put_mapping([node.catalogue.indices["logs"]], LONG)

    node.before_commit = another
    await node.indices.put_mapping([node.catalogue.indices["logs"]], TEXT)
    now = node.catalogue.indices["logs"]
    assert set(now.mappings["properties"]) == {"n", "t"}
    assert now.mapping_version == 3


async def test_a_mapping_that_one_index_cannot_take_changes_none(node: OneNode) -> None:
    one = await node.create("one")
    other = await node.create("other", mappings={"properties": {"n": {"type": "text"}}})
    with pytest.raises(MappingConflictError, match="n"):
        await node.indices.put_mapping([one, other], LONG)
    assert node.catalogue.indices["one"] == one


async def test_a_mapping_that_is_there_already_is_no_change(node: OneNode) -> None:
    index = await node.create("logs", mappings=LONG)
    await node.indices.put_mapping([index], LONG)
    assert node.catalogue.indices["logs"] == index


async def test_settings_change_and_null_brings_the_default_back(node: OneNode) -> None:
    await node.create("logs", settings={"max_result_window": 5})
    await node.indices.put_settings(
        [node.catalogue.indices["logs"]], {"max_result_window": None, "number_of_replicas": 2}
    )
    now = node.catalogue.indices["logs"]
    assert "index.max_result_window" not in now.settings
    assert now.settings["index.number_of_replicas"] == "2"
    assert now.settings_version == 2


async def test_what_is_set_stays_if_it_is_to_be_preserved(node: OneNode) -> None:
    await node.create("logs", settings={"max_result_window": 5})
    change = {"max_result_window": 6, "gc_deletes": "1s"}
    await node.indices.put_settings([node.catalogue.indices["logs"]], change, preserve_existing=True)
    now = node.catalogue.indices["logs"]
    assert (now.settings["index.max_result_window"], now.settings["index.gc_deletes"]) == ("5", "1s")


async def test_an_index_does_not_move_by_a_setting(node: OneNode) -> None:
    await node.create("logs")
    with pytest.raises(UsageError, match="only when it is made"):
        await node.indices.put_settings([node.catalogue.indices["logs"]], {"routing.allocation.require._name": "x"})


async def test_a_blocked_index_is_neither_changed_nor_deleted_until_it_is_let_go(node: OneNode) -> None:
    index = await node.create("logs", settings={"blocks.metadata": True})
    with pytest.raises(IndexBlockedError, match="logs"):
        await node.indices.delete([index])
    with pytest.raises(IndexBlockedError):
        await node.indices.put_mapping([node.catalogue.indices["logs"]], LONG)
    with pytest.raises(IndexBlockedError):
        await node.indices.put_settings([node.catalogue.indices["logs"]], {"gc_deletes": "1s"})
    await node.indices.put_settings([node.catalogue.indices["logs"]], {"blocks.metadata": False})
    await node.indices.delete([index])
    assert node.catalogue.indices == {}


async def test_settings_that_may_not_change_are_refused(node: OneNode) -> None:
    await node.create("logs")
    with pytest.raises(IndexSettingsError, match="number_of_shards"):
        await node.indices.put_settings([node.catalogue.indices["logs"]], {"number_of_shards": 1})


async def test_aliases_move_in_one_commit_though_another_writes_meanwhile(node: OneNode) -> None:
    await node.create("old", aliases={"logs": {"is_write_index": True}})
    await node.create("new")

    async def another() -> None:
        await node.indices.put_mapping([node.catalogue.indices["old"]], LONG)

    node.before_commit = another
    add = {"add": {"index": "new", "alias": "logs", "is_write_index": True}}
    await node.indices.update_aliases({"actions": [{"remove": {"index": "old", "alias": "logs"}}, add]})
    now = node.catalogue.indices
    assert (set(now["old"].aliases), set(now["new"].aliases)) == (set(), {"logs"})
    assert now["old"].mappings == LONG


async def test_an_index_may_not_be_made_with_a_second_write_index_of_an_alias(node: OneNode) -> None:
    await node.create("a", aliases={"logs": {"is_write_index": True}})
    with pytest.raises(UsageError, match="more than one write index"):
        await node.create("b", aliases={"logs": {"is_write_index": True}})
    with pytest.raises(InvalidAliasNameError, match="same name"):
        await node.create("c", aliases={"a": {}})


async def test_the_fields_of_a_request_take_the_place_of_the_templates(node: OneNode) -> None:
    await node.put_template("t", index_patterns=["logs"], template={"mappings": LONG})
    made = await node.create("logs", mappings={"properties": {"n": {"type": "keyword"}}})
    assert made.mappings["properties"] == {"n": {"type": "keyword"}}


async def test_an_index_can_be_described_without_being_made(node: OneNode) -> None:
    await node.put_template("t", index_patterns=["logs"], template={"mappings": LONG})
    assert node.indices.described("logs").mappings == LONG
    assert (node.catalogue.indices, node.rooms.made) == ({}, [])


async def test_date_math_in_a_new_name_is_refused_as_such(node: OneNode) -> None:
    with pytest.raises(UsageError, match="date math"):
        await node.create("<logs-{now/d}>")
