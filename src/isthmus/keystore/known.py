"""Which names a keystore may hold: those of the secure settings, and `keystore.seed`, which is its own."""

from __future__ import annotations

import re

from isthmus.errors import DataError
from isthmus.settings import declared

SEED = "keystore.seed"
"""Made with each keystore, as `elasticsearch-keystore` does."""

MAX_NAME_LETTERS = 255

_NAME = re.compile(r"[A-Za-z0-9_\-.]+", re.ASCII)


def check_name(name: str, *, force: bool = False) -> str | None:
    """Raise DataError unless `name` is that of a secure setting.

    With `force` a name that no setting has is let through, and what would have been said is returned as a warning.
    A name that no setting can have, and one that belongs into the yml file, are never let through.
    """
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME_LETTERS:
        raise DataError(
            f"[{name[:MAX_NAME_LETTERS]}] is no name of a setting", hint="letters, digits, '_', '-' and '.' are allowed"
        )
    setting = declared().find(name)
    if name == SEED or (setting is not None and setting.scope == "secure"):
        return None
    if setting is not None:
        raise DataError(
            f"[{name}] is not a secure setting and would not be read from here", hint="set it in isthmus.yml"
        )
    if force:
        return f"no secure setting is called [{name}]"
    raise DataError(f"no secure setting is called [{name}]", hint=_mend(name))


def check_value(name: str, value: str) -> None:
    """Raise DataError if the setting `name` would refuse `value`; the error does not hold the value."""
    setting = declared().find(name)
    try:
        if not value:
            raise ValueError("it is empty")
        if setting is not None:
            setting.parse(value)
    except ValueError as broken:
        # Only the rule is told: the cause might hold the secret.
        raise DataError(f"the value of [{name}] is refused: {broken}") from None


def _mend(name: str) -> str:
    nearest = declared().nearest(name, secure=True)
    force = "--force keeps it all the same"
    return f"did you mean [{nearest}]? {force}" if nearest else f"see 'isthmus settings' for those there are; {force}"
