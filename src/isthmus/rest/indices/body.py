"""The JSON body of a request."""

from __future__ import annotations

from typing import Any

from isthmus.errors import UsageError
from isthmus.query.json_text import read_json


class BodyError(UsageError):
    """A body that is missing."""

    type = "parse_exception"


def json_body(body: bytes, *, default: Any = None) -> Any:
    """Return the value of a body; `default` if it is empty (None: it may not be).

    Raises BodyError, and XContentParseError for what is no JSON, or has a key twice.
    """
    if not body.strip():
        if default is None:
            raise BodyError("request body is required")
        return default
    return read_json(body)
