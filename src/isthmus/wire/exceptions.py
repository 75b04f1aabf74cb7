"""Exceptions as they travel in error responses (es-wire §1).

A first number tells the kind: 0 is Elasticsearch's own, which a second number (the id) tells apart; the others are
the JDK's. Some ids have fields of their own behind the common ones; without a length before them, each layout has
to be known. `exception_ids` holds the table of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.exception_ids import IDS, STATUSES, WRAPPERS, read_details
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.statuses import status_name

MAX_DEPTH = 50
MAX_REASON = 16 * 1024
HINT = "es.isthmus.hint"

NOT_SERIALIZABLE = 62
REMOTE_TRANSPORT = 103
INDEX_NOT_FOUND = 16
ACTION_NOT_FOUND = 101

Values = Mapping[str, list[str]]


@dataclass(frozen=True)
class RemoteException:
    """An exception that a peer sent. `type` is Elasticsearch's name for it, `status` the HTTP status.

    `details` are the fields that only its kind has; `metadata` keys bear the prefix `es.`.
    """

    type: str
    reason: str
    status: int
    cause: RemoteException | None = None
    headers: Values = field(default_factory=dict)
    metadata: Values = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def true_cause(self) -> RemoteException:
        """The first in the chain of causes that is not merely the transport's wrapping."""
        found = self
        while found.type in WRAPPERS and found.cause is not None:
            found = found.cause
        return found


def decode_exception(body: bytes | memoryview) -> RemoteException:
    """Read the body of an error response; raises MalformedError, also for the one id whose layout is not supported."""
    reader = Reader(body)
    found = _read(reader, 0)
    reader.expect_end()
    if found is None:
        raise MalformedError("an error response holds no exception")
    return found


def read_exception(reader: Reader) -> RemoteException | None:
    """Read an exception that stands inside a message. Raises MalformedError."""
    return _read(reader, 0)


def write_exception(writer: Writer, exception: RemoteException | None) -> None:
    """Write an exception inside a message: its type, reason and status, without stack and details."""
    if exception is None:
        writer.u8(0)
    else:
        _write_cause(writer, exception.type, exception.status, exception.reason, exception.metadata, "")


def encode_exception(
    where: str, type_name: str, status: int, reason: str, *, metadata: Values | None = None, action: str = ""
) -> bytes:
    """Return the body of an error response: a remote transport exception with the true error as its cause.

    `where` is `[node][address][action]`. `action` stands in an action_not_found_transport_exception only.
    """
    body = Writer()
    body.u8(1)
    _write_common_start(body, REMOTE_TRANSPORT, where)
    _write_cause(body, type_name, status, reason, metadata or {}, action)
    _write_common_end(body, {})
    return bytes(body)


def _write_cause(body: Writer, type_name: str, status: int, reason: str, metadata: Values, action: str) -> None:
    natives = {"index_not_found_exception": INDEX_NOT_FOUND, "action_not_found_transport_exception": ACTION_NOT_FOUND}
    number = natives.get(type_name, NOT_SERIALIZABLE)
    body.u8(1)
    _write_common_start(body, number, reason[:MAX_REASON])
    body.u8(0)  # no cause below it
    _write_common_end(body, metadata)
    if number == ACTION_NOT_FOUND:
        body.optional(action, body.string)
    elif number == NOT_SERIALIZABLE:
        body.string(type_name)
        body.string(status_name(status))


def _write_common_start(body: Writer, number: int, reason: str) -> None:
    body.vint(0)
    body.vint(number)
    body.optional(reason.encode("utf-8", "replace").decode("utf-8"), body.string)


def _write_common_end(body: Writer, metadata: Values) -> None:
    body.raw(b"\0\0")  # no stack, nothing suppressed
    body.vint(0)
    body.map_of(metadata, body.string, lambda values: body.list_of(values, body.string))


def _read(reader: Reader, depth: int) -> RemoteException | None:
    if depth > MAX_DEPTH:
        raise LimitExceededError(f"an exception has more than {MAX_DEPTH} causes")
    if not reader.boolean():
        return None
    kind = reader.vint()
    return _read_own(reader, depth) if kind == 0 else _read_foreign(reader, kind, depth)


def _read_own(reader: Reader, depth: int) -> RemoteException:
    number = reader.vint()
    if number not in IDS:
        raise MalformedError(f"an exception has the unknown id {number}")
    reason = reader.optional(reader.string)
    cause = _read(reader, depth + 1)
    _skip_stack(reader, depth)
    headers = reader.map_of(reader.string, lambda: reader.list_of(reader.string))
    metadata = reader.map_of(reader.string, lambda: reader.list_of(reader.string))
    details = read_details(reader, number, lambda: _read(reader, depth + 1))
    return RemoteException(
        type=details.get("type", IDS[number]),
        reason=reason or "",
        status=details.get("status", STATUSES.get(number, 500)),
        cause=cause,
        headers=headers,
        metadata=metadata,
        details=details,
    )


def _skip_stack(reader: Reader, depth: int) -> None:
    for _ in range(reader.count()):
        reader.string()
        reader.optional(reader.string)
        reader.string()
        reader.vint()
    for _ in range(reader.count()):
        _read(reader, depth + 1)


@dataclass(frozen=True)
class _Foreign:
    """A kind of the JDK or of Lucene: its name, and how its message is read. `cause`: whether one follows."""

    type: str
    status: int = 500
    cause: bool = False
    read: Callable[[Reader], str] = lambda reader: reader.optional(reader.string) or ""


def _corrupt_index(reader: Reader) -> str:
    message, resource = (reader.optional(reader.string) or "" for _ in range(2))
    return f"{message} (resource={resource})"


def _format_too_new(reader: Reader) -> str:
    resource = reader.optional(reader.string)
    return f"version {reader.i32()} of {resource} is not between {reader.i32()} and {reader.i32()}"


def _format_too_old(reader: Reader) -> str:
    resource = reader.optional(reader.string)
    if reader.boolean():
        return f"version {reader.i32()} of {resource} is not between {reader.i32()} and {reader.i32()}"
    return f"{resource}: {reader.optional(reader.string)}"


def _file_system(reader: Reader) -> str:
    reader.vint()
    parts = [reader.optional(reader.string) for _ in range(4)]
    return ": ".join(part for part in parts[:3] if part)


def _rejected(reader: Reader) -> str:
    reader.boolean()
    return reader.optional(reader.string) or ""


_FOREIGN: dict[int, _Foreign] = {
    1: _Foreign("corrupt_index_exception", cause=True, read=_corrupt_index),
    2: _Foreign("index_format_too_new_exception", read=_format_too_new),
    3: _Foreign("index_format_too_old_exception", read=_format_too_old),
    4: _Foreign("null_pointer_exception"),
    5: _Foreign("number_format_exception", 400),
    6: _Foreign("illegal_argument_exception", 400, cause=True),
    7: _Foreign("already_closed_exception", cause=True),
    8: _Foreign("e_o_f_exception"),
    9: _Foreign("security_exception", cause=True),
    10: _Foreign("string_index_out_of_bounds_exception"),
    11: _Foreign("array_index_out_of_bounds_exception"),
    12: _Foreign("file_not_found_exception"),
    13: _Foreign("file_system_exception", read=_file_system),
    14: _Foreign("illegal_state_exception", cause=True),
    15: _Foreign("lock_obtain_failed_exception", cause=True),
    16: _Foreign("interrupted_exception"),
    17: _Foreign("i_o_exception", cause=True),
    18: _Foreign("es_rejected_execution_exception", 429, read=_rejected),
}


def _read_foreign(reader: Reader, kind: int, depth: int) -> RemoteException:
    foreign = _FOREIGN.get(kind)
    if foreign is None:
        raise MalformedError(f"an exception is of the unknown kind {kind}")
    reason = foreign.read(reader)
    cause = _read(reader, depth + 1) if foreign.cause else None
    _skip_stack(reader, depth)
    return RemoteException(foreign.type, reason, foreign.status, cause)
