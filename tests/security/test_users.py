"""Users in the cluster's state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.errors import DataError
from isthmus.security.users import RESERVED_USER, StateUserStore, user_key
from isthmus.state.history import Term, Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore(tmp_path / "state.sqlite")
    store.found("uuid", Term(1, "id-a", "node-a", 0))
    yield store
    store.close()


def test_a_hash_is_found_under_the_users_key_as_soon_as_it_is_committed(store: StateStore) -> None:
    users = StateUserStore(ReplicatedMap(store))
    assert users.password_hash(RESERVED_USER) is None
    store.commit([Write(user_key(RESERVED_USER), b"$2b$10$hash")])
    assert users.password_hash(RESERVED_USER) == "$2b$10$hash"


@pytest.mark.parametrize("name", ["", " elastic", "a\nb", "ü", "x" * 508])
def test_what_cannot_name_a_user_has_no_key(name: str) -> None:
    with pytest.raises(DataError):
        user_key(name)
