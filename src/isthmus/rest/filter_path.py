"""`filter_path`: which parts of an answer are wanted. Pure.

A comma-separated list of paths; `*` stands for any text within one name, `**` for any names in between, a leading `-`
excludes. Arrays are looked through. Both kinds together: what is included, without what is excluded. Objects that are
left without content vanish.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from isthmus.errors import UsageError
from isthmus.rest.wildcards import matches

Pattern = tuple[str, ...]
MAX_PATTERNS = 256
_GONE = object()


def compile_filter(text: str) -> Callable[[Any], Any]:
    """Return the function that keeps of a JSON value what `text` asks for; raises UsageError for too many paths."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MAX_PATTERNS:
        raise UsageError(f"[filter_path] holds more than [{MAX_PATTERNS}] paths")
    includes = [_split(part) for part in parts if not part.startswith("-")]
    excludes = [_split(part[1:]) for part in parts if part.startswith("-")]

    def apply(value: Any) -> Any:
        kept = _walk(value, includes, included=True) if includes else value
        kept = _walk(kept, excludes, included=False) if excludes and kept is not _GONE else kept
        if kept is _GONE:
            return [] if isinstance(value, list) else {}
        return kept

    return apply


def _split(path: str) -> Pattern:
    parts = [part for part in path.split(".") if part]
    return tuple(part for part, before in zip(parts, ["", *parts], strict=False) if not part == before == "**")


def _walk(value: Any, patterns: Sequence[Pattern], *, included: bool) -> Any:
    if isinstance(value, dict):
        return _walk_members(value, patterns, included=included)
    if isinstance(value, list):
        found = [kept for item in value if (kept := _walk(item, patterns, included=included)) is not _GONE]
        return found or _left(value, included=included)
    return _GONE if included else value


def _walk_members(value: dict[str, Any], patterns: Sequence[Pattern], *, included: bool) -> Any:
    found = {}
    for name, member in value.items():
        ahead = _advance(patterns, name)
        if () in ahead:
            kept = member if included else _GONE
        elif ahead:
            kept = _walk(member, ahead, included=included)
        else:
            kept = _GONE if included else member
        if kept is not _GONE:
            found[name] = kept
    return found or _left(value, included=included)


def _left(value: Any, *, included: bool) -> Any:
    """What becomes of an object or array of which nothing was kept: one that was empty before is not left out."""
    return _GONE if included or value else value


def _advance(patterns: Sequence[Pattern], name: str) -> list[Pattern]:
    """What is left of the patterns below a member called `name`; () where one has come to its end."""
    ahead: dict[Pattern, None] = {}
    for pattern in patterns:
        for rest in _step(pattern, name):
            ahead[rest] = None
    return list(ahead)


def _step(pattern: Pattern, name: str) -> list[Pattern]:
    if not pattern:
        return []
    if pattern[0] == "**":
        # It may end here, or reach further.
        return [pattern, *_step(pattern[1:], name)] if len(pattern) > 1 else [()]
    return [pattern[1:]] if matches(pattern[0], name) else []
