"""The settings of one node: what was set, where, and the defaults of the rest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from isthmus.settings.setting import Setting

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class Given:
    """A value that was set: the `setting` it belongs to, the `parsed` value and the place, `where`."""

    setting: Setting[Any]
    parsed: Any
    where: str


class Settings:
    """A node's settings. `conf_dir` is absolute; `warnings` are sentences for the log."""

    def __init__(self, conf_dir: Path, given: Mapping[str, Given], warnings: Sequence[str] = ()) -> None:
        self.conf_dir = conf_dir
        self.warnings = tuple(warnings)
        self._given = dict(given)

    def get(self, setting: Setting[T]) -> T:
        """Return the value that was set, else the default."""
        given = self._given.get(setting.name)
        if given is None:
            return setting.default_for(self)
        value: T = given.parsed
        return value

    def is_set(self, setting: Setting[Any]) -> bool:
        """Tell whether a source sets it (for a pattern: any name that matches)."""
        return self._first(setting) is not None

    def where(self, setting: Setting[Any]) -> str:
        """Return where it was set: `file:line`, `-E`, `keystore`, or `default`."""
        given = self._first(setting)
        return "default" if given is None else given.where

    def affix(self, pattern: Setting[T]) -> dict[str, T]:
        """Return the values of all names that match `pattern`, by what its `*` stands for."""
        found: dict[str, T] = {}
        for name, given in self._given.items():
            if given.setting.name == pattern.name:
                found[pattern.match(name) or ""] = given.parsed
        return found

    def by_name(self, patterns: Iterable[Setting[Any]]) -> dict[str, Any]:
        """Return the values of all names that match one of `patterns`, by their names."""
        wanted = {pattern.name for pattern in patterns}
        return {name: given.parsed for name, given in self._given.items() if given.setting.name in wanted}

    def where_of(self, name: str) -> str:
        """Return where the setting of this name was set, as `where` does."""
        given = self._given.get(name)
        return "default" if given is None else given.where

    def resolve(self, path: str) -> Path:
        """Return `path` as an absolute path; a relative one is relative to the configuration folder."""
        return Path(os.path.normpath(self.conf_dir / path))

    def _first(self, setting: Setting[Any]) -> Given | None:
        return next((given for given in self._given.values() if given.setting.name == setting.name), None)

    def __repr__(self) -> str:
        return f"<Settings of {self.conf_dir}: {len(self._given)} set>"
