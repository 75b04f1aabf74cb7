"""Values between two bounds.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl-range-query.html
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import tantivy

from isthmus.errors import UsageError
from isthmus.index.mapping.converting import RANGES
from isthmus.index.mapping.field import Field
from isthmus.index.projection.translate.combining import constant, nothing
from isthmus.index.projection.translate.fixed import refuse_shared
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings, check_searchable
from isthmus.query import tree
from isthmus.query.patterns import range_expression

Query = tantivy.Query
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
_PACKED = {"float": "f", "half_float": "e"}


def range_(query: tree.Range, around: Surroundings) -> tantivy.Query:
    """Values between two bounds, all with the same score."""
    try:
        return _between(query, around)
    except UsageError:
        if query.lenient:
            return nothing()
        raise


def _between(query: tree.Range, around: Surroundings) -> tantivy.Query:
    refuse_shared(query.field, "range")
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        raise QueryShardError(f"Field [{mapped.path}] of type [constant_keyword] does not support range queries")
    check_searchable(mapped)
    bounds = _Bounds.of(query)
    slot = around.slot(mapped)
    if mapped.type == "date":
        return constant(_whole_between(slot, *_dates(query, bounds, mapped, around), around), query.boost)
    if mapped.column == "long":
        return constant(_whole_between(slot, *_whole(bounds, mapped), around), query.boost)
    if mapped.column == "double":
        low, high = _doubles(bounds, mapped)
        return constant(nothing() if slot is None else double_between(slot, low, high, around), query.boost)
    return constant(_texts(slot, bounds, mapped, around), query.boost)


def day_of(mapped: Field, slot: str | None, value: tree.Scalar, around: Surroundings) -> tantivy.Query:
    """Return the dates that a date without a time means: all from its first to its last moment."""
    low, high = (around.moment(mapped, value, None, None, up) for up in (False, True))
    return _whole_between(slot, low, high, around)


def check_whole(number: float, mapped: Field) -> None:
    """Raise QueryShardError for what is beyond the numbers of a type; shorts and bytes are compared as integers."""
    name, article = ("long", "a") if mapped.type == "long" else ("integer", "an")
    least, most = RANGES[name]
    if not least <= number <= most:
        raise QueryShardError(
            f"failed to create query: Value [{str(number)[:50]}] is out of range for {article} {name}"
        )


def double_between(slot: str, low: float, high: float, around: Surroundings) -> tantivy.Query:
    """Return numbers from `low` to `high`, both included. -0.0 is before 0.0, in Tantivy as in Lucene."""
    if not low <= high or (low == high == 0 and math.copysign(1, low) > math.copysign(1, high)):
        return nothing()
    return Query.range_query(around.schema, slot, tantivy.FieldType.Float, low, high)


def texts_between(
    slot: str,
    low: str | None,
    high: str | None,
    around: Surroundings,
    *,
    include_low: bool = True,
    include_high: bool = True,
) -> tantivy.Query:
    """Return terms between two, in the order of code points: an automaton walks the dictionary between them."""
    expression = range_expression(low, high, include_low=include_low, include_high=include_high)
    if expression is None:
        return nothing()
    try:
        return Query.regex_query(around.schema, slot, expression)
    except ValueError:
        # Bounds too long for an automaton: the terms themselves are looked through.
        listed = around.reading.searcher.terms_with_prefix(slot, _shared(low, high))
        found = [
            one
            for one, _ in listed
            if (low is None or one > low or (include_low and one == low))
            and (high is None or one < high or (include_high and one == high))
        ]
        return Query.term_set_query(around.schema, slot, found) if found else nothing()


@dataclass(frozen=True, slots=True)
class _Bounds:
    low: tree.Scalar
    high: tree.Scalar
    include_low: bool
    include_high: bool

    @classmethod
    def of(cls, query: tree.Range) -> _Bounds:
        low = query.gt if query.gte is None else query.gte
        high = query.lt if query.lte is None else query.lte
        return cls(low, high, query.gte is not None or query.gt is None, query.lte is not None or query.lt is None)


def _whole_between(slot: str | None, low: int, high: int, around: Surroundings) -> tantivy.Query:
    low, high = max(low, LOWEST), min(high, HIGHEST)
    if slot is None or low > high:
        return nothing()
    return Query.range_query(around.schema, slot, tantivy.FieldType.Integer, low, high)


def _dates(query: tree.Range, bounds: _Bounds, mapped: Field, around: Surroundings) -> tuple[int, int]:
    """What a rounded date leaves open is filled so that `gt` and `lte` reach to its end."""
    low, high = LOWEST, HIGHEST
    if bounds.low is not None:
        up = not bounds.include_low
        low = around.moment(mapped, bounds.low, query.format, query.time_zone, up) + up
    if bounds.high is not None:
        up = bounds.include_high
        high = around.moment(mapped, bounds.high, query.format, query.time_zone, up) - (not up)
    return low, high


def _whole(bounds: _Bounds, mapped: Field) -> tuple[int, int]:
    low, high = LOWEST, HIGHEST
    if bounds.low is not None:
        given = _number(bounds.low, mapped)
        low = math.ceil(given) if bounds.include_low else math.floor(given) + 1
    if bounds.high is not None:
        given = _number(bounds.high, mapped)
        high = math.floor(given) if bounds.include_high else math.ceil(given) - 1
    return low, high


def _doubles(bounds: _Bounds, mapped: Field) -> tuple[float, float]:
    low, high = -math.inf, math.inf
    if bounds.low is not None:
        given = _rounded(_number(bounds.low, mapped), mapped)
        low = given if bounds.include_low else _beyond(given, math.inf)
    if bounds.high is not None:
        given = _rounded(_number(bounds.high, mapped), mapped)
        high = given if bounds.include_high else _beyond(given, -math.inf)
    return low, high


def _beyond(number: float, direction: float) -> float:
    if number == direction:
        return math.nan
    if number == 0 and math.copysign(1, number) != math.copysign(1, direction):
        return -number  # between -0.0 and 0.0 is nothing
    return math.nextafter(number, direction)


def _rounded(number: float, mapped: Field) -> float:
    """A bound is first made a number of the field's type, as its values were."""
    number = float(number)
    letter = _PACKED.get(mapped.type)
    if letter is None:
        return number
    try:
        rounded: float = struct.unpack(letter, struct.pack(letter, number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return rounded


def _number(value: tree.Scalar, mapped: Field) -> int | float:
    """A bound as a number that loses nothing."""
    if mapped.type == "boolean":
        return _boolean(value)
    if isinstance(value, bool) or value is None:
        raise _no_number(value)
    try:
        number = _parsed(value) if isinstance(value, str) else value
    except ValueError as cause:
        raise _no_number(value) from cause
    if number != number:
        raise _no_number(value)
    if mapped.column == "long":
        check_whole(number, mapped)
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _parsed(text: str) -> int | float:
    if len(text) > 400 or "_" in text:
        raise ValueError("it is no number")
    try:
        return int(text)
    except ValueError:
        return float(text)


def _boolean(value: tree.Scalar) -> int:
    if value in (True, "true"):
        return 1
    if value in (False, "false", ""):
        return 0
    raise QueryShardError(
        f"failed to create query: Can't parse boolean value [{str(value)[:50]}], expected [true] or [false]"
    )


def _no_number(value: tree.Scalar) -> QueryShardError:
    return QueryShardError(f'failed to create query: For input string: "{str(value)[:50]}"')


def _texts(slot: str | None, bounds: _Bounds, mapped: Field, around: Surroundings) -> tantivy.Query:
    low = None if bounds.low is None else _text(mapped, bounds.low, around)
    high = None if bounds.high is None else _text(mapped, bounds.high, around)
    if slot is None:
        return nothing()
    return texts_between(slot, low, high, around, include_low=bounds.include_low, include_high=bounds.include_high)


def _text(mapped: Field, value: tree.Scalar, around: Surroundings) -> str:
    return str(around.column_value(mapped, value))


def _shared(low: str | None, high: str | None) -> str:
    if low is None or high is None:
        return ""
    length = 0
    while length < min(len(low), len(high)) and low[length] == high[length]:
        length += 1
    return low[:length]
