"""The data folder belongs to one process, and the node keeps its id in it."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.node.folder import DataFolder


def test_the_node_keeps_its_id_and_only_its_user_may_look(tmp_path: Path) -> None:
    path = tmp_path / "data"
    folder = DataFolder(path)
    first = folder.node_id
    folder.close()
    folder = DataFolder(path)
    assert folder.node_id == first
    assert len(base64.urlsafe_b64decode(first + "==")) == 16
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {0o600}
    folder.close()


def test_a_folder_in_use_is_refused_and_free_again_afterwards(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(ConfigError, match="another node runs on this data folder") as caught:
        DataFolder(tmp_path)
    assert str(tmp_path) in str(caught.value)
    folder.close()
    DataFolder(tmp_path).close()


def test_a_path_that_is_a_file_is_refused_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(ConfigError, match=r"path\.data"):
        DataFolder(tmp_path / "data")
