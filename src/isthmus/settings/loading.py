"""From the configuration folder, `-E`, the environment and the keystore's values to `Settings`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from isthmus.errors import ConfigError, PermissionDeniedError
from isthmus.settings.entries import Entry, filled, from_overrides
from isthmus.settings.mistakes import Mistake, refuse
from isthmus.settings.resolved import Settings

CONF_DIR_VARIABLE = "ISTHMUS_PATH_CONF"
OWN_FILE = "isthmus.yml"
FAMILIAR_FILE = "elasticsearch.yml"


def find_conf_dir(environ: Mapping[str, str]) -> Path:
    """Return the configuration folder: $ISTHMUS_PATH_CONF, else ./config. Raises ConfigError if it is not there."""
    conf_dir = Path(environ.get(CONF_DIR_VARIABLE) or "config").absolute()
    if not conf_dir.is_dir():
        raise ConfigError(
            "the configuration folder does not exist",
            where=str(conf_dir),
            hint=f"make it, or name another one in {CONF_DIR_VARIABLE}",
        )
    return conf_dir


def load(
    conf_dir: Path,
    *,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str],
    secure: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings of the node that is configured in the folder `conf_dir`.

    `overrides` are the values of `-E`, each `name=value`; they win over the file. `environ` fills the placeholders.
    `secure` holds the keystore's values by name. Raises one ConfigError that tells of every mistake found, with its
    place and, for an unknown name, the nearest right one.
    """
    # Who only asks what settings there are does not pay for reading them.
    from isthmus.settings.crosschecks import cross_check, notices
    from isthmus.settings.reading import Reader

    conf_dir = conf_dir.absolute()
    mistakes: list[Mistake] = []
    reader = Reader(mistakes)
    for entry in _entries(conf_dir, overrides, mistakes).values():
        whole = filled(entry, _with_host_name(environ), mistakes)
        if whole is not None:
            reader.read(whole)
    for name, value in (secure or {}).items():
        reader.read_secure(name, value)
    refuse(mistakes)
    settings = Settings(conf_dir, reader.given)
    refuse(cross_check(settings))
    return Settings(conf_dir, reader.given, [*reader.warnings, *notices(settings)])


def _entries(conf_dir: Path, overrides: Sequence[str], mistakes: list[Mistake]) -> dict[str, Entry]:
    path = _settings_file(conf_dir)
    if path is None:
        return from_overrides(overrides, mistakes)
    from isthmus.settings.yaml_file import from_file

    return from_file(path, mistakes) | from_overrides(overrides, mistakes)


def _settings_file(conf_dir: Path) -> Path | None:
    if not conf_dir.is_dir():
        raise ConfigError("the configuration folder does not exist", where=str(conf_dir))
    found = [conf_dir / name for name in (OWN_FILE, FAMILIAR_FILE) if _is_there(conf_dir / name)]
    if len(found) > 1:
        raise ConfigError(
            f"the folder holds both {OWN_FILE} and {FAMILIAR_FILE}", where=str(conf_dir), hint="keep one of the two"
        )
    if found and not found[0].is_file():
        raise ConfigError("this is not a file", where=str(found[0]))
    return found[0] if found else None


def _is_there(path: Path) -> bool:
    """Tell whether something has this name. A folder that cannot be looked into is an error, not an absent file."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as cause:
        raise PermissionDeniedError(
            f"the configuration folder cannot be searched: {cause.strerror}", where=str(path.parent)
        ) from cause
    return True


def _with_host_name(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Shells know HOSTNAME but seldom hand it on; Elasticsearch's start script does, and its users rely on it."""
    return {"HOSTNAME": os.uname().nodename, **environ}
