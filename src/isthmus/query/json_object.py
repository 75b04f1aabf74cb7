"""One object of a request's JSON, read key by key with types; what nobody asked for is refused with a suggestion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from isthmus.errors import UsageError
from isthmus.query.mistakes import ParsingError, XContentParseError, did_you_mean, misspelt, shown, token_of
from isthmus.query.tree import Scalar

INT_MAX = (1 << 31) - 1
MAX_BITS = 64
BOUNDED = "a number must be finite and have 64 bits at most"
Read = TypeVar("Read")
Word = TypeVar("Word", bound=str)


class JsonObject:
    """The keys of one object. `where` is what errors call it, such as `terms`.

    Each method reads one key, or gives its default where the key is absent. `end` must be called after the last one.
    Numbers and booleans may be given as strings, as in Elasticsearch.
    """

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise ParsingError(f"Expected [START_OBJECT] in [{where}], but got a [{token_of(value)}]")
        self.where = where
        self._given: Mapping[str, Any] = value
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._given

    def json(self, key: str) -> Any:
        """Return a value of any kind, None if it is absent."""
        self._asked.add(key)
        return self._given.get(key)

    def read(self, key: str, reader: Callable[[Any], Read], default: Read) -> Read:
        """Return a value as `reader` makes it; an error of the reader is told with the key."""
        if key not in self:
            return default
        try:
            return reader(self._given[key])
        except (ParsingError, XContentParseError):
            raise
        except UsageError as cause:
            raise XContentParseError(f"[{self.where}] failed to parse field [{key}]: {cause.reason}") from cause

    def text(self, key: str) -> str | None:
        """Return a string, None if it is absent."""
        if key not in self:
            return None
        value = self._given[key]
        if not isinstance(value, str):
            raise self._unfit(key, value)
        return value

    def required_text(self, key: str) -> str:
        """Return a string that must be there."""
        value = self.text(key)
        if not value:
            self.refuse_misspelt(key)
            raise UsageError(f"[{self.where}] requires [{key}]")
        return value

    def choice(self, key: str, allowed: Iterable[Word], default: Word) -> Word:
        """Return one of the `allowed` words, whatever their case."""
        value = self.text(key)
        if value is None:
            return default
        words: dict[str, Word] = {word: word for word in allowed}
        if value.lower() not in words:
            raise self._failed(key, f"[{shown(value)}] is none of [{', '.join(words)}]")
        return words[value.lower()]

    def integer(self, key: str, default: int, *, minimum: int = 0, maximum: int = INT_MAX) -> int:
        """Return an integer from `minimum` to `maximum`; fractions are cut."""
        return int(self.number(key, default, minimum=minimum, maximum=maximum))

    def number(self, key: str, default: float, *, minimum: float = -math.inf, maximum: float = math.inf) -> float:
        """Return a finite number from `minimum` to `maximum`."""
        if key not in self:
            return default
        number = self._number(key, self._given[key])
        if number < minimum:
            raise self._failed(key, f"[{key}] must be greater than or equal to {minimum}. Found [{number}]")
        if number > maximum:
            raise self._failed(key, f"[{key}] must be less than or equal to {maximum}. Found [{number}]")
        return number

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        if key not in self:
            return default
        value = self._given[key]
        if value in (True, False) and isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise UsageError(f"Failed to parse value [{shown(value)}] of [{key}] as only [true] or [false] are allowed.")

    def scalar(self, key: str) -> Scalar:
        """Return a string, number or boolean; None if it is absent."""
        value: Scalar = self.json(key)
        if isinstance(value, list | Mapping):
            raise self._unfit(key, value)
        if isinstance(value, int | float) and not _is_bounded(value):
            raise self._failed(key, BOUNDED)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return strings, given as a list or as one."""
        value = self.json(key)
        if value is None:
            return ()
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise self._unfit(key, value)
        return tuple(values)

    def refuse(self, *keys: str) -> None:
        """Refuse keys that Elasticsearch has and we have not, by name."""
        for key in keys:
            if key in self._given:
                raise UsageError(f"[{key}] of [{self.where}] is not supported")

    def refuse_misspelt(self, *keys: str) -> None:
        """Refuse what looks like one of the `keys`, of which none is there although it is needed."""
        for key in keys:
            if (wrong := misspelt(key, self.unread())) is not None:
                raise XContentParseError(f"[{self.where}] unknown field [{wrong}] did you mean [{key}]?")

    def end(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self.unread():
            raise XContentParseError(
                f"[{self.where}] unknown field [{shown(key)}]{did_you_mean(key, sorted(self._asked))}"
            )

    def unread(self) -> list[str]:
        """Return the keys that nobody asked for."""
        return [key for key in self._given if key not in self._asked]

    def _number(self, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self._unfit(key, value)
        try:
            number = _exact(value) if isinstance(value, str) else value
        except ValueError as cause:
            raise self._failed(key, f'For input string: "{shown(value)}"') from cause
        if not _is_bounded(number):
            raise self._failed(key, BOUNDED)
        return number

    def _unfit(self, key: str, value: Any) -> XContentParseError:
        return XContentParseError(f"[{self.where}] {key} doesn't support values of type: {token_of(value)}")

    def _failed(self, key: str, why: str) -> XContentParseError:
        return XContentParseError(f"[{self.where}] failed to parse field [{key}]: {why}")


def _is_bounded(number: float) -> bool:
    return number.bit_length() <= MAX_BITS if isinstance(number, int) else math.isfinite(number)


def _exact(text: str) -> float:
    try:
        return int(text[:40])
    except ValueError:
        return float(text[:400])
