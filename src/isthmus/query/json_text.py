"""JSON of a request as it may be: readable, and no key twice in one object. Pure."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec

from isthmus.query.mistakes import XContentParseError, shown


def read_json(body: bytes) -> Any:
    """Return what JSON says. Raises XContentParseError, also for a key that stands twice in one object.

    A second key would silently replace the first.
    """
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise XContentParseError(f"the request's body is no JSON: {cause}") from cause
    # What is too long or too deep for this parser is refused for that, by those who read it.
    with suppress(ValueError, RecursionError):
        json.loads(body, object_pairs_hook=_each_once)
    return found


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise XContentParseError(f"Duplicate field [{shown(key)}]")
        seen.add(key)
