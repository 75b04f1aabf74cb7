"""Errors as Elasticsearch's clients expect them. Pure."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from isthmus.errors import IsthmusError, UsageError
from isthmus.search.failures import SearchPhaseError
from isthmus.security.errors import AuthenticationError

CHALLENGE = "WWW-Authenticate"
MAX_FRAMES = 50


class ContentTooLargeError(UsageError):
    """A request's body is larger than `http.max_content_length`."""

    type = "content_too_long_exception"
    status = 413


class TooSlowError(IsthmusError):
    """A client sends its request too slowly."""

    type = "request_timeout_exception"
    status = 408


class UnexpectedError(IsthmusError):
    """A fault of this program. What it is goes to the log only."""

    type = "internal_server_error"
    status = 500


def error_body(error: IsthmusError, *, trace: bool = False) -> dict[str, Any]:
    """Return the JSON body that tells `error`.

    `trace` adds the stack of this error alone: what caused it goes to the log only.
    """
    told = _told(error)
    if trace:
        told["stack_trace"] = _stack(error)
    causes = error.root_causes if isinstance(error, SearchPhaseError) else [told]
    return {"error": {"root_cause": causes, **told}, "status": error.status}


def simple_body(reason: str, status: int | None = None) -> dict[str, Any]:
    """Return the body of an error that Elasticsearch tells as one text: no such route, no such method."""
    return {"error": reason} if status is None else {"error": reason, "status": status}


def challenges(error: IsthmusError) -> Iterator[tuple[str, str]]:
    """Return the headers that say how to authenticate."""
    if isinstance(error, AuthenticationError):
        for challenge in error.challenges:
            yield CHALLENGE, challenge


def _stack(error: IsthmusError) -> str:
    """The way of the error through this program, innermost call first, without folders and source lines."""
    frames = reversed(traceback.extract_tb(error.__traceback__, limit=-MAX_FRAMES))
    lines = (f"\tat {frame.name}({PurePath(frame.filename).name}:{frame.lineno})" for frame in frames)
    return "\n".join([f"{type(error).__name__}: {error}", *lines])


def _told(error: IsthmusError) -> dict[str, Any]:
    # What a client sent and is told back need not be text.
    reason = str(error).encode(errors="replace").decode()
    told: dict[str, Any] = {"type": error.type, "reason": reason, **error.details}
    header = [challenge for _, challenge in challenges(error)]
    return told | {"header": {CHALLENGE: header}} if header else told
