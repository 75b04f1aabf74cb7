"""A small index with everything that fetching needs, its mapping and analysis made by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import tantivy

from isthmus.index.fetching import FetchView
from isthmus.index.fetching.tokens import Token
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.parsed import Indexable, ParsedDocument
from isthmus.query.tree import Bool, Query, Range, Term

FIELDS = {
    "title": Field(path="title", type="text", column="text"),
    "title.raw": Field(path="title.raw", type="keyword", column="keyword"),
    "tag": Field(path="tag", type="keyword", column="keyword", ignore_above=8),
    "n": Field(path="n", type="long", column="long"),
    "on": Field(path="on", type="boolean", column="long"),
}
ALIASES = {"label": "tag"}


def matching(pattern: str) -> list[tuple[str, Field]]:
    names = {**FIELDS, **{alias: FIELDS[path] for alias, path in ALIASES.items()}}
    expression = re.compile(re.escape(pattern).replace(r"\*", ".*"))
    return [(name, field) for name, field in names.items() if expression.fullmatch(name)]


def parse(source: bytes) -> ParsedDocument:
    parsed = ParsedDocument()
    for name, given in msgspec.json.decode(source).items():
        values = given if isinstance(given, list) else [given]
        if name == "title":
            parsed.values["title.raw"] = values
        elif name == "tag":
            parsed.values["tag"] = [value for value in values if len(value) <= 8]
            parsed.ignored += ["tag"] if any(len(value) > 8 for value in values) else []
        elif name in FIELDS:
            parsed.values[name] = [int(value) for value in values]
    return parsed


def shown(field: Field, value: Indexable, written: str | None) -> Any:
    if field.type == "boolean":
        return bool(value)
    return f"{value}{written}" if written else value


def analyse(_field: Field, text: str, *, analyzer: str | None = None, search: bool = False) -> Sequence[Token]:
    """Words in small letters; an analyzer named `stop` leaves out "the"."""
    found = enumerate(re.finditer(r"\w+(?:['’.]\w+)*", text))
    tokens = [Token(match[0].lower(), position, match.start(), match.end()) for position, match in found]
    return [token for token in tokens if analyzer != "stop" or token.term != "the"]


def view_of(documents: Sequence[dict[str, Any]]) -> FetchView:
    """A view of documents whose sequence numbers are their places."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("tag", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("n", fast=True, indexed=True)
    builder.add_unsigned_field("_seq", fast=True, indexed=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(15_000_000, 1)
    for place, document in enumerate(documents):
        known = {name: document[name] for name in ("tag", "n") if name in document}
        writer.add_json(json.dumps({**known, "_seq": place}))
    writer.commit()
    index.reload()

    def translate(query: Query) -> tantivy.Query:
        match query:
            case Term():
                return tantivy.Query.term_query(schema, query.field, query.value)
            case Range():
                return tantivy.Query.range_query(
                    schema, query.field, tantivy.FieldType.Integer, int(str(query.gte)), None
                )
            case Bool():
                clauses = [(tantivy.Occur.Should, translate(part)) for part in query.should]
                return tantivy.Query.boolean_query(clauses)
            case _:
                return tantivy.Query.all_query()

    return FetchView(
        index="things",
        searcher=index.searcher(),
        schema=schema,
        parse=parse,
        matching=matching,
        shown=shown,
        analyse=analyse,
        translate=translate,
        expanded=lambda query: query,
        may_ignore=lambda _: True,
    )
