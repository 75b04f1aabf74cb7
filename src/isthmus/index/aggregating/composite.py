"""Buckets by a key of several parts, page by page. Tantivy makes them where all sources are values of fields.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-composite-aggregation.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground
from isthmus.index.aggregating.refusals import UnsupportedFieldError
from isthmus.query.aggregation_tree import CompositeBuckets, CompositeSource, TermsBuckets
from isthmus.query.partial import Bucket, Buckets

Matching = Callable[[Bucket], tantivy.Query]


def composite_keys(ground: Ground, query: tantivy.Query, body: CompositeBuckets) -> tuple[Buckets, Matching]:
    """The next `size` buckets after `after`, and the query for the documents of one."""
    columns = [column_of(ground, source) for source in body.sources]
    if any(column is None and not source.missing_bucket for column, source in zip(columns, body.sources, strict=True)):
        return Buckets(), lambda _bucket: tantivy.Query.empty_query()
    answer = ground.run(query, {"composite": {"composite": request(body, columns)}})["composite"]
    names = [source.name for source in body.sources]
    found = [
        Bucket(key=[part["key"][name] for name in names], doc_count=part["doc_count"]) for part in answer["buckets"]
    ]
    return Buckets(buckets=found), lambda bucket: matching(ground, columns, bucket)


def column_of(ground: Ground, source: CompositeSource) -> Column | None:
    if not isinstance(source.values, TermsBuckets):
        raise UnsupportedFieldError(f"The source [{source.name}] of a composite aggregation must be [terms]")
    return ground.column(source.values.field, "composite")


def request(body: CompositeBuckets, columns: list[Column | None]) -> dict[str, Any]:
    sources = [
        {
            source.name: {
                "terms": {
                    "field": column.slot if column else "",
                    "order": "asc" if source.ascending else "desc",
                    "missing_bucket": source.missing_bucket,
                }
            }
        }
        for source, column in zip(body.sources, columns, strict=True)
    ]
    asked: dict[str, Any] = {"sources": sources, "size": body.size}
    if body.after is not None:
        pairs = zip(body.sources, columns, strict=True)
        asked["after"] = {source.name: typed(column, body.after.get(source.name)) for source, column in pairs}
    return asked


def typed(column: Column | None, value: Any) -> str:
    if value is None or column is None:
        return "null:"
    kinds = {"long": "i64", "double": "f64", "keyword": "str"}
    return f"{kinds[column.field.column]}:{value}"


def matching(ground: Ground, columns: list[Column | None], bucket: Bucket) -> tantivy.Query:
    parts = [
        ground.without(column.slot if column else None)
        if value is None or column is None
        else ground.exactly(column, value)
        for column, value in zip(columns, bucket.key, strict=True)
    ]
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])
