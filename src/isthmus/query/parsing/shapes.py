"""The shapes that queries share: a field with its object, `name^2`, fuzziness, minimum_should_match."""

from __future__ import annotations

from typing import Any

from isthmus.query.errors import NumberFormatError, QueryArgumentError
from isthmus.query.mistakes import ParsingError
from isthmus.query.parsing.body import Body, as_number, as_text
from isthmus.query.parsing.scope import Scope
from isthmus.query.tree import Fuzziness

MAX_FIELDS = 1_024


def of_field(query: str, value: dict[str, Any], scope: Scope, short: str) -> tuple[str, Body]:
    """The field and object of `{field: {…}}` or `{field: value}`, the value then under the key `short`.

    Nothing may stand beside the field.
    """
    fields = list(value)
    if not fields:
        raise ParsingError(f"[{query}] query malformed, no field given")
    if len(fields) > 1:
        raise ParsingError(
            f"[{query}] query doesn't support multiple fields, found [{fields[0][:100]}] and [{fields[1][:100]}]"
        )
    inner = value[fields[0]]
    if isinstance(inner, list):
        raise ParsingError(f"[{query}] query does not support array of values for [{fields[0][:100]}]")
    keys = inner if isinstance(inner, dict) else {short: inner}
    return checked_field(query, fields[0]), Body(query, keys, scope)


def checked_field(query: str, name: str) -> str:
    """`name`, unless it is empty."""
    if not name:
        raise QueryArgumentError(f"[{query}] field name is null or empty")
    return name


def fuzziness_of(body: Body, *, always: bool = False) -> Fuzziness | None:
    """`fuzziness` with the keys that go with it; None where it is absent and not `always` meant."""
    value = body.text("fuzziness")
    prefix_length = body.integer("prefix_length", 0)
    max_expansions = expansions_of(body)
    transpositions = body.flag("transpositions" if always else "fuzzy_transpositions", default=True)
    if value is None and not always:
        return None
    distance, low, high = edits_of(value or "AUTO")
    return Fuzziness(
        distance=distance,
        auto_low=low,
        auto_high=high,
        prefix_length=prefix_length,
        max_expansions=max_expansions,
        transpositions=transpositions,
    )


def expansions_of(body: Body) -> int:
    """`max_expansions`: a positive number."""
    number = body.integer("max_expansions", 50)
    if number == 0:
        raise QueryArgumentError(f"[{body.query}] query requires max_expansions to be positive")
    return number


def edits_of(text: str) -> tuple[int | None, int, int]:
    """A fuzziness of `AUTO`, `AUTO:low,high`, 0, 1 or 2: its distance (None: AUTO) and AUTO's two lengths."""
    name, _, lengths = text.partition(":")
    if name.upper() == "AUTO":
        return (None, *(_auto(lengths, text) if lengths else (3, 6)))
    try:
        number = as_number(text, "fuzziness", "fuzziness")
    except NumberFormatError as cause:
        raise QueryArgumentError(f"fuzziness cannot be [{text[:100]}].", hint="one of 0, 1, 2, AUTO") from cause
    if number not in (0, 1, 2):
        raise QueryArgumentError(f"Invalid fuzziness value: {text[:100]}", hint="one of 0, 1, 2, AUTO, AUTO:low,high")
    return int(number), 3, 6


def _auto(lengths: str, text: str) -> tuple[int, int]:
    low, _, high = lengths.partition(",")
    if not (
        0 < len(low) < 6
        and 0 < len(high) < 6
        and low.isascii()
        and high.isascii()
        and low.isdigit()
        and high.isdigit()
        and int(low) <= int(high)
    ):
        raise QueryArgumentError(f"failed to find low and high distance values in [{text[:100]}]")
    return int(low), int(high)


def fields_of(body: Body) -> tuple[tuple[str, float], ...]:
    """`fields`: names or patterns, each perhaps with `^boost`."""
    value = body.take("fields")
    names = [] if value is None else value if isinstance(value, list) else [value]
    if len(names) > MAX_FIELDS:
        raise QueryArgumentError(f"[{body.query}] has more than {MAX_FIELDS} fields")
    return tuple(_boosted(body, name) for name in names)


def _boosted(body: Body, name: Any) -> tuple[str, float]:
    if not isinstance(name, str):
        raise body.wrong("fields", name)
    field, caret, boost = name.rpartition("^")
    if not caret:
        return checked_field(body.query, name), 1.0
    number = as_number(boost, body.query, "fields")
    if number < 0:
        raise QueryArgumentError(f"negative [boost] are not allowed in [{body.query}] for field [{field[:100]}]")
    return checked_field(body.query, field), number


def texts_of(body: Body, key: str, value: Any) -> tuple[str, ...]:
    """A text or a list of texts; numbers count as texts."""
    values = value if isinstance(value, list) else [value]
    if len(values) > body.scope.bounds.terms:
        raise QueryArgumentError(f"[{body.query}] has more than {body.scope.bounds.terms} [{key}]")
    return tuple(_text_of(body, key, item) for item in values)


def _text_of(body: Body, key: str, item: Any) -> str:
    checked = body.checked_scalar(key, item)
    if checked is None or isinstance(checked, bool):
        raise body.wrong(key, item)
    return as_text(checked, key)
