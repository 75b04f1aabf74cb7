from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from isthmus.cli import main
from tests.cli.certutil.calling import Result

Call = Callable[..., Result]


@pytest.fixture
def isthmus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Call `isthmus …` in an empty folder, without a terminal."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> Result:
        capfd.readouterr()
        status = main.run([str(one) for one in arguments])
        printed = capfd.readouterr()
        return Result(status, printed.out, printed.err)

    return call
