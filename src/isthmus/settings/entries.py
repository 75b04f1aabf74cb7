"""What a source says, before it is understood: names, texts and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from isthmus.settings.mistakes import Mistake, shown
from isthmus.settings.placeholders import fill

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting as its source gives it. `written` is the value before placeholders were filled, fit to be shown."""

    name: str
    value: Value
    where: str
    written: str

    @classmethod
    def of(cls, name: str, value: Value, where: str) -> Entry:
        """Return the entry of a value just read."""
        return cls(name, value, where, shown(value if isinstance(value, str) else ", ".join(value)))


def from_overrides(overrides: Sequence[str], mistakes: list[Mistake]) -> dict[str, Entry]:
    """Read the values of `-E name=value`, by name. What is wrong goes to `mistakes`; a value is never repeated."""
    entries: dict[str, Entry] = {}
    for number, override in enumerate(overrides, start=1):
        name, equals, value = override.partition("=")
        if not equals or not name or not value:
            mistakes.append(Mistake(f"the {number}. value of -E is not of the form name=value", "-E"))
        elif name in entries:
            mistakes.append(Mistake(f"[{shown(name)}] is set twice by -E", "-E", "give it once"))
        else:
            entries[name] = Entry.of(name, value, "-E")
    return entries


def filled(entry: Entry, environ: Mapping[str, str], mistakes: list[Mistake]) -> Entry | None:
    """Return `entry` with its `${NAME}` replaced, None (and a mistake) if one cannot be."""
    try:
        if isinstance(entry.value, str):
            return replace(entry, value=fill(entry.value, environ))
        return replace(entry, value=tuple(fill(part, environ) for part in entry.value))
    except ValueError as cause:
        mistakes.append(Mistake(f"[{shown(entry.name)}] cannot be filled in: {cause}", entry.where))
        return None
