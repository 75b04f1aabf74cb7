"""`${NAME}` and `${NAME:default}` in values: replaced once by the environment's variables. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_FILLED = 64 * 1024
_PLACEHOLDER = re.compile(r"\$\{(?P<name>[^{}:]*)(?P<rest>:[^{}]*)?(?P<end>\})?")


def fill(value: str, environ: Mapping[str, str]) -> str:
    """Return `value` with each placeholder replaced.

    What a variable holds is not read for placeholders again. Raises ValueError, without any variable's value, if a
    variable is not set and there is no default, or if a placeholder is not closed or holds another.
    """
    if "${" not in value:
        return value

    def replacement(found: re.Match[str]) -> str:
        name, rest = found["name"], found["rest"]
        if not found["end"]:
            raise ValueError("a placeholder [${…}] is not closed, or holds another placeholder")
        if not name:
            raise ValueError("a placeholder [${…}] names no variable")
        if name not in environ and rest is None:
            raise ValueError(f"the environment has no variable [{name}] and the placeholder no default")
        return environ.get(name, (rest or "")[1:])

    filled = _PLACEHOLDER.sub(replacement, value)
    if len(filled) > MAX_FILLED:
        raise ValueError(f"with its variables it is longer than {MAX_FILLED} letters")
    return filled
