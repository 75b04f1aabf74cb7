"""The JSON object of a request to `_security`, its keys known by name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from isthmus.errors import UsageError
from isthmus.rest.indices.body import json_body


class UnknownFieldError(UsageError):
    """A body that is no object, or has a key that is not known."""

    type = "x_content_parse_exception"


def fields_of(body: bytes, known: tuple[str, ...], what: str) -> Mapping[str, Any]:
    """Return the object of a body; `{}` if it is empty. Raises UnknownFieldError, which names the nearest known key."""
    given = json_body(body, default={})
    if not isinstance(given, dict):
        raise UnknownFieldError(f"[{what}] a JSON object is expected")
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name[:100], known, 1)
            guess = f" did you mean [{near[0]}]?" if near else ""
            raise UnknownFieldError(f"[{what}] unknown field [{name[:100]}]{guess}")
    return given


def text(given: Mapping[str, Any], name: str) -> str | None:
    """Return a text of the body, None if it is absent. Raises UnknownFieldError for anything else."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise UnknownFieldError(f"[{name}] must be a string")
    return value
