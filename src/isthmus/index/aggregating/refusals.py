"""What aggregations refuse, in the words that users of Elasticsearch know."""

from __future__ import annotations

from isthmus.errors import IsthmusError

MAX_BUCKETS = 65_536


class UnsupportedFieldError(IsthmusError):
    """A field cannot be aggregated in the way that was asked."""

    type = "illegal_argument_exception"
    status = 400


class TooManyBucketsError(IsthmusError):
    """An aggregation has more buckets than `search.max_buckets`."""

    type = "too_many_buckets_exception"
    status = 400


class AggregationTimeoutError(IsthmusError):
    """The time of a search was over before its aggregations were."""

    type = "timeout_exception"
    status = 504


def not_supported(path: str, field_type: str, aggregation: str) -> UnsupportedFieldError:
    return UnsupportedFieldError(
        f"Field [{path}] of type [{field_type}] is not supported for aggregation [{aggregation}]"
    )


def text_without_values(path: str, index: str) -> UnsupportedFieldError:
    return UnsupportedFieldError(
        f"Fielddata is disabled on [{path}] in [{index}]. Text fields are not optimised for operations that need the "
        "values of each document, like aggregations and sorting. Use a keyword field instead."
    )


def without_doc_values(path: str, field_type: str) -> UnsupportedFieldError:
    return UnsupportedFieldError(
        f"Can't load fielddata on [{path}] because fielddata is unsupported on fields of type [{field_type}]. "
        "Use doc values instead."
    )


def too_many_buckets(count: int) -> TooManyBucketsError:
    return TooManyBucketsError(
        f"Trying to create too many buckets. Must be less than or equal to: [{MAX_BUCKETS}] but was [{count}]. "
        "This limit can be set by changing the [search.max_buckets] cluster level setting."
    )


def expression_too_large() -> UnsupportedFieldError:
    return UnsupportedFieldError(
        "a regular expression of [include] or [exclude] is too large to be run: make it shorter or less repetitive"
    )
