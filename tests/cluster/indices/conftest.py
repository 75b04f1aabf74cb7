"""A node that owns its state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.state.store import StateStore
from tests.cluster.indices.state import OneNode


@pytest.fixture
def node(tmp_path: Path) -> Iterator[OneNode]:
    store = StateStore(tmp_path / "state.sqlite")
    yield OneNode(store)
    store.close()
