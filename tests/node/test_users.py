"""The first password of `elastic`: given, or made and shown once, on a terminal only."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import bcrypt
import pytest

from isthmus.node.users import ensure_first_password
from isthmus.security.users.native import StateUsers
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore


class Terminal(io.StringIO):
    """A terminal, or a pipe, that remembers what was written."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[ReplicatedMap]:
    store = StateStore(tmp_path / "state.sqlite")

    async def submit(writes: Sequence[Write]) -> int:
        return store.commit(writes).revision

    state = ReplicatedMap(store)
    state.write_through(submit)
    yield state
    store.close()


def stored(state: ReplicatedMap) -> bytes:
    found = StateUsers(state).find("elastic")
    assert found is not None
    return found.password_hash.encode()


async def test_a_made_password_is_shown_on_a_terminal_and_is_the_right_one(state: ReplicatedMap) -> None:
    terminal = Terminal(is_terminal=True)
    await ensure_first_password(state, None, terminal)
    shown = terminal.getvalue().split("is: ")[1].split()[0]
    assert bcrypt.checkpw(shown.encode(), stored(state))


async def test_a_made_password_is_not_written_to_a_pipe(state: ReplicatedMap) -> None:
    pipe = Terminal(is_terminal=False)
    await ensure_first_password(state, None, pipe)
    assert pipe.getvalue() == ""
    assert stored(state)


async def test_a_password_of_the_keystore_is_used_and_never_shown(state: ReplicatedMap) -> None:
    terminal = Terminal(is_terminal=True)
    await ensure_first_password(state, "from-the-keystore", terminal)
    assert bcrypt.checkpw(b"from-the-keystore", stored(state))
    assert terminal.getvalue() == ""


async def test_a_password_that_the_cluster_has_stays(state: ReplicatedMap) -> None:
    await ensure_first_password(state, "the first one", Terminal(is_terminal=False))
    before = stored(state)
    await ensure_first_password(state, "another one", Terminal(is_terminal=True))
    assert stored(state) == before
