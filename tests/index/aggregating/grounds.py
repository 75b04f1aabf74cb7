"""A hand-made index of a few slots, and the ground that aggregations stand on there."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import tantivy

from isthmus.index.aggregating import Ground
from isthmus.index.mapping.field import Field
from isthmus.query.aggregation_tree import TopHits
from isthmus.query.partial import Best
from isthmus.query.tree import Query, Scalar, Term

FIELDS = {
    "tag": Field(path="tag", type="keyword", column="keyword"),
    "n": Field(path="n", type="long", column="long"),
    "x": Field(path="x", type="double", column="double"),
    "at": Field(path="at", type="date", column="long", formats=("strict_date_optional_time", "epoch_millis")),
    "ip": Field(path="ip", type="ip", column="keyword"),
    "body": Field(path="body", type="text", column="text"),
    "unseen": Field(path="unseen", type="keyword", column="keyword"),
    "same": Field(path="same", type="constant_keyword", column="keyword", value="here"),
    "blind": Field(path="blind", type="keyword", column="keyword", doc_values=False),
}


class MonthsAndDays:
    """A calendar of days and months by the standard library."""

    def floor(self, moment: int, unit: str, zone: str | None) -> int:
        there = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone or "UTC"))
        start = there.replace(hour=0, minute=0, second=0, microsecond=0)
        return milliseconds(start.replace(day=1) if unit == "month" else start)

    def offset(self, moment: int, zone: str | None) -> int:
        distance = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone or "UTC")).utcoffset()
        return 0 if distance is None else int(distance.total_seconds() * 1000)

    def next_start(self, moment: int, unit: str, zone: str | None) -> int:
        days = 32 if unit == "month" else 1
        return self.floor(self.floor(moment, unit, zone) + days * 86_400_000 + 43_200_000, unit, zone)


def milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) * 1000


def ground_of(documents: Sequence[dict[str, Any]], *, commits: int = 1, best: Best | None = None) -> Ground:
    """The ground of an index that holds `documents`, committed in several segments."""
    schema = schema_of()
    index = tantivy.Index(schema)
    writer = index.writer(15_000_000, 1)
    for place, document in enumerate(documents):
        writer.add_json(json.dumps({**document, "_seq": place}))
        if place % (len(documents) // commits + 1) == 0:
            writer.commit()
    writer.commit()
    index.reload()

    def translate(query: Query) -> tantivy.Query:
        assert isinstance(query, Term)
        return tantivy.Query.term_query(schema, query.field, query.value)

    def hits(_query: tantivy.Query, _body: TopHits) -> Best:
        return best or Best()

    return Ground(
        everything=tantivy.Query.all_query(),
        index="things",
        searcher=index.searcher(),
        schema=schema,
        field=FIELDS.get,
        slot=lambda path: None if path in ("unseen", "same") else path,
        translate=translate,
        best=hits,
        moment=moment,
        column_value=column_value,
        calendar=MonthsAndDays(),
        several=frozenset(
            path for one in documents for path, given in one.items() if isinstance(given, list) and len(given) > 1
        ),
    )


def schema_of() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("tag", "ip"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("n", "at"):
        builder.add_integer_field(name, fast=True, indexed=True)
    builder.add_float_field("x", fast=True, indexed=True)
    builder.add_unsigned_field("_seq", fast=True, indexed=True)
    return builder.build()


def moment(_field: Field, value: Scalar, _format: str | None, _zone: str | None) -> int:
    if isinstance(value, (int, float)):
        return int(value)
    return milliseconds(datetime.fromisoformat(str(value)).replace(tzinfo=UTC))


def column_value(field: Field, value: Scalar) -> str | int | float:
    convert: Callable[[Any], str | int | float] = {"keyword": str, "long": int, "double": float}[field.column]
    return convert(value)
