"""What a handler gives back, and how it becomes bytes in the representation that was agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec


@dataclass(frozen=True)
class Json:
    """A JSON value (what msgspec can encode), the HTTP status, and the path of what was made."""

    value: Any
    status: int = 200
    location: str | None = None


@dataclass(frozen=True)
class Text:
    """Plain text, the HTTP status, and the media type if it says more than `text/plain`."""

    value: str
    status: int = 200
    media_type: str = "text/plain; charset=UTF-8"


Answer = Json | Text


def encode_json(value: Any, *, pretty: bool) -> bytes:
    """Encode `value`; `pretty` puts each member on a line of its own."""
    encoded = msgspec.json.encode(value)
    return msgspec.json.format(encoded, indent=2) + b"\n" if pretty else encoded
