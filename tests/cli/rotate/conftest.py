"""A cluster's folders, and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.rotate.cluster import Folders, Rotate, new_folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return new_folders(tmp_path)


@pytest.fixture
def rotate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Rotate:
    return Rotate(tmp_path / "work", capsys)
