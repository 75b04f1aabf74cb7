"""Names with `*`, which stands for any text. Pure, and in time linear in the name for each part of the pattern."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Tell whether `text` is what `pattern` says."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    return _in_order(middle, text[len(first) : len(text) - len(last)])


def _in_order(parts: list[str], text: str) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
