"""Offsets as Elasticsearch tells them: in UTF-16 units, of which a character beyond U+FFFF takes two. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def utf16_offsets(text: str) -> Sequence[int]:
    """Return for each place in a text, its end too, how many UTF-16 units are before it."""
    if text.isascii():
        return range(len(text) + 1)
    return list(accumulate((2 if one > "\uffff" else 1 for one in text), initial=0))
