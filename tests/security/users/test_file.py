"""The realm of two files, as Elasticsearch's own tool writes them."""

from __future__ import annotations

import logging
from pathlib import Path

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.security.users.file import FileUsers, parse_users, parse_users_roles

# As `elasticsearch-users` writes it: the salt's version is 2a, which our own bcrypt must take.
ES_LINE = "rdeniro:$2a$10$BBJ/ILiyJ1eBTYoRKxkqbuDEdYECplvxnqQ47uiowE7yGqvCEgj9W"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users").write_text(f"# who may\n{ES_LINE}\n")
    (tmp_path / "users_roles").write_text("admin:rdeniro,jo\npower_user: rdeniro\n")
    return tmp_path


def test_a_user_of_the_files_has_its_hash_and_its_roles(folder: Path) -> None:
    found = FileUsers(folder, "node-a").find("rdeniro")
    assert found is not None
    assert (found.user.roles, found.realm.type, found.realm.node) == (("admin", "power_user"), "file", "node-a")
    assert not bcrypt.checkpw(b"wrong", found.password_hash.encode())


def test_a_folder_without_the_files_has_no_users(tmp_path: Path) -> None:
    assert FileUsers(tmp_path).find("rdeniro") is None


def test_files_that_changed_are_taken_up_and_unreadable_ones_leave_all_as_it_was(folder: Path) -> None:
    users = FileUsers(folder)
    (folder / "users").write_bytes(b"\xff\xfe broken")
    users.files.read()
    assert users.find("rdeniro") is not None
    (folder / "users").write_text(ES_LINE.replace("rdeniro", "alpacino") + "\n")
    users.files.read()
    assert users.find("rdeniro") is None
    assert users.find("alpacino") is not None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no colon", "not of the form name:hash"),
        ("jo:{PBKDF2}1000$x", "hash of user [jo] is not bcrypt's"),
        (ES_LINE, "user [rdeniro] stands here twice"),
    ],
)
def test_a_wrong_line_is_left_out_and_named(line: str, words: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert list(parse_users(f"{ES_LINE}\n\n{line}\n", "/conf/users")) == ["rdeniro"]
    (record,) = caplog.records
    assert words in record.getMessage()
    assert record.getMessage().startswith("/conf/users:3: ")
    assert "PBKDF2" not in record.getMessage()


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    parse_users(text, "users")
    parse_users_roles(text, "users_roles")
