"""The yml file as entries: nested and dotted names alike, each with its line.

The file is read as YAML events, so that depth is bounded while reading, no value is turned into a Python object, and
scalars stay as they are written (`012` and `yes` are texts; the setting's type decides). Aliases and tags are refused:
Elasticsearch's files have none, and an alias is how a small file becomes a huge one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isthmus.errors import ConfigError, NoInputError, PermissionDeniedError
from isthmus.settings.entries import Entry
from isthmus.settings.mistakes import Mistake, shown

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def from_file(path: Path, mistakes: list[Mistake]) -> dict[str, Entry]:
    """Read the settings of the file, by dotted name. What is wrong with single settings goes to `mistakes`.

    Raises ConfigError if the file as a whole cannot be understood, NoInputError or PermissionDeniedError if it
    cannot be read.
    """
    reading = _Reading(path, _events(path, _text_of(path)), mistakes)
    reading.document()
    return reading.entries


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except PermissionError as cause:
        raise PermissionDeniedError("the settings cannot be read", where=str(path)) from cause
    except OSError as cause:
        raise NoInputError(f"the settings cannot be read: {cause.strerror}", where=str(path)) from cause
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"the file is larger than {MAX_BYTES // 1024} KiB", where=str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = raw.count(b"\n", 0, cause.start) + 1
        raise ConfigError("the file is not UTF-8", where=f"{path}:{line}") from cause


def _events(path: Path, text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML  # a node without a settings file starts faster
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            depth += _depth_change(event)
            if depth > MAX_DEPTH:
                raise ConfigError(f"it is nested more than {MAX_DEPTH} deep", where=f"{path}:{_line(event)}")
            yield event
    except MarkedYAMLError as cause:
        # The library's own text quotes the line, which may hold a secret in the wrong place. Hence `from None`.
        line = cause.problem_mark.line + 1 if cause.problem_mark else 1
        raise ConfigError(f"this is not YAML: {_what(cause)}", where=f"{path}:{line}") from None
    except YAMLError:
        raise ConfigError("this is not YAML: it holds characters that are not allowed", where=str(path)) from None


class _Reading:
    """One pass over the events of a file."""

    def __init__(self, path: Path, events: Iterator[Any], mistakes: list[Mistake]) -> None:
        self.entries: dict[str, Entry] = {}
        self._path = path
        self._events = events
        self._mistakes = mistakes

    def document(self) -> None:
        """Read the one document: a mapping, or nothing at all."""
        documents = 0
        for event in self._events:
            kind = _kind(event)
            if kind == "DocumentStart":
                documents += 1
                if documents > 1:
                    raise ConfigError("the file holds more than one document", where=self._where(event))
            elif kind == "MappingStart":
                self._mapping("")
            elif kind not in ("StreamStart", "StreamEnd", "DocumentEnd") and not _is_null(event):
                raise ConfigError("settings are expected, as [name: value]", where=self._where(event))

    def _mapping(self, prefix: str) -> None:
        lines: dict[str, str] = {}
        for key in self._events:
            if _kind(key) == "MappingEnd":
                return
            self._pair(prefix, key, lines)

    def _pair(self, prefix: str, key: Any, lines: dict[str, str]) -> None:
        where = self._where(key)
        if _kind(key) != "Scalar" or _is_null(key):
            self._wrong("a name is expected before the [:]", where)
            self._skip(key)
            self._skip(next(self._events))
            return
        name = f"{prefix}{key.value}"
        value = next(self._events)
        if name in lines:
            self._wrong(f"[{shown(name)}] is set twice, first at {lines[name]}", where, "keep one of the two")
            self._skip(value)
            return
        lines[name] = where
        self._value(name, value, where)

    def _value(self, name: str, event: Any, where: str) -> None:
        kind = _kind(event)
        if kind == "Alias" or event.tag is not None:
            self._wrong(f"[{shown(name)}] uses an alias or a tag of YAML, which is not supported", where)
            self._skip(event)
        elif kind == "MappingStart":
            self._mapping(f"{name}.")
        elif kind == "SequenceStart":
            self._sequence(name, where)
        elif _is_null(event):
            self._wrong(f"[{shown(name)}] has no value", where, "give it one or remove the line")
        else:
            self._add(Entry.of(name, event.value, where))

    def _sequence(self, name: str, where: str) -> None:
        items: list[str] = []
        good = True
        for event in self._events:
            kind = _kind(event)
            if kind == "SequenceEnd":
                break
            if kind == "Scalar" and event.tag is None and not _is_null(event):
                items.append(event.value)
            else:
                good = False
                self._skip(event)
        if good:
            self._add(Entry.of(name, tuple(items), where))
        else:
            self._wrong(f"the list [{shown(name)}] may hold only plain values", where)

    def _add(self, entry: Entry) -> None:
        first = self.entries.setdefault(entry.name, entry)
        if first is not entry:
            reason = f"[{shown(entry.name)}] is set twice, first at {first.where}"
            self._wrong(reason, entry.where, "keep one of the two")

    def _skip(self, event: Any) -> None:
        depth = _depth_change(event)
        while depth > 0:
            depth += _depth_change(next(self._events))

    def _wrong(self, reason: str, where: str, hint: str | None = None) -> None:
        self._mistakes.append(Mistake(reason, where, hint))

    def _where(self, event: Any) -> str:
        return f"{self._path}:{_line(event)}"


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _depth_change(event: Any) -> int:
    kind = _kind(event)
    return (kind in ("MappingStart", "SequenceStart")) - (kind in ("MappingEnd", "SequenceEnd"))


def _is_null(event: Any) -> bool:
    return _kind(event) == "Scalar" and event.tag is None and bool(event.implicit[0]) and event.value in NULLS


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _what(error: Any) -> str:
    problem = error.problem or error.context or "it cannot be read"
    return shown(str(problem).splitlines()[0])
