"""Layouts: how a value is read and written, put together of smaller ones, so that one line says both (es-wire §0).

A `struct` is a dict with the names of its parts, in their order; a named writeable is a `Named`. Whatever is read is
written as it was, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.generic import read_generic, write_generic
from isthmus.wire.nodes import read_node, write_node
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.tasks import read_task, write_task

MAX_DEPTH: Final = 40
"""How deep queries, aggregations and the like may stand in one another."""


class Layout(NamedTuple):
    """How a value is read, and written. Both raise MalformedError for what does not fit."""

    read: Callable[[Reader], Any]
    write: Callable[[Writer, Any], None]

    def decode(self, body: bytes | memoryview) -> Any:
        """Return the value that is all of `body`. Raises MalformedError, UnsupportedError."""
        reader = Reader(body)
        value = self.read(reader)
        reader.expect_end()
        return value

    def encode(self, value: Any) -> bytes:
        """Return a value as bytes. Raises MalformedError for one that does not fit."""
        writer = Writer()
        self.write(writer, value)
        return bytes(writer)


class Named(NamedTuple):
    """A value whose layout goes by its name."""

    name: str
    body: Any


class UnsupportedError(MalformedError):
    """Something well formed that this side does not know: a query, an aggregation. It is told to the asker by name."""

    type = "illegal_argument_exception"
    status = 400


U8: Final = Layout(Reader.u8, Writer.u8)
BOOL: Final = Layout(Reader.boolean, Writer.boolean)
OPTBOOL: Final = Layout(Reader.optional_boolean, Writer.optional_boolean)
I32: Final = Layout(Reader.i32, Writer.i32)
I64: Final = Layout(Reader.i64, Writer.i64)
F32: Final = Layout(Reader.f32, Writer.f32)
F64: Final = Layout(Reader.f64, Writer.f64)
VINT: Final = Layout(Reader.vint, Writer.vint)
VLONG: Final = Layout(Reader.vlong, Writer.vlong)
ZLONG: Final = Layout(Reader.zlong, Writer.zlong)
STR: Final = Layout(Reader.string, Writer.string)
TEXT: Final = Layout(Reader.text, Writer.text)
BYTES: Final = Layout(Reader.byte_string, Writer.byte_string)
OPTBYTES: Final = Layout(Reader.optional_byte_string, Writer.optional_byte_string)
TIME: Final = Layout(Reader.time, lambda writer, value: writer.time(*value))
GENERIC: Final = Layout(read_generic, write_generic)
TASK: Final = Layout(read_task, write_task)
NODE: Final = Layout(read_node, write_node)


def optional(inner: Layout) -> Layout:
    """A value or None: a boolean before it."""
    return Layout(
        lambda reader: inner.read(reader) if reader.boolean() else None,
        lambda writer, value: writer.optional(value, lambda one: inner.write(writer, one)),
    )


def listing(inner: Layout) -> Layout:
    """A list, its length before it."""
    read, write = inner

    def write_all(writer: Writer, values: list[Any]) -> None:
        writer.vint(len(values))
        for value in values:
            write(writer, value)

    return Layout(lambda reader: [read(reader) for _ in range(reader.count())], write_all)


def mapping(key: Layout, value: Layout) -> Layout:
    """A map, its length before it."""
    return Layout(
        lambda reader: reader.map_of(lambda: key.read(reader), lambda: value.read(reader)),
        lambda writer, values: writer.map_of(
            values, lambda one: key.write(writer, one), lambda one: value.write(writer, one)
        ),
    )


def struct(**parts: Layout) -> Layout:
    """Parts one after the other; a dict of them."""
    readers = [(name, part.read) for name, part in parts.items()]
    writers = [(name, part.write) for name, part in parts.items()]

    def write(writer: Writer, value: Mapping[str, Any]) -> None:
        for name, write_part in writers:
            write_part(writer, value[name])

    return Layout(lambda reader: {name: read(reader) for name, read in readers}, write)


def several(*parts: Layout) -> Layout:
    """Parts one after the other; a tuple of them."""

    def write(writer: Writer, values: tuple[Any, ...]) -> None:
        for part, value in zip(parts, values, strict=True):
            part.write(writer, value)

    return Layout(lambda reader: tuple(part.read(reader) for part in parts), write)


def enum(*names: str) -> Layout:
    """One of `names`, as its place among them."""

    def read(reader: Reader) -> str:
        return _at(names, reader.vint())

    return Layout(read, lambda writer, value: writer.vint(_place(names, value)))


def enum_set(*names: str) -> Layout:
    """Some of `names`, in the order in which they came."""
    return listing(enum(*names))


def byte_enum(names: Mapping[int, str]) -> Layout:
    """One of `names`, as the byte that stands for it."""
    bytes_of = {name: byte for byte, name in names.items()}

    def read(reader: Reader) -> str:
        byte = reader.u8()
        if byte not in names:
            raise MalformedError(f"the byte {byte} stands for none of {sorted(bytes_of)}")
        return names[byte]

    return Layout(read, lambda writer, value: writer.u8(bytes_of[value]))


def variant(kinds: Mapping[int, tuple[str, Layout]]) -> Layout:
    """One of several layouts, told apart by a byte before it; a Named."""
    numbers = {name: (number, layout) for number, (name, layout) in kinds.items()}

    def read(reader: Reader) -> Named:
        number = reader.u8()
        if number not in kinds:
            raise MalformedError(f"the byte {number} stands for none of {sorted(numbers)}")
        name, layout = kinds[number]
        return Named(name, _deeper(reader, layout))

    def write(writer: Writer, value: Named) -> None:
        number, layout = numbers[value.name]
        writer.u8(number)
        layout.write(writer, value.body)

    return Layout(read, write)


def named(category: str, layouts: Mapping[str, Layout]) -> Layout:
    """A named writeable of `layouts`, which may be filled in later; a Named."""

    def layout_of(name: str) -> Layout:
        if name not in layouts:
            raise UnsupportedError(f"the {category} [{name[:200]}] is not supported by this cluster")
        return layouts[name]

    def read(reader: Reader) -> Named:
        name = reader.string()
        return Named(name, _deeper(reader, layout_of(name)))

    def write(writer: Writer, value: Named) -> None:
        writer.string(value.name)
        layout_of(value.name).write(writer, value.body)

    return Layout(read, write)


def inside_bytes(inner: Layout) -> Layout:
    """A value behind its length in bytes."""

    def read(reader: Reader) -> Any:
        within = Reader(reader.byte_string(), reader.depth)
        value = inner.read(within)
        within.expect_end()
        return value

    return Layout(read, lambda writer, value: writer.byte_string(inner.encode(value)))


def deferred(layout: Callable[[], Layout]) -> Layout:
    """A layout that is not known yet, for one that stands in itself."""
    return Layout(lambda reader: _deeper(reader, layout()), lambda writer, value: layout().write(writer, value))


def refused(what: str) -> Layout:
    """Something that this side does not know: `what` is told to the asker."""

    def refuse(*_: object) -> Any:
        raise UnsupportedError(f"{what} is not supported by this cluster")

    return Layout(refuse, refuse)


def constant(what: str, layout: Layout, *, only: Any) -> Layout:
    """A value that can only be `only` here: anything else is `what`, which is refused."""

    def read(reader: Reader) -> Any:
        if layout.read(reader) != only:
            raise UnsupportedError(f"{what} is not supported by this cluster")
        return only

    return Layout(read, lambda writer, _: layout.write(writer, only))


NOTHING: Final = Layout(lambda _reader: None, lambda _writer, _value: None)
OPTSTR: Final = optional(STR)
OPTVINT: Final = optional(VINT)
OPTI32: Final = optional(I32)
OPTI64: Final = optional(I64)
OPTF32: Final = optional(F32)
OPTF64: Final = optional(F64)
OPTTIME: Final = optional(TIME)
STRINGS: Final = listing(STR)
OPTSTRINGS: Final = optional(STRINGS)


def _deeper(reader: Reader, layout: Layout) -> Any:
    if reader.depth >= MAX_DEPTH:
        raise LimitExceededError(f"a message is nested more than {MAX_DEPTH} levels deep")
    reader.depth += 1
    value = layout.read(reader)
    reader.depth -= 1
    return value


def _at(names: tuple[str, ...], place: int) -> str:
    if not 0 <= place < len(names):
        raise MalformedError(f"{place} stands for none of {list(names)}")
    return names[place]


def _place(names: tuple[str, ...], value: str) -> int:
    try:
        return names.index(value)
    except ValueError as cause:
        raise MalformedError(f"[{value}] is none of {list(names)}") from cause


def _read_optional_text(reader: Reader) -> str | None:
    size = reader.i32()
    if size == -1:
        return None
    try:
        return reader.raw(size).decode("utf-8")
    except UnicodeDecodeError as cause:
        raise MalformedError("a text holds bytes that are no UTF-8") from cause


def _write_optional_text(writer: Writer, value: str | None) -> None:
    if value is None:
        writer.i32(-1)
    else:
        writer.text(value)


OPTTEXT: Final = Layout(_read_optional_text, _write_optional_text)
