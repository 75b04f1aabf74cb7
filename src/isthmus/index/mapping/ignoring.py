"""Whether some value of a document may not have been indexed, told from its JSON without parsing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from isthmus.index.mapping.field import Field

MayIgnore = Callable[[bytes], bool]
_MOST = 60_000  # a regular expression counts no further


def may_ignore(fields: Iterable[Field]) -> MayIgnore:
    """Return what tells of a source whether a field may have ignored a value: false only where none has.

    A text or number that is longer than `ignore_above` allows has at least as many bytes.
    """
    least: int | None = None
    for field in fields:
        if field.ignore_malformed:
            return lambda _: True
        if field.ignore_above is not None:
            least = field.ignore_above if least is None else min(least, field.ignore_above)
    if least is None:
        return lambda _: False
    return _longer_than(least)


def _longer_than(characters: int) -> MayIgnore:
    if characters >= _MOST:
        return lambda source: len(source) > characters
    text, number = rb'"(?:[^"\\]|\\.){%d}', rb"[-+.0-9eE]{%d}"
    found = re.compile(b"|".join(one % (characters + 1) for one in (text, number)), re.DOTALL).search
    return lambda source: len(source) > characters and found(source) is not None
