"""Hits (es-wire §4.5)."""

from __future__ import annotations

from typing import Any, Final

from isthmus.wire.layouts import (
    BOOL,
    BYTES,
    F32,
    F64,
    GENERIC,
    I32,
    I64,
    OPTSTR,
    OPTTEXT,
    STR,
    TEXT,
    VINT,
    VLONG,
    ZLONG,
    Layout,
    deferred,
    enum,
    listing,
    mapping,
    optional,
    struct,
    variant,
)
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.search.sorts import SORT_FIELD, SORT_VALUES

TOTAL: Final = struct(value=VLONG, relation=enum("eq", "gte"))
SHARD_TARGET: Final = struct(node=optional(TEXT), index=STR, uuid=STR, shard=VINT, alias=OPTSTR)
_NESTED: Final[Layout] = struct(field=OPTTEXT, offset=I32, nested=optional(deferred(lambda: _NESTED)))
_NUMBER: Final = variant({0: ("f32", F32), 1: ("f64", F64), 2: ("i64", ZLONG)})


def _read_explanation(reader: Reader) -> Any:
    head = _EXPLANATION_HEAD.read(reader)
    return head | {"value": _NUMBER.read(reader) if head["match"] else None}


def _write_explanation(writer: Writer, value: dict[str, object]) -> None:
    _EXPLANATION_HEAD.write(writer, value)
    if value["match"]:
        _NUMBER.write(writer, value["value"])


EXPLANATION: Final = Layout(_read_explanation, _write_explanation)
_EXPLANATION_HEAD: Final = struct(match=BOOL, description=STR, details=listing(deferred(lambda: EXPLANATION)))
_FIELD: Final = struct(name=STR, values=listing(GENERIC), ignored=listing(GENERIC), lookups=listing(GENERIC))
_FIELDS: Final = mapping(STR, _FIELD)
HIT: Final = struct(
    score=F32,
    rank=VINT,
    id=OPTTEXT,
    nested=optional(_NESTED),
    version=I64,
    seq_no=ZLONG,
    primary_term=VLONG,
    source=BYTES,
    explanation=optional(EXPLANATION),
    fields=_FIELDS,
    metadata=_FIELDS,
    highlight=listing(struct(name=STR, fragments=optional(listing(TEXT)))),
    sort_shown=SORT_VALUES,
    sort=SORT_VALUES,
    matched_queries=mapping(STR, F32),
    shard=optional(SHARD_TARGET),
    inner_hits=mapping(STR, deferred(lambda: HITS)),
)
HITS: Final[Layout] = struct(
    total=optional(TOTAL),
    max_score=F32,
    hits=listing(HIT),
    sort_fields=optional(listing(SORT_FIELD)),
    collapse_field=OPTSTR,
    collapse_values=optional(SORT_VALUES),
)
"""A score that is not told is NaN; `rank` is -1, `version` -1 and `seq_no` -2 where they are not asked for."""
