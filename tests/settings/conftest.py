"""A configuration folder and what a node reads from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.settings import Settings, load

Load = Callable[..., Settings]
Refused = Callable[..., str]


@pytest.fixture
def conf_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def read(conf_dir: Path) -> Load:
    """Load the settings of a file with the text given."""

    def read(
        text: str = "",
        *,
        overrides: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        secure: Mapping[str, str] | None = None,
    ) -> Settings:
        (conf_dir / "isthmus.yml").write_text(text)
        return load(conf_dir, overrides=overrides, environ=environ or {}, secure=secure)

    return read


@pytest.fixture
def refused(read: Load) -> Refused:
    """Load settings that must be refused, and return what the person is told."""

    def refused(text: str = "", **sources: object) -> str:
        with pytest.raises(ConfigError) as caught:
            read(text, **sources)
        return str(caught.value)

    return refused
