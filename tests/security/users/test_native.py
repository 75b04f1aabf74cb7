"""Users in the cluster's state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.errors import DataError
from isthmus.security.kept import NewerFormatError
from isthmus.security.users.native import SUPERUSER, StateUsers
from isthmus.security.users.stored import USERS, StoredUser, user_key
from isthmus.state.replicated import ReplicatedMap
from tests.security.state import own_state


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


async def test_a_user_is_found_as_soon_as_it_is_committed_and_changes_when_it_does(state: ReplicatedMap) -> None:
    users = StateUsers(state)
    assert users.find("jo") is None
    for roles in (("a",), ("a", "b")):
        await state.put(user_key("jo"), USERS.encode(StoredUser(password_hash="$2b$10$hash", roles=roles)))
        found = users.find("jo")
        assert found is not None
        assert (found.password_hash, found.user.roles, found.realm.type) == ("$2b$10$hash", roles, "native")
    await state.delete(user_key("jo"))
    assert users.find("jo") is None


async def test_what_a_reserved_user_may_is_built_in_whatever_the_state_says(state: ReplicatedMap) -> None:
    await state.put(user_key(SUPERUSER), USERS.encode(StoredUser(password_hash="$2b$10$hash", roles=("viewer",))))
    found = StateUsers(state).find(SUPERUSER)
    assert found is not None
    assert (found.user.roles, found.realm.type, found.user.metadata) == (
        ("superuser",),
        "reserved",
        {"_reserved": True},
    )


async def test_a_user_of_a_newer_version_is_refused_by_name(state: ReplicatedMap) -> None:
    await state.put(user_key("jo"), USERS.encode(StoredUser(format=2, password_hash="x")))
    with pytest.raises(NewerFormatError, match=r"user/jo.* format 2"):
        StateUsers(state).find("jo")


def test_a_hash_is_not_in_the_text_of_a_user() -> None:
    assert "$2b$" not in repr(StoredUser(password_hash="$2b$10$hash"))


@pytest.mark.parametrize("name", ["", " elastic", "a\nb", "ü", "x" * 508])
def test_what_cannot_name_a_user_has_no_key(name: str, state: ReplicatedMap) -> None:
    with pytest.raises(DataError):
        user_key(name)
    assert StateUsers(state).find(name) is None
