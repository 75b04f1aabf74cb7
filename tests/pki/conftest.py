from __future__ import annotations

import shutil

import pytest

from isthmus.pki.authority import Authority
from tests.pki.making import authority


@pytest.fixture(scope="session")
def ca() -> Authority:
    return authority()


@pytest.fixture(scope="session")
def other_ca() -> Authority:
    return authority("Other CA")


@pytest.fixture(scope="session")
def keytool() -> str:
    found = shutil.which("keytool")
    if found is None:
        pytest.skip("keytool (Java) is not installed")
    return found


@pytest.fixture(scope="session")
def openssl() -> str:
    found = shutil.which("openssl")
    if found is None:
        pytest.skip("openssl is not installed")
    return found
