"""The scripts of the official clients against a real Elasticsearch, which proves the scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.interop.sides.elasticsearch import elasticsearch
from tests.interop.sides.side import Missing, Side, running
from tests.interop.told import tell
from tests.live.clients import drive_javascript, drive_python, javascript_client_8

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    try:
        side = elasticsearch(tmp_path_factory.mktemp("clients"))
    except Missing as missing:
        pytest.skip(str(missing))
    with running(side):
        yield side


def test_the_python_client_does_with_the_real_one_what_the_script_says(real: Side) -> None:
    release = os.environ.get("ISTHMUS_PYTHON_CLIENT_8")
    if release is None:
        pytest.skip("ISTHMUS_PYTHON_CLIENT_8 names no folder with the client's release 8; 9 is refused by the engine")
    done = drive_python(real.address, release)
    assert done.returncode == 0, done.stderr
    tell("the Python client with Elasticsearch", done.stdout)


def test_the_javascript_client_does_with_the_real_one_what_the_script_says(real: Side) -> None:
    modules = javascript_client_8()
    if modules is None:
        pytest.skip("ISTHMUS_JS_CLIENT_8 names no node_modules with the client's release 8, or there is no node")
    done = drive_javascript(real.address, modules)
    assert done.returncode == 0, done.stderr
    tell("the JavaScript client with Elasticsearch", done.stdout)
