from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from isthmus.cli import main
from tests.cli.certutil.calling import Result

Call = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the command."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def certutil(folder: Path, capfd: pytest.CaptureFixture[str]) -> Call:
    """Call `isthmus certutil …` in `folder`, without a terminal."""

    def call(*arguments: str) -> Result:
        capfd.readouterr()
        status = main.run(["certutil", *arguments])
        printed = capfd.readouterr()
        return Result(status, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def openssl() -> str:
    found = shutil.which("openssl")
    if found is None:
        pytest.skip("openssl is not installed")
    return found


@pytest.fixture(scope="session")
def keytool() -> str:
    found = shutil.which("keytool")
    if found is None:
        pytest.skip("keytool (Java) is not installed")
    return found
