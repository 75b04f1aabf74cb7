"""The JSON body of a request."""

from __future__ import annotations

from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.query.mistakes import XContentParseError


class BodyError(UsageError):
    """A body that is missing."""

    type = "parse_exception"


def json_body(body: bytes, *, default: Any = None) -> Any:
    """Return the value of a body; `default` if it is empty (None: it may not be).

    Raises BodyError, and XContentParseError for what is no JSON.
    """
    if not body.strip():
        if default is None:
            raise BodyError("request body is required")
        return default
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise XContentParseError(f"the request's body is no JSON: {cause}") from cause
