"""A bucket for each value of a field.

Each index sends more buckets than are asked for (`shard_size`), so that what is frequent over all of them is seldom
missed. Values that are tied in their order come by key.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-terms-aggregation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv6Address
from typing import Any

import tantivy

from isthmus.index.aggregating.ground import Column, Ground
from isthmus.index.aggregating.ordering import sorted_buckets
from isthmus.index.aggregating.partitions import is_in_partition
from isthmus.index.aggregating.refusals import UnsupportedFieldError
from isthmus.query.aggregation_tree import Aggregation, Partition, TermsBuckets
from isthmus.query.partial import Bucket, Buckets
from isthmus.query.patterns import regexp_expression

ENOUGH = 1_000
ALL = 65_000  # the most buckets that Tantivy gives

Read = list[tuple[Bucket, Mapping[str, Any]]]


@dataclass(frozen=True)
class TermsPlan:
    """How Tantivy is asked for the values of a column, and what is made of its answer."""

    ground: Ground
    column: Column
    body: TermsBuckets
    children: tuple[Aggregation, ...]

    @cached_property
    def request(self) -> dict[str, Any]:
        size = self.asked_of_tantivy
        terms: dict[str, Any] = {"field": self.column.slot, "size": size, "segment_size": size}
        if self.body.order[0][0] == "_key":
            terms["order"] = {"_key": "asc" if self.body.order[0][1] else "desc"}
        elif self.body.order[0] == ("_count", True):
            terms["order"] = {"_count": "asc"}
        if self.missing is not None:
            terms["missing"] = self.missing
        if not self.chooses_here:
            terms |= self.chosen_values
        return {"terms": terms}

    @property
    def asked_of_tantivy(self) -> int:
        by_metric = self.body.order[0][0] not in ("_count", "_key")
        return ALL if by_metric or self.chooses_here else min(ALL, max(ENOUGH, self.shard_size))

    @property
    def chooses_here(self) -> bool:
        """Whether Tantivy cannot choose the values."""
        if isinstance(self.body.include, Partition):
            return True
        return self.column.numeric and (self.body.include is not None or self.body.exclude is not None)

    @property
    def shard_size(self) -> int:
        if self.body.shard_size is not None:
            return max(self.body.shard_size, self.body.size)
        return self.body.size if self.body.order[0][0] == "_key" else int(self.body.size * 1.5) + 10

    @cached_property
    def missing(self) -> str | int | float | None:
        if self.body.missing is None:
            return None
        return self.ground.column_value(self.column.field, self.body.missing)

    @property
    def missing_is_a_value(self) -> bool:
        """Whether some document has the value of `missing`: Tantivy loses the others then, where it is a text."""
        if self.missing is None or self.column.numeric:
            return False
        return self.ground.count(self.ground.exactly(self.column, self.missing)) > 0

    @property
    def of_everything(self) -> TermsBuckets:
        """The same values without `missing`, whatever their order and number."""
        order = TermsBuckets(field="").order
        return replace(self.body, missing=None, size=ALL, shard_size=ALL, order=order, min_doc_count=1)

    @property
    def chosen_values(self) -> dict[str, Any]:
        given = {"include": self.body.include, "exclude": self.body.exclude}
        return {
            name: self.pattern_or_values(value)
            for name, value in given.items()
            if value is not None and not isinstance(value, Partition)
        }

    def pattern_or_values(self, given: str | tuple[Any, ...]) -> str | list[str]:
        if isinstance(given, str):
            return chosen_by(given)
        return [str(self.ground.column_value(self.column.field, value)) for value in given]

    def read(self, answer: Mapping[str, Any]) -> Read:
        found = [(self.bucket(part["key"], part["doc_count"]), part) for part in answer["buckets"]]
        if self.chooses_here:
            found = [pair for pair in found if self.is_chosen(pair[0].key)]
        if self.body.min_doc_count == 0:
            seen = {bucket.key for bucket, _ in found}
            found += [(self.bucket(key, 0), {}) for key in self.all_keys if key not in seen]
        return found

    def bucket(self, key: Any, count: int) -> Bucket:
        shown = shown_ip(key) if self.column.field.type == "ip" else None
        return Bucket(key=float(key) if self.column.field.column == "double" else key, doc_count=count, shown=shown)

    def is_chosen(self, key: Any) -> bool:
        if isinstance(self.body.include, Partition):
            return is_in_partition(self.partitioned(key), self.body.include.number, self.body.include.of)
        included = self.numbers(self.body.include)
        excluded = self.numbers(self.body.exclude)
        return (included is None or key in included) and (excluded is None or key not in excluded)

    def partitioned(self, key: Any) -> str | int:
        """What is hashed of a key. Raises UnsupportedFieldError for fields whose hashes we do not know."""
        if self.column.field.column == "double" or self.column.field.type == "ip":
            raise UnsupportedFieldError(
                f"Field [{self.body.field}] of type [{self.column.field.type}] is not supported for partitions of "
                "aggregation [terms]"
            )
        return key if isinstance(key, str) else int(key)

    def numbers(self, given: str | Partition | tuple[Any, ...] | None) -> frozenset[str | int | float] | None:
        if given is None or isinstance(given, Partition):
            return None
        if isinstance(given, str):
            raise UnsupportedFieldError(
                f"Field [{self.body.field}] of type [{self.column.field.type}] takes values to include or exclude, "
                "not a regular expression"
            )
        return frozenset(self.ground.column_value(self.column.field, value) for value in given)

    @cached_property
    def all_keys(self) -> list[Any]:
        terms = {**self.request["terms"], "size": ALL, "segment_size": ALL}
        terms.pop("missing", None)
        answer = self.ground.run(self.ground.everything, {"terms": {"terms": terms}})["terms"]
        keys = [self.bucket(part["key"], 0).key for part in answer["buckets"]]
        return [key for key in keys if self.is_chosen(key)] if self.chooses_here else keys

    def gathered(self, buckets: list[Bucket], answer: Mapping[str, Any]) -> Buckets:
        ordered = sorted_buckets(buckets, self.body.order, self.children)
        kept, cut = ordered[: self.shard_size], ordered[self.shard_size :]
        other = answer["sum_other_doc_count"] + sum(bucket.doc_count for bucket in cut)
        return Buckets(
            buckets=kept,
            other=other,
            error=self.error(kept) if other else 0,
            key_type=key_type(self.column),
            date_format=self.date_format,
        )

    def error(self, kept: list[Bucket]) -> int:
        if self.body.order[0] == ("_count", False):
            return kept[-1].doc_count if kept else 0
        return 0 if self.body.order[0][0] == "_key" else -1

    @property
    def date_format(self) -> str | None:
        if self.column.field.type != "date":
            return self.body.format
        return self.body.format or "||".join(self.column.field.formats) or None

    def matching(self, bucket: Bucket) -> tantivy.Query:
        query = self.ground.exactly(self.column, bucket.key)
        if self.missing is None or bucket.key != self.missing:
            return query
        should = tantivy.Occur.Should
        return tantivy.Query.boolean_query([(should, query), (should, self.ground.absent(self.body.field))])


def chosen_by(pattern: str) -> str | list[str]:
    """What Tantivy is told of a regular expression of Lucene's: it takes none for nothing, or for the empty text."""
    expression = regexp_expression(pattern)
    if expression is None:
        return []
    return expression or [""]


def unmapped_terms(ground: Ground, query: tantivy.Query, body: TermsBuckets) -> Buckets:
    """The buckets of a field without a column: of the one value of all documents, or of `missing`, if it is given."""
    value = ground.shared(body.field)
    if value is not None:
        count = ground.count(query)
        there = is_wanted(value, body) and count >= min(body.min_doc_count, 1)
        return Buckets(buckets=[Bucket(key=value, doc_count=count)] if there else [], key_type="keyword")
    if body.missing is None:
        return Buckets()
    count = ground.count(query)
    return Buckets(buckets=[Bucket(key=body.missing, doc_count=count)] if count else [], key_type=None)


def is_wanted(value: str, body: TermsBuckets) -> bool:
    """Whether the one value of all documents is chosen. Raises UnsupportedFieldError for expressions."""
    include, exclude = body.include, body.exclude
    if isinstance(include, Partition):
        return is_in_partition(value, include.number, include.of)
    if isinstance(include, str) or isinstance(exclude, str):
        raise UnsupportedFieldError(
            f"Field [{body.field}] has one value in all documents: it takes values to include or exclude, not a "
            "regular expression"
        )
    return (include is None or value in include) and (exclude is None or value not in exclude)


def key_type(column: Column) -> str:
    if column.field.type in ("boolean", "date", "ip"):
        return column.field.type
    return column.field.column


def shown_ip(digits: str) -> str:
    address = IPv6Address(int(digits, 16))
    return str(address.ipv4_mapped or address)
