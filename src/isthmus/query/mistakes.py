"""What a request's JSON can do wrong, with Elasticsearch's types; and the nearest right name for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from isthmus.errors import UsageError

MAX_SHOWN = 100
MIN_LIKENESS = 0.6
MIN_MISSPELT = 0.75


class ParsingError(UsageError):
    """The JSON of a request has not the shape that it should have."""

    type = "parsing_exception"


class XContentParseError(UsageError):
    """An object has a key that is not known, or a value that does not fit its key."""

    type = "x_content_parse_exception"


class ValidationError(UsageError):
    """The parts of a request are right by themselves and wrong together."""

    type = "action_request_validation_exception"


def shown(value: Any) -> str:
    """Return a value of a request as it may stand in an error: cut."""
    return str(value)[:MAX_SHOWN]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` did you mean [x]?` for the nearest of `known` names, or nothing."""
    near = difflib.get_close_matches(name[:MAX_SHOWN], list(known), n=3, cutoff=MIN_LIKENESS)
    if not near:
        return ""
    if len(near) == 1:
        return f" did you mean [{near[0]}]?"
    return f" did you mean any of [{', '.join(near)}]?"


def misspelt(name: str, given: Iterable[str]) -> str | None:
    """Return the one of the `given` keys that was most likely meant to be `name`, None if none looks like it."""
    near = difflib.get_close_matches(name, [one[:MAX_SHOWN] for one in given], n=1, cutoff=MIN_MISSPELT)
    return near[0] if near else None


def token_of(value: Any) -> str:
    """Return what Elasticsearch's messages call the beginning of a JSON value."""
    match value:
        case None:
            return "VALUE_NULL"
        case bool():
            return "VALUE_BOOLEAN"
        case str():
            return "VALUE_STRING"
        case int() | float():
            return "VALUE_NUMBER"
        case list():
            return "START_ARRAY"
        case _:
            return "START_OBJECT"
