"""A keystore keeps secrets over time, under its password, and never takes the place of a file it could not open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from isthmus.errors import CannotCreateError, ConfigError, DataError, IntegrityError, UnavailableError
from isthmus.keystore import FILE_NAME, Keystore, has_password, secure_settings
from isthmus.keystore.format import MIN_COST, PASSWORD_COST, read_header, seal

NAME, SECRET = "bootstrap.password", "Zkq7pL0wXvB2"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE_NAME


@pytest.fixture
def keystore(path: Path) -> Keystore:
    keystore = Keystore.create(path)
    keystore.put(NAME, SECRET)
    keystore.save()
    return keystore


def test_a_new_keystore_holds_a_seed_of_its_own(tmp_path: Path) -> None:
    first, second = (Keystore.create(tmp_path / name).get("keystore.seed") for name in "ab")
    assert first != second
    assert len(first) == 20


def test_what_was_saved_is_there_after_loading(keystore: Keystore, path: Path) -> None:
    keystore.put("file", b"\x00\xff")
    keystore.save()
    loaded = Keystore.load(path)
    assert loaded.names() == [NAME, "file", "keystore.seed"]
    assert (loaded.get(NAME), loaded.get("file")) == (SECRET, b"\x00\xff")


def test_what_was_not_saved_is_not(keystore: Keystore, path: Path) -> None:
    keystore.remove(NAME)
    assert NAME not in keystore
    assert NAME in Keystore.load(path)


@pytest.mark.parametrize("change", [lambda keystore: keystore.get("none"), lambda keystore: keystore.remove("none")])
def test_a_name_that_is_not_kept_is_told(keystore: Keystore, change: object) -> None:
    assert callable(change)
    with pytest.raises(ConfigError, match=r"\[none\] is not in the keystore"):
        change(keystore)


def test_a_missing_keystore_is_told_with_the_mend(path: Path) -> None:
    with pytest.raises(DataError, match="keystore create"):
        Keystore.load(path)


def test_a_password_protects_it_from_the_next_save_on(keystore: Keystore, path: Path) -> None:
    assert not has_password(path)
    keystore.change_password("hunter2")
    keystore.save()
    assert has_password(path)
    with pytest.raises(IntegrityError, match="password is wrong"):
        Keystore.load(path)
    loaded = Keystore.load(path, "hunter2")
    assert loaded.has_password()
    assert loaded.get(NAME) == SECRET
    loaded.change_password("")
    loaded.save()
    assert Keystore.load(path).get(NAME) == SECRET


def test_a_new_keystore_is_not_saved_over_an_old_one(keystore: Keystore, path: Path) -> None:
    with pytest.raises(CannotCreateError):
        Keystore.create(path).save()
    assert Keystore.load(path).get(NAME) == SECRET


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:-1] + bytes([data[-1] ^ 1]), lambda _: b""]
)
def test_a_file_that_was_damaged_meanwhile_is_never_overwritten(keystore: Keystore, path: Path, damage: object) -> None:
    assert callable(damage)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    keystore.put("other", "value")
    with pytest.raises(UnavailableError):
        keystore.save()
    with pytest.raises(CannotCreateError):
        Keystore.create(path).save()
    with pytest.raises(IntegrityError):
        Keystore.load(path)
    assert path.read_bytes() == damaged


def test_of_two_writers_the_later_is_told_and_nothing_is_lost(keystore: Keystore, path: Path) -> None:
    other = Keystore.load(path)
    other.put("first", "1")
    other.save()
    keystore.put("second", "2")
    with pytest.raises(UnavailableError, match="call the command again"):
        keystore.save()
    assert "first" in Keystore.load(path)


def test_it_may_be_saved_again_and_again(keystore: Keystore, path: Path) -> None:
    for number in range(3):
        keystore.put(NAME, str(number))
        keystore.save()
    assert Keystore.load(path).get(NAME) == "2"


def test_each_write_is_at_the_cost_of_today(keystore: Keystore, path: Path) -> None:
    assert read_header(path.read_bytes(), "").cost == MIN_COST
    keystore.change_password("x")
    keystore.save()
    assert read_header(path.read_bytes(), "").cost == PASSWORD_COST


def test_an_older_cost_is_upgraded_and_today_s_is_left(path: Path) -> None:
    path.write_bytes(seal({NAME: SECRET, "keystore.seed": "s"}, "x", MIN_COST))
    old = Keystore.load(path, "x")
    assert old.upgrade()
    old.save()
    upgraded = Keystore.load(path, "x")
    assert not upgraded.upgrade()
    assert (upgraded.get(NAME), upgraded.get("keystore.seed")) == (SECRET, "s")


def test_a_keystore_without_a_seed_gets_one_by_upgrade(path: Path) -> None:
    path.write_bytes(seal({}, "", MIN_COST))
    keystore = Keystore.load(path)
    assert keystore.upgrade()
    assert "keystore.seed" in keystore


def test_settings_get_the_texts_but_not_the_seed(keystore: Keystore) -> None:
    keystore.put("from.file", b"text of a file")
    assert secure_settings(keystore) == {NAME: SECRET, "from.file": "text of a file"}


def test_a_file_that_is_no_text_is_not_handed_to_settings_and_not_told(keystore: Keystore) -> None:
    keystore.put("from.file", b"\xff\xfe secret")
    with pytest.raises(DataError, match=r"\[from\.file\] is no text") as caught:
        secure_settings(keystore)
    assert caught.value.__cause__ is None


def test_no_secret_shows_when_it_is_printed(keystore: Keystore) -> None:
    keystore.change_password("hunter2")
    assert SECRET not in repr(keystore)
    assert "hunter2" not in repr(keystore)
    assert os.fspath(keystore.path) in repr(keystore)
