"""What the process does for its node before it starts it."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from isthmus.node.run import raise_file_limit


@pytest.fixture
def half_the_limit() -> Iterator[int]:
    """Let this process open half of what it might; give what it might."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, most))
    yield most
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_node_may_open_as_many_files_as_the_system_grants(half_the_limit: int) -> None:
    raise_file_limit()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (half_the_limit, half_the_limit)
