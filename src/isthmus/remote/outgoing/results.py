"""What another cluster's aggregations gave, as parts that are merged with our own. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from isthmus.index.aggregating.terms import shown_ip
from isthmus.query.aggregation_tree import Aggregation
from isthmus.query.partial import Bucket, Buckets, Distribution, Metrics, Partial
from isthmus.remote.outgoing.answers import UnexpectedAnswerError
from isthmus.wire.layouts import Named

Body = Mapping[str, Any]

_WHOLE: Final = {"raw": "long", "decimal": "long", "bool": "boolean", "date_time": "date"}


def aggregations_of(asked: tuple[Aggregation, ...], results: Sequence[Named], *, merged: bool) -> dict[str, Partial]:
    """Return the parts by name; `merged`: they are of several indices.

    Raises UnexpectedAnswerError for what was not asked for or cannot be merged.
    """
    return _Reading(merged=merged).named(asked, results)


def settled(part: Partial) -> Partial:
    """Return a part of this cluster as clusters give theirs to others: the counts of one index alone have no error."""
    if not isinstance(part, Buckets):
        return part
    buckets = [
        msgspec.structs.replace(
            one,
            error=one.error if part.merged else 0,
            aggregations={name: settled(below) for name, below in one.aggregations.items()},
        )
        for one in part.buckets
    ]
    return msgspec.structs.replace(part, buckets=buckets, error=part.error if part.merged else 0)


class _Reading:
    def __init__(self, *, merged: bool) -> None:
        self._merged = merged

    def named(self, asked: tuple[Aggregation, ...], results: Sequence[Named]) -> dict[str, Partial]:
        by_name = {one.name: one for one in asked}
        found: dict[str, Partial] = {}
        for result in results:
            name = result.body["name"]
            if name not in by_name:
                raise UnexpectedAnswerError(f"the result [{name[:100]}] was not asked for")
            found[name] = self._one(by_name[name], result)
        return found

    def _one(self, asked: Aggregation, result: Named) -> Partial:
        body = result.body["body"]
        if result.name in _METRICS:
            return _METRICS[result.name](body)
        match result.name:
            case "sterms":
                return self._terms(asked, body, _text_type(body["format"].name), _text_key)
            case "lterms":
                return self._terms(asked, body, _WHOLE.get(body["format"].name, "long"), _whole_key)
            case "dterms":
                return self._terms(asked, body, "double", lambda _kind, key: key)
            case "umterms":
                return Buckets()
            case "range" | "date_range":
                return self._ranges(asked, body)
            case "histogram" | "date_histogram":
                return Buckets(buckets=self._keyed(asked, body), date_format=_date_format(body["format"]))
            case "filters":
                return Buckets(buckets=self._keyed(asked, body))
            case "filter" | "missing" | "global":
                return Buckets(buckets=[self._bucket(asked, body, None)])
            case _:
                raise UnexpectedAnswerError(f"a result of the kind [{result.name}] cannot be merged")

    def _terms(self, asked: Aggregation, body: Body, kind: str, key: Callable[[str, Any], Any]) -> Partial:
        buckets = [
            msgspec.structs.replace(
                self._bucket(asked, one, key(kind, one["key"])),
                shown=shown_ip(one["key"].hex()) if kind == "ip" else None,
                error=one.get("error", 0),
            )
            for one in body["buckets"]
        ]
        return Buckets(
            buckets=buckets,
            other=body["other"],
            error=body["error"] or 0,
            key_type=kind,
            date_format=_date_format(body["format"]),
            merged=self._merged,
        )

    def _ranges(self, asked: Aggregation, body: Body) -> Partial:
        buckets = [
            msgspec.structs.replace(
                self._bucket(asked, one, one["key"]), from_=_finite(one["from_"]), to=_finite(one["to"])
            )
            for one in body["buckets"]
        ]
        date_format = _date_format(body["format"])
        return Buckets(buckets=buckets, date_format=date_format, key_type="date" if date_format else "double")

    def _keyed(self, asked: Aggregation, body: Body) -> list[Bucket]:
        return [self._bucket(asked, one, one["key"]) for one in body["buckets"]]

    def _bucket(self, asked: Aggregation, body: Body, key: Any) -> Bucket:
        below = self.named(asked.aggregations, body["aggregations"])
        return Bucket(key=key, doc_count=body["doc_count"], aggregations=below)


def _text_type(shown: str) -> str:
    return "ip" if shown == "ip" else "keyword"


def _text_key(kind: str, key: bytes) -> str:
    return key.hex() if kind == "ip" else key.decode("utf-8", "replace")


def _whole_key(kind: str, key: int) -> Any:
    return bool(key) if kind == "boolean" else key


def _avg(body: Body) -> Partial:
    return Metrics(count=body["count"], sum=body["sum"], **_shown(body["format"]))


def _sum(body: Body) -> Partial:
    return Metrics(sum=body["value"], **_shown(body["format"]))


def _min(body: Body) -> Partial:
    return Metrics(minimum=_finite(body["value"]), **_shown(body["format"]))


def _max(body: Body) -> Partial:
    return Metrics(maximum=_finite(body["value"]), **_shown(body["format"]))


def _value_count(body: Body) -> Partial:
    return Metrics(count=body["count"])


def _stats(body: Body) -> Partial:
    return Metrics(
        count=body["count"],
        sum=body["sum"],
        sum_of_squares=body.get("sum_of_squares", 0.0),
        minimum=_finite(body["min"]),
        maximum=_finite(body["max"]),
        **_shown(body["format"]),
    )


def _percentiles(body: Body) -> Partial:
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


_METRICS: Final[dict[str, Callable[[Body], Partial]]] = {
    "avg": _avg,
    "sum": _sum,
    "min": _min,
    "max": _max,
    "value_count": _value_count,
    "stats": _stats,
    "extended_stats": _stats,
    "tdigest_percentiles": _percentiles,
}
