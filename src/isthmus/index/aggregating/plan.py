"""One aggregation as Tantivy is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import tantivy

from isthmus.query.partial import Bucket, Buckets, Partial


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`request` is Tantivy's JSON for this level, `read` makes parts of its answer."""

    request: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], Partial]


class BucketsPlan(Protocol):
    """As `Plan`, of buckets. `read` gives each bucket with the part of the answer that holds its children;
    `gathered` leaves those that are sent; `matching` is the query for a bucket's documents."""

    @property
    def request(self) -> Mapping[str, Any]: ...

    def read(self, answer: Mapping[str, Any], /) -> list[tuple[Bucket, Mapping[str, Any]]]: ...

    def gathered(self, buckets: list[Bucket], answer: Mapping[str, Any], /) -> Buckets: ...

    def matching(self, bucket: Bucket, /) -> tantivy.Query: ...
