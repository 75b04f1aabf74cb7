"""What another cluster's aggregations gave, as parts that are merged with our own. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from isthmus.index.aggregating.terms import shown_ip
from isthmus.query.aggregation_tree import Aggregation
from isthmus.query.partial import Bucket, Buckets, Distribution, Metrics, Partial
from isthmus.remote.outgoing.answers import UnexpectedAnswerError
from isthmus.wire.layouts import Named

Body = Mapping[str, Any]

_WHOLE: Final = {"raw": "long", "decimal": "long", "bool": "boolean", "date_time": "date"}


def aggregations_of(asked: tuple[Aggregation, ...], results: Sequence[Named]) -> dict[str, Partial]:
    """Return the parts by name. Raises UnexpectedAnswerError for what was not asked for or cannot be merged."""
    by_name = {one.name: one for one in asked}
    found = {}
    for result in results:
        name = result.body["name"]
        if name not in by_name or result.name not in _READERS:
            raise UnexpectedAnswerError(f"the result [{name[:100]}] of the kind [{result.name}] cannot be merged")
        found[name] = _READERS[result.name](by_name[name], result.body["body"])
    return found


def _below(asked: Aggregation, bucket: Body) -> dict[str, Partial]:
    return aggregations_of(asked.aggregations, bucket["aggregations"])


def _single(asked: Aggregation, body: Body) -> Partial:
    return Buckets(buckets=[Bucket(key="", doc_count=body["doc_count"], aggregations=_below(asked, body))])


def _terms(key_type: Callable[[str], str], key: Callable[[str, Any], Any]) -> Callable[[Aggregation, Body], Partial]:
    def read(asked: Aggregation, body: Body) -> Partial:
        kind = key_type(body["format"].name)
        buckets = [
            Bucket(
                key=key(kind, one["key"]),
                doc_count=one["doc_count"],
                shown=shown_ip(one["key"].hex()) if kind == "ip" else None,
                error=one.get("error", 0),
                aggregations=_below(asked, one),
            )
            for one in body["buckets"]
        ]
        return Buckets(
            buckets=buckets,
            other=body["other"],
            error=body["error"] or 0,
            key_type=kind,
            date_format=_date_format(body["format"]),
            merged=True,
        )

    return read


def _text_type(shown: str) -> str:
    return "ip" if shown == "ip" else "keyword"


def _text_key(kind: str, key: bytes) -> str:
    return key.hex() if kind == "ip" else key.decode("utf-8", "replace")


def _unmapped(_asked: Aggregation, _body: Body) -> Partial:
    return Buckets()


def _ranges(asked: Aggregation, body: Body) -> Partial:
    buckets = [
        Bucket(
            key=one["key"],
            doc_count=one["doc_count"],
            from_=_finite(one["from_"]),
            to=_finite(one["to"]),
            aggregations=_below(asked, one),
        )
        for one in body["buckets"]
    ]
    date_format = _date_format(body["format"])
    return Buckets(buckets=buckets, date_format=date_format, key_type="date" if date_format else "double")


def _filters(asked: Aggregation, body: Body) -> Partial:
    return Buckets(
        buckets=[
            Bucket(key=one["key"], doc_count=one["doc_count"], aggregations=_below(asked, one))
            for one in body["buckets"]
        ]
    )


def _histogram(asked: Aggregation, body: Body) -> Partial:
    return Buckets(
        buckets=[
            Bucket(key=one["key"], doc_count=one["doc_count"], aggregations=_below(asked, one))
            for one in body["buckets"]
        ],
        date_format=_date_format(body["format"]),
    )


def _avg(_asked: Aggregation, body: Body) -> Partial:
    return Metrics(count=body["count"], sum=body["sum"], **_shown(body["format"]))


def _sum(_asked: Aggregation, body: Body) -> Partial:
    return Metrics(sum=body["value"], **_shown(body["format"]))


def _min(_asked: Aggregation, body: Body) -> Partial:
    return Metrics(minimum=_finite(body["value"]), **_shown(body["format"]))


def _max(_asked: Aggregation, body: Body) -> Partial:
    return Metrics(maximum=_finite(body["value"]), **_shown(body["format"]))


def _value_count(_asked: Aggregation, body: Body) -> Partial:
    return Metrics(count=body["count"])


def _stats(_asked: Aggregation, body: Body) -> Partial:
    return Metrics(
        count=body["count"],
        sum=body["sum"],
        sum_of_squares=body.get("sum_of_squares", 0.0),
        minimum=_finite(body["min"]),
        maximum=_finite(body["max"]),
        **_shown(body["format"]),
    )


def _percentiles(_asked: Aggregation, body: Body) -> Partial:
    centroids = body["digest"]["centroids"] if body["digest"] is not None else []
    counted = sorted((one["mean"], one["count"]) for one in centroids)
    return Distribution(
        values=[value for value, _ in counted],
        counts=[count for _, count in counted],
        date_format=_date_format(body["format"]),
    )


def _shown(shown: Named) -> dict[str, Any]:
    return {"date_format": _date_format(shown), "is_boolean": shown.name == "bool"}


def _date_format(shown: Named) -> str | None:
    return shown.body["pattern"] if shown.name == "date_time" else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


_READERS: Final[dict[str, Callable[[Aggregation, Body], Partial]]] = {
    "sterms": _terms(_text_type, _text_key),
    "lterms": _terms(
        lambda shown: _WHOLE.get(shown, "long"), lambda kind, key: bool(key) if kind == "boolean" else key
    ),
    "dterms": _terms(lambda _shown: "double", lambda _kind, key: key),
    "umterms": _unmapped,
    "range": _ranges,
    "date_range": _ranges,
    "histogram": _histogram,
    "date_histogram": _histogram,
    "filters": _filters,
    **dict.fromkeys(("filter", "missing", "global"), _single),
    "avg": _avg,
    "sum": _sum,
    "min": _min,
    "max": _max,
    "value_count": _value_count,
    **dict.fromkeys(("stats", "extended_stats"), _stats),
    "tdigest_percentiles": _percentiles,
}
