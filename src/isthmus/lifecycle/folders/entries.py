"""The settings file of a folder, whichever engine it belongs to, by Elasticsearch's names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from isthmus.errors import ConfigError
from isthmus.lifecycle.folders import opensearch
from isthmus.settings.entries import Entry, filled
from isthmus.settings.mistakes import Mistake
from isthmus.settings.yaml_file import from_file

Engine = Literal["isthmus", "elasticsearch", "opensearch"]

FILES: dict[str, Engine] = {
    "isthmus.yml": "isthmus",
    "elasticsearch.yml": "elasticsearch",
    "opensearch.yml": "opensearch",
}


@dataclass(frozen=True)
class FolderEntries:
    """What a settings file says. `written` has the name in the file for each of Elasticsearch's names.

    `mistakes` are those of the whole file, also of settings that have nothing to do with TLS.
    """

    engine: Engine
    file: Path
    entries: Mapping[str, Entry]
    written: Mapping[str, str]
    mistakes: tuple[Mistake, ...]

    def text(self, name: str) -> str | None:
        """Return the value of a setting if it is one text."""
        entry = self.entries.get(name)
        return entry.value if entry is not None and isinstance(entry.value, str) else None


def settings_file_of(folder: Path) -> Path | None:
    """Return the settings file in `folder`, None if it has none; of several Isthmus's own comes first."""
    return next((folder / name for name in FILES if os.path.lexists(folder / name)), None)


def read_entries(folder: Path, environ: Mapping[str, str]) -> FolderEntries:
    """Read the settings file in `folder`; `environ` fills its placeholders.

    Raises ConfigError if there is none, or if it is no YAML; NoInputError, PermissionDeniedError if it is not readable.
    """
    path = settings_file_of(folder)
    if path is None:
        raise ConfigError(
            f"the folder holds none of {', '.join(FILES)}", where=str(folder), hint="name a configuration folder"
        )
    mistakes: list[Mistake] = []
    given = {
        name: whole
        for name, entry in from_file(path, mistakes).items()
        if (whole := filled(entry, environ, mistakes)) is not None
    }
    engine = FILES[path.name]
    named = opensearch.familiar(given) if engine == "opensearch" else {name: (one, name) for name, one in given.items()}
    return FolderEntries(
        engine,
        path,
        {name: entry for name, (entry, _) in named.items()},
        {name: written for name, (_, written) in named.items()},
        tuple(mistakes),
    )
