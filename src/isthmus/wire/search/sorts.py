"""Sorts that are asked for, and the values of sorted hits (es-wire §4.2, §4.5)."""

from __future__ import annotations

from typing import Final

from isthmus.wire.layouts import (
    BOOL,
    BYTES,
    F32,
    F64,
    GENERIC,
    I32,
    I64,
    NOTHING,
    OPTSTR,
    STR,
    U8,
    VINT,
    Layout,
    deferred,
    enum,
    listing,
    named,
    optional,
    struct,
    variant,
)
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.search.queries import QUERY

ORDER: Final = enum("asc", "desc")
_MODE: Final = enum("min", "max", "sum", "avg", "median")
_NESTED: Final[Layout] = struct(
    path=OPTSTR, filter=optional(QUERY), nested=optional(deferred(lambda: _NESTED)), max_children=VINT
)
SORT: Final = named(
    "sort",
    {
        "field_sort": struct(
            field=STR,
            missing=GENERIC,
            order=optional(ORDER),
            mode=optional(_MODE),
            unmapped_type=OPTSTR,
            nested=optional(_NESTED),
            numeric_type=OPTSTR,
            format=OPTSTR,
        ),
        "_score": struct(order=ORDER),
    },
)

SORT_VALUE: Final = variant(
    {
        0: ("null", NOTHING),
        1: ("str", STR),
        2: ("i32", I32),
        3: ("i64", I64),
        4: ("f32", F32),
        5: ("f64", F64),
        6: ("i8", U8),
        7: ("i16", Layout(Reader.i16, Writer.i16)),
        8: ("bool", BOOL),
        9: ("bytes", BYTES),
        10: ("big_integer", STR),
    }
)
"""A Named by type, with the value."""

_TYPES: Final = enum("SCORE", "DOC", "STRING", "INT", "FLOAT", "LONG", "DOUBLE", "CUSTOM", "STRING_VAL", "REWRITEABLE")
SORT_FIELD: Final = struct(
    field=OPTSTR,
    type=_TYPES,
    missing=variant({0: ("value", GENERIC), 1: ("first", NOTHING), 2: ("last", NOTHING)}),
    reverse=BOOL,
)
SORT_VALUES: Final = listing(SORT_VALUE)
