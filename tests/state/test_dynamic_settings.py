"""Settings in the map: which value is in force, who hears of a change, and what survives."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from isthmus.errors import UsageError
from isthmus.settings import Catalogue, Setting, Settings
from isthmus.settings.resolved import Given
from isthmus.settings.setting import secure
from isthmus.settings.values import integer, optional, text
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore

LIMIT = Setting("limit", integer(0, 10), 1, "A limit.", scope="dynamic")
NOTE = Setting("note.*", optional(text), None, "A note.", scope="dynamic")
NAME = Setting("name", text, "n", "A name.")
SECRET = secure("password", "A secret.")
CATALOGUE = Catalogue([LIMIT, NOTE, NAME, SECRET])


class Here:
    """One node with a copy of the map that it owns itself."""

    def __init__(self, path: Path) -> None:
        self.store = StateStore(path)
        self.map = ReplicatedMap(self.store)
        self.map.write_through(self.commit)

    async def commit(self, writes: Sequence[Write]) -> int:
        commit = self.store.commit(writes)
        self.map.changed(commit.changes)
        return commit.revision

    def settings(self, **file: int) -> DynamicSettings:
        given = {name: Given(LIMIT, value, "file") for name, value in file.items()}
        return DynamicSettings(Settings(Path("/config"), given), self.map, CATALOGUE)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    here = Here(tmp_path / "state.sqlite")
    yield here
    here.store.close()


async def test_transient_comes_before_persistent_before_the_file_before_the_default(here: Here) -> None:
    assert here.settings().get(LIMIT) == 1
    settings = here.settings(limit=2)
    assert settings.get(LIMIT) == 2
    assert await settings.update({"persistent": {"limit": "3"}}) == {"persistent": {"limit": "3"}}
    assert settings.get(LIMIT) == 3
    await settings.update({"transient": {"limit": "4"}})
    assert settings.get(LIMIT) == 4
    await settings.update({"persistent": {"limit": "5"}})
    assert settings.get(LIMIT) == 4
    await settings.update({"transient": {"limit": None}})
    assert settings.get(LIMIT) == 5
    await settings.update({"persistent": {"*": None}})
    assert settings.get(LIMIT) == 2


async def test_a_change_is_told_once_and_only_when_the_value_in_force_is_another(here: Here) -> None:
    settings = here.settings()
    heard: list[int] = []
    settings.on_change(LIMIT, heard.append)
    await settings.update({"persistent": {"limit": "3"}})
    await settings.update({"transient": {"limit": "3"}})
    await settings.update({"persistent": {"note.x": "y"}})
    await settings.update({"persistent": {"limit": "7"}})
    await settings.update({"transient": {"limit": None}})
    assert heard == [3, 7]


async def test_a_whole_new_copy_is_looked_at_too(here: Here) -> None:
    settings = here.settings()
    heard: list[int] = []
    settings.on_change(LIMIT, heard.append)
    here.store.commit([Write("settings/persistent/limit", b'"9"')])
    here.map.replaced()
    assert heard == [9]


async def test_all_is_in_force_again_after_a_restart_transient_settings_too(here: Here) -> None:
    await here.settings().update({"transient": {"limit": "8"}, "persistent": {"note.a": "b"}})
    after = DynamicSettings(Settings(Path("/config"), {}), ReplicatedMap(here.store), CATALOGUE)
    assert after.get(LIMIT) == 8
    assert after.stored("persistent") == {"note.a": "b"}


async def test_of_several_changes_all_are_made_or_none(here: Here) -> None:
    settings = here.settings()
    with pytest.raises(UsageError):
        await settings.update({"transient": {"limit": "2"}, "persistent": {"limit": "11"}})
    assert (settings.stored("transient"), settings.stored("persistent")) == ({}, {})


async def test_a_guard_refuses_what_the_type_allows(here: Here) -> None:
    settings = here.settings()

    def not_seven(value: int) -> None:
        if value == 7:
            raise UsageError("not seven")

    settings.guard(LIMIT, not_seven)
    with pytest.raises(UsageError, match="not seven"):
        await settings.update({"persistent": {"limit": "7"}})
    await settings.update({"persistent": {"limit": "6"}})
    await settings.update({"persistent": {"limit": None}})
    assert settings.get(LIMIT) == 1


async def test_one_part_that_fails_keeps_nothing_from_the_others(here: Here, caplog: pytest.LogCaptureFixture) -> None:
    settings = here.settings()
    heard: list[int] = []

    def fail(_value: int) -> None:
        raise ZeroDivisionError

    settings.on_change(LIMIT, fail)
    settings.on_change(LIMIT, heard.append)
    await settings.update({"persistent": {"limit": "3"}})
    assert heard == [3]
    assert "[limit] could not be applied" in caplog.text


async def test_a_stored_value_that_cannot_be_read_is_told_and_the_last_one_stays(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    settings = here.settings()
    await settings.update({"persistent": {"limit": "3"}})
    with caplog.at_level(logging.ERROR):
        here.store.commit([Write("settings/persistent/limit", b'"many"')])
        here.map.changed(["settings/persistent/limit"])
    assert settings.get(LIMIT) == 3
    assert "[limit] cannot be used on this node" in caplog.text


async def test_the_rest_is_told_without_secrets(here: Here) -> None:
    settings = here.settings()
    assert settings.unset() == {"limit": "1", "name": "n"}
    await settings.update({"persistent": {"limit": "2"}})
    assert settings.unset() == {"name": "n"}
