"""The official clients work with a node unmodified."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.sides.isthmus import isthmus
from tests.interop.sides.side import Side, running
from tests.live.clients import NO_CLIENT, drive_javascript, drive_python, javascript_client

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    side = isthmus(tmp_path_factory.mktemp("clients"))
    with running(side):
        yield side


def test_the_python_client_finds_what_it_expects(node: Side) -> None:
    done = drive_python(node.address)
    assert done.returncode == 0, done.stderr


def test_the_javascript_client_finds_what_it_expects(node: Side) -> None:
    modules = javascript_client()
    if modules is None:
        pytest.skip(NO_CLIENT)
    done = drive_javascript(node.address, modules)
    assert done.returncode == 0, done.stderr
