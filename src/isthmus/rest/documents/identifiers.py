"""Identifiers of documents: those that clients give, and those that are made for them."""

from __future__ import annotations

import base64
import os

from isthmus.errors import UsageError

MAX_BYTES = 512


class DocumentIdError(UsageError):
    """An `_id` is missing or too long."""

    type = "illegal_argument_exception"


def check_id(id: str) -> str:  # noqa: A002 - the field's own name
    """Return `id`. Raises DocumentIdError unless it has 1 to 512 bytes."""
    size = len(id.encode(errors="surrogatepass"))
    if not size:
        raise DocumentIdError("if _id is specified it must not be empty")
    if size > MAX_BYTES:
        raise DocumentIdError(f"id [{id[:50]}…] is too long, must be no longer than {MAX_BYTES} bytes but was: {size}")
    return id


def new_id() -> str:
    """Return an id of 20 characters that no other document has."""
    return base64.urlsafe_b64encode(os.urandom(15)).decode()
