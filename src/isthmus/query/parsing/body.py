"""Reading the keys of one query's object: each by its kind, and none left over."""

from __future__ import annotations

import math
from typing import Any

from isthmus.query.errors import NumberFormatError, QueryArgumentError
from isthmus.query.mistakes import ParsingError, XContentParseError, misspelt, token_of
from isthmus.query.parsing.near import did_you_mean
from isthmus.query.parsing.scope import Scope
from isthmus.query.tree import Scalar

MAX_INTEGER = (1 << 31) - 1


class Body:
    """The object of one query. Every `take_*` names a key that the query knows; `end` refuses all others."""

    def __init__(self, query: str, value: dict[str, Any], scope: Scope) -> None:
        self.query = query
        self.scope = scope
        self._left = dict(value)
        self._known: list[str] = []

    def take(self, *keys: str) -> Any:
        """The value of the key, by any of its names; None where it is absent."""
        self._known.extend(keys)
        found = {key: self._left.pop(key) for key in keys if key in self._left}
        if len(found) > 1:
            raise ParsingError(f"[{self.query}] query has [{'] and ['.join(found)}], which are the same")
        return next(iter(found.values()), None)

    def has(self, *keys: str) -> bool:
        """Whether the key is given, by any of its names."""
        self._known.extend(keys)
        return any(key in self._left for key in keys)

    def in_order(self, *keys: str) -> list[str]:
        """Those of the keys that are given, in the order in which they are given."""
        self._known.extend(keys)
        return [key for key in self._left if key in keys]

    def wrong(self, key: str, value: Any) -> ParsingError:
        """A value of the wrong kind."""
        return ParsingError(f"[{self.query}] query does not support [{token_of(value)}] for [{key}]")

    def scalar(self, *keys: str) -> Scalar:
        """A text, number, boolean or nothing."""
        value = self.take(*keys)
        return self.checked_scalar(keys[0], value)

    def checked_scalar(self, key: str, value: Any) -> Scalar:
        """`value`, if it is a text, number, boolean or nothing."""
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, str):
            return self.checked_text(key, value)
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise self.wrong(key, value)

    def checked_text(self, key: str, value: str) -> str:
        """`value`, if it is not too long."""
        if len(value) > self.scope.bounds.text:
            raise QueryArgumentError(
                f"[{self.query}] the text of [{key}] has {len(value)} characters,"
                f" more than the {self.scope.bounds.text} allowed"
            )
        return value

    def text(self, *keys: str) -> str | None:
        """A text; numbers and booleans are written as JSON writes them."""
        value = self.scalar(*keys)
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None else as_text(value, keys[0])

    def needed(self, *keys: str) -> Scalar:
        """A value that must be there."""
        value = self.scalar(*keys)
        if value is None:
            raise self.missing(keys[0])
        return value

    def needed_text(self, *keys: str) -> str:
        """A text that must be there."""
        value = self.text(*keys)
        if value is None:
            raise self.missing(keys[0])
        return value

    def missing(self, key: str) -> ParsingError:
        """A key that the query needs is absent or null. Raises ParsingError if it is misspelt."""
        self.refuse_misspelt(key)
        return ParsingError(f"[{self.query}] requires [{key}], which is missing or null")

    def refuse_misspelt(self, key: str) -> None:
        """Refuses what looks like `key`, which is needed and not there."""
        if (wrong := misspelt(key, self._left)) is not None:
            raise ParsingError(f"[{self.query}] query does not support [{wrong}] did you mean [{key}]?")

    def flag(self, key: str, *, default: bool = False) -> bool:
        """A boolean, also as text."""
        value = self.take(key)
        if value is None:
            return default
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        raise ParsingError(f"[{self.query}] failed to parse [{key}]: only [true] or [false] are allowed")

    def number(self, key: str, default: float) -> float:
        """A number, also as text, that is neither infinite nor NaN."""
        value = self.scalar(key)
        if value is None:
            return default
        if isinstance(value, bool):
            raise self.wrong(key, value)
        return as_number(value, self.query, key)

    def integer(self, key: str, default: int) -> int:
        """A whole number from 0 to 2³¹-1, also as text."""
        number = self.number(key, default)
        if not 0 <= number <= MAX_INTEGER or number != int(number):
            raise QueryArgumentError(f"[{self.query}] [{key}] must be a whole number of 0 or more")
        return int(number)

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of some names, in any case."""
        value = self.text(key)
        if value is None:
            return default
        if value.lower() not in allowed:
            raise QueryArgumentError(f"[{self.query}] [{key}] does not support [{value[:100]}]{_one_of(allowed)}")
        return value.lower()

    def only(self, key: str, *values: str) -> None:
        """Refuses a key that has any other value than those that change nothing here."""
        value = self.text(key)
        if value is not None and value not in values:
            raise QueryArgumentError(f"[{self.query}] [{key}] of [{value[:100]}] is not supported")

    def common(self) -> tuple[float, str | None]:
        """`boost` and `_name`, which every query has."""
        boost = self.number("boost", 1.0)
        if boost < 0:
            raise QueryArgumentError(
                f"negative [boost] are not allowed in [{self.query}], use a value between 0 and 1 to deboost"
            )
        return boost, self.text("_name")

    def end(self) -> None:
        """Refuses the keys that nobody took."""
        for key in self._left:
            near = did_you_mean(key, self._known)
            if self.query == "bool":
                # Elasticsearch reads `bool` with another parser than the rest, whose errors are called otherwise.
                raise XContentParseError(f"[bool] unknown field [{key[:100]}]{near}")
            raise ParsingError(f"[{self.query}] query does not support [{key[:100]}]{near}")


def as_text(value: str | int | float, key: str) -> str:
    """A text, or a number as text; an integer of absurd length is refused, because Python will not write it."""
    try:
        return str(value)
    except ValueError as error:
        raise NumberFormatError(f"the number in [{key}] is too long") from error


def as_number(value: str | int | float, query: str, key: str) -> float:
    """A finite number of a number or text."""
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise NumberFormatError(f"[{query}] [{key}] is not a number") from error
    if not math.isfinite(number):
        raise NumberFormatError(f"[{query}] [{key}] must be finite")
    return number


def _one_of(allowed: tuple[str, ...]) -> str:
    return f", only [{', '.join(allowed)}]"
