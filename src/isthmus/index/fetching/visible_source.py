"""A document as somebody sees it who does not see all fields: an object is what is seen of it, nothing if nothing is.

Values keep the very bytes that they came with.
"""

from __future__ import annotations

from typing import Final

import msgspec

from isthmus.index.fetching.source_filtering import ARRAY, OBJECT
from isthmus.security.authorization.access import IndexAccess

_EMPTY: Final = b"{}"


def visible_source(source: bytes, access: IndexAccess) -> bytes:
    """Return the JSON of what is seen of a document."""
    if not access.fields or not source:
        return source
    return bytes(_object(source, "", access) or _EMPTY)


def _object(source: bytes | msgspec.Raw, above: str, access: IndexAccess) -> bytes | None:
    left: dict[str, msgspec.Raw] = {}
    for name, value in OBJECT.decode(source).items():
        shown = _value(value, f"{above}{name}", access)
        if shown is not None:
            left[name] = shown
    return msgspec.json.encode(left) if left else None


def _value(value: msgspec.Raw, path: str, access: IndexAccess) -> msgspec.Raw | None:
    kind = bytes(memoryview(value)[:1])
    if kind == b"{":
        inner = _object(value, f"{path}.", access)
        return None if inner is None else msgspec.Raw(inner)
    if kind == b"[":
        items = _array(value, path, access)
        return msgspec.Raw(msgspec.json.encode(items)) if items else None
    return value if access.sees(path) else None


def _array(value: msgspec.Raw, path: str, access: IndexAccess) -> list[msgspec.Raw]:
    """An object in a list stays in its place, empty, if something of such objects may be seen."""
    items = []
    for item in ARRAY.decode(value):
        shown = _value(item, path, access)
        if shown is None and bytes(memoryview(item)[:1]) == b"{" and access.sees_some_below(path):
            shown = msgspec.Raw(_EMPTY)
        if shown is not None:
            items.append(shown)
    return items
