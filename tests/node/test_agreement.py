"""Nodes tell by name which secure settings are not the owner's, and never what they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from isthmus.keystore.digests import digest
from isthmus.node.agreement import KEY, Agreement
from isthmus.state.replicated import ReplicatedMap
from tests.security.state import own_state

ONE, TWO = "cluster.remote.one.credentials", "cluster.remote.two.credentials"
SECRET = "a-secret-of-the-keystore"


@dataclass
class Place:
    is_owner: bool = False


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


def owner(state: ReplicatedMap, **values: str) -> Agreement:
    return Agreement(state, Place(is_owner=True), "first", _named(values))


def member(state: ReplicatedMap, **values: str) -> Agreement:
    return Agreement(state, Place(), "second", _named(values))


def _named(values: dict[str, str]) -> dict[str, str]:
    return {f"cluster.remote.{alias}.credentials": value for alias, value in values.items()}


async def test_nodes_with_the_same_secrets_agree(state: ReplicatedMap) -> None:
    await owner(state, one=SECRET, two="b").compare()
    second = member(state, two="b", one=SECRET)
    await second.compare()
    assert second.warnings == ()


async def test_what_differs_is_named_and_not_told(state: ReplicatedMap, caplog: pytest.LogCaptureFixture) -> None:
    await owner(state, one=SECRET, two="b").compare()
    second = member(state, one="another-secret", three="c")
    with caplog.at_level(logging.WARNING):
        await second.compare()
        await second.compare()
    assert second.warnings == (
        f"[{ONE}] in the keystore differs from that of node [first]",
        "[cluster.remote.three.credentials] is in this node's keystore, and not in that of node [first]",
        f"[{TWO}] is in the keystore of node [first], and not in this one's",
    )
    assert len(caplog.records) == 3
    assert "secret" not in caplog.text.replace("the secure settings", "")
    entry = state.get(KEY)
    assert entry is not None
    assert SECRET.encode() not in entry.value


async def test_two_settings_of_one_value_have_two_digests() -> None:
    assert digest(ONE, SECRET, b"salt") != digest(TWO, SECRET, b"salt") != digest(TWO, SECRET, b"other")


async def test_a_member_that_was_there_first_compares_when_the_owner_has_published(state: ReplicatedMap) -> None:
    second = member(state, one="another")
    second.look()
    running = asyncio.create_task(second.run())
    await owner(state, one=SECRET).compare()
    async with asyncio.timeout(10):
        while not second.warnings:
            await asyncio.sleep(0)
    second.take({ONE: SECRET})
    async with asyncio.timeout(10):
        while second.warnings:
            await asyncio.sleep(0)
    running.cancel()


async def test_the_owner_publishes_only_what_is_new_under_one_salt(state: ReplicatedMap) -> None:
    first = owner(state, one=SECRET)
    await first.compare()
    before = state.get(KEY)
    await first.compare()
    assert state.get(KEY) == before
    first.take({ONE: SECRET, TWO: "b"})
    await first.compare()
    after = state.get(KEY)
    assert before is not None
    assert after is not None
    assert after != before
    assert digest_in(after.value, ONE) == digest_in(before.value, ONE)


def digest_in(value: bytes, name: str) -> bytes:
    return value.partition(name.encode())[2][:100]
