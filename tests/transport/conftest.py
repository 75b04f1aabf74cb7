"""A stage for transport services, under both event loops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop

from tests.certificates import Authority, make_ca
from tests.transport.stage import Stage


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The node runs under uvloop; plain asyncio must do as well."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    await stage.close()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return make_ca("trusted CA")


@pytest.fixture(scope="session")
def alien() -> Authority:
    return make_ca("alien CA")
