"""How things of one kind stand in the cluster's state: as JSON, each under a prefix and its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from isthmus.errors import DataError
from isthmus.state.history import StoredEntry


class Formatted(Protocol):
    """A struct that tells in which format it is written."""

    @property
    def format(self) -> int: ...


T = TypeVar("T", bound=Formatted)


class NewerFormatError(DataError):
    """Something was written by a newer version."""


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A kind: what it is called in errors, the prefix of its keys, its type, and the newest format that is known."""

    what: str
    prefix: str
    type: type[T]
    format: int = 1

    def key(self, name: str) -> str:
        """Return the key under which the one of this name stands."""
        return self.prefix + name

    def encode(self, value: T) -> bytes:
        """Return a value as it is written."""
        return msgspec.json.encode(value)

    def decode(self, entry: StoredEntry) -> T:
        """Return a value as it was written. Raises NewerFormatError."""
        value = msgspec.json.decode(entry.value, type=self.type)
        if value.format > self.format:
            raise NewerFormatError(f"the {self.what} is written in the newer format {value.format}", where=entry.key)
        return value
