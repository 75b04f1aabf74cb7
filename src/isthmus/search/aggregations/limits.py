"""How many buckets an answer may have.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-settings.html
"""

from __future__ import annotations

from typing import Final

from isthmus.errors import UsageError

MAX_BUCKETS: Final = 65_536


class TooManyBucketsError(UsageError):
    """The aggregations of an answer have more buckets than `search.max_buckets`."""

    type = "too_many_buckets_exception"


class BucketCount:
    """Counts buckets up to a bound."""

    def __init__(self, maximum: int = MAX_BUCKETS) -> None:
        self._maximum = maximum
        self._count = 0

    def add(self, number: int) -> None:
        """Count `number` more. Raises TooManyBucketsError beyond the bound."""
        self._count += number
        if self._count > self._maximum:
            raise TooManyBucketsError(
                f"Trying to create too many buckets. Must be less than or equal to: [{self._maximum}] but was "
                f"[{self._count}]. This limit can be set by changing the [search.max_buckets] cluster level setting."
            )
