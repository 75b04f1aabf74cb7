"""All declared settings, found by name."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from isthmus.settings.setting import AnySetting, Setting

MIN_LIKENESS = 0.7


class Catalogue:
    """The declared settings, in the order of their names. Raises ValueError if a name is declared twice."""

    def __init__(self, settings: Sequence[AnySetting]) -> None:
        self._plain: dict[str, AnySetting] = {}
        self._patterns: list[AnySetting] = []
        names: set[str] = set()
        for setting in sorted(settings, key=lambda setting: setting.name):
            if setting.name in names:
                raise ValueError(f"declared twice: {setting.name}")
            names.add(setting.name)
            if "*" in setting.name:
                self._patterns.append(setting)
            else:
                self._plain[setting.name] = setting

    def __iter__(self) -> Iterator[AnySetting]:
        yield from sorted([*self._plain.values(), *self._patterns], key=lambda setting: setting.name)

    def find(self, name: str) -> Setting[Any] | None:
        """Return the setting that `name` belongs to, also by a pattern; None if there is none."""
        found = self._plain.get(name)
        if found is not None:
            return found
        return next((pattern for pattern in self._patterns if pattern.match(name) is not None), None)

    def nearest(self, name: str, *, secure: bool | None = None) -> str | None:
        """Return the declared name most like `name`, if one is; `secure` restricts it to such settings or to others."""
        import difflib  # only a mistake needs it

        names = [
            _in_the_manner_of(name, setting.name)
            for setting in self
            if secure is None or (setting.scope == "secure") is secure
        ]
        return next(iter(difflib.get_close_matches(name, names, n=1, cutoff=MIN_LIKENESS)), None)


@functools.cache
def declared() -> Catalogue:
    """Return the catalogue of all settings."""
    from isthmus.settings import (
        audit_settings,
        cluster_settings,
        index_cluster_settings,
        network_settings,
        node_settings,
        realm_settings,
        remote_settings,
        search_settings,
        ssl_settings,
        tls_settings,
    )

    return Catalogue(
        [
            *audit_settings.SETTINGS,
            *cluster_settings.SETTINGS,
            *index_cluster_settings.SETTINGS,
            *network_settings.SETTINGS,
            *node_settings.SETTINGS,
            *realm_settings.SETTINGS,
            *remote_settings.SETTINGS,
            *search_settings.SETTINGS,
            *ssl_settings.SETTINGS,
            *tls_settings.SETTINGS,
        ]
    )


def _in_the_manner_of(name: str, pattern: str) -> str:
    """Fill the `*` of `pattern` with what stands at its place in `name`."""
    if "*" not in pattern:
        return pattern
    segments = name.split(".")
    star = pattern.split(".").index("*")
    return pattern.replace("*", segments[star]) if star < len(segments) else pattern
