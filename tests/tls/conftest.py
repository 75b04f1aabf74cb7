"""The authority of the cluster in whose tests nodes meet."""

from __future__ import annotations

import shutil

import pytest

from tests.certificates import Authority, make_ca


@pytest.fixture
def ca() -> Authority:
    return make_ca("cluster CA")


@pytest.fixture(scope="session")
def keytool() -> str:
    found = shutil.which("keytool")
    if found is None:
        pytest.skip("keytool (Java) is not installed")
    return found
