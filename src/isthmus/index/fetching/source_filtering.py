"""Which parts of a source are shown. Values keep the very bytes that they came with.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-fields.html#source-filtering
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from isthmus.query.source_filter import SourceFilter

Matches = Callable[[str], bool]
OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


def filtered(source: bytes, wanted: SourceFilter) -> bytes | None:
    """The JSON that is shown of `source`; None if none is. The whole is given as it is."""
    if not wanted.enabled:
        return None
    if not wanted.includes and not wanted.excludes:
        return source
    included = matcher(wanted.includes) if wanted.includes else everything
    return of_object(source, "", included, matcher(wanted.excludes)) or b"{}"


def everything(_path: str) -> bool:
    return True


@lru_cache(maxsize=256)
def matcher(patterns: tuple[str, ...]) -> Matches:
    """Whether a path, or what it is below, matches a pattern; `*` stands for any characters, dots too."""
    if not patterns:
        return lambda _path: False
    either = "|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    compiled = re.compile(rf"(?:{either})(?:\..*)?", re.DOTALL)
    return lambda path: compiled.fullmatch(path) is not None


def of_object(source: bytes | msgspec.Raw, above: str, included: Matches, excluded: Matches) -> bytes | None:
    """What is left of an object; None if that is nothing."""
    left: dict[str, msgspec.Raw] = {}
    for name, value in OBJECT.decode(source).items():
        path = f"{above}.{name}" if above else name
        if excluded(path):
            continue
        shown = of_value(value, path, included, excluded)
        if shown is not None:
            left[name] = shown
    return msgspec.json.encode(left) if left else None


def of_value(value: msgspec.Raw, path: str, included: Matches, excluded: Matches) -> msgspec.Raw | None:
    kind = bytes(memoryview(value)[:1])
    if kind == b"{":
        shown = of_object(value, path, included, excluded)
        return msgspec.Raw(shown or b"{}") if shown or included(path) else None
    if kind == b"[":
        items = of_array(value, path, included, excluded)
        return msgspec.Raw(msgspec.json.encode(items)) if items or included(path) else None
    return value if included(path) else None


def of_array(value: msgspec.Raw, path: str, included: Matches, excluded: Matches) -> list[msgspec.Raw]:
    shown = (of_value(item, path, included, excluded) for item in ARRAY.decode(value))
    return [item for item in shown if item is not None]
