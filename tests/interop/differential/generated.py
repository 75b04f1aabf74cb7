"""Random searches: queries, sorts and aggregations put together by chance, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from isthmus.demo.corpus import LEVELS, REGIONS, SERVICES, TAGS
from tests.interop.differential.asked import Asked

Tree = dict[str, Any]
DEPTH = 3
_WORDS = ("session", "connection", "upstream", "worker", "cache", "timed", "out", "retry", "customer", "nightly")
_KEYWORDS: dict[str, tuple[str, ...]] = {
    "level": LEVELS,
    "service": SERVICES,
    "host.region": REGIONS,
    "tags": TAGS,
}
_NUMBERS: dict[str, tuple[int, int]] = {"status": (200, 503), "bytes": (1, 20_000), "duration": (1, 60)}


def generated(count: int, seed: int) -> list[Asked]:
    """Return `count` searches of the index `logs`."""
    chance = random.Random(seed)
    return [
        Asked(f"generated/{seed}-{number}", "POST", "/logs/_search", _search(chance), "search")
        for number in range(count)
    ]


def _search(chance: random.Random) -> Tree:
    body: Tree = {"query": _query(chance, DEPTH), "size": chance.choice((0, 5, 20)), "track_total_hits": True}
    if chance.random() < 0.5:
        body["sort"] = _sort(chance)
    if chance.random() < 0.5:
        body["aggs"] = {"a": _aggregation(chance, 2)}
    if chance.random() < 0.2:
        body["from"] = chance.randint(1, 30)
    if chance.random() < 0.2:
        body["post_filter"] = _query(chance, 1)
    return body


def _query(chance: random.Random, depth: int) -> Tree:
    if depth > 0 and chance.random() < 0.6:
        return _compound(chance, depth - 1)
    return chance.choice(_LEAVES)(chance)


def _compound(chance: random.Random, depth: int) -> Tree:
    kind = chance.random()
    if kind < 0.7:
        clauses: Tree = {
            name: [_query(chance, depth) for _ in range(chance.randint(1, 2))]
            for name in ("must", "filter", "should", "must_not")
            if chance.random() < 0.5
        }
        if "should" in clauses and chance.random() < 0.4:
            clauses["minimum_should_match"] = chance.choice((1, 2, "50%", -1))
        return {"bool": clauses}
    if kind < 0.8:
        return {"constant_score": {"filter": _query(chance, depth), "boost": chance.choice((0.5, 1, 3))}}
    if kind < 0.9:
        queries = [_query(chance, depth) for _ in range(2)]
        return {"dis_max": {"queries": queries, "tie_breaker": chance.choice((0.0, 0.4))}}
    return {"boosting": {"positive": _query(chance, depth), "negative": _query(chance, depth), "negative_boost": 0.5}}


def _term(chance: random.Random) -> Tree:
    field, values = chance.choice(list(_KEYWORDS.items()))
    return {"term": {field: chance.choice(values)}}


def _terms(chance: random.Random) -> Tree:
    field, values = chance.choice(list(_KEYWORDS.items()))
    return {"terms": {field: chance.sample(values, 2)}}


def _range(chance: random.Random) -> Tree:
    field, (low, high) = chance.choice(list(_NUMBERS.items()))
    first, second = sorted((chance.randint(low, high), chance.randint(low, high)))
    return {"range": {field: {chance.choice(("gt", "gte")): first, chance.choice(("lt", "lte")): second}}}


def _moments(chance: random.Random) -> Tree:
    return {"range": {"@timestamp": {"gte": f"2026-01-01||+{chance.randint(0, 300)}m", "lt": "2026-01-01||+5h/h"}}}


def _match(chance: random.Random) -> Tree:
    words = " ".join(chance.sample(_WORDS, chance.randint(1, 3)))
    return {"match": {"message": {"query": words, "operator": chance.choice(("and", "or"))}}}


def _phrase(chance: random.Random) -> Tree:
    words = chance.choice(("timed out", "for a new customer", "a retry", "cache expired"))
    return {"match_phrase": {"message": {"query": words, "slop": chance.choice((0, 0, 2))}}}


def _pattern(chance: random.Random) -> Tree:
    return chance.choice(
        (
            {"prefix": {"host.name": chance.choice(REGIONS)[:4]}},
            {"wildcard": {"host.name": f"*-0{chance.randint(1, 8)}"}},
            {"regexp": {"service": "c[a-h]+.*"}},
            {"fuzzy": {"service": {"value": chance.choice(SERVICES)[:-1] + "x"}}},
        )
    )


def _exists(chance: random.Random) -> Tree:
    return {"exists": {"field": chance.choice(("user", "agent", "tags", "cached", "nothing"))}}


_LEAVES: tuple[Callable[[random.Random], Tree], ...] = (
    _term, _term, _terms, _range, _range, _moments, _match, _match, _phrase, _pattern, _exists,
)  # fmt: skip


def _sort(chance: random.Random) -> list[Any]:
    fields = ["level", "status", "duration", "@timestamp", "user.id", "cached", "client_ip", "_score"]
    keys: list[Any] = [{name: chance.choice(("asc", "desc"))} for name in chance.sample(fields, chance.randint(1, 2))]
    return [*keys, {"sequence": "asc"}]


def _aggregation(chance: random.Random, depth: int) -> Tree:
    if depth == 0 or chance.random() < 0.3:
        kind = chance.choice(("avg", "sum", "min", "max", "stats", "value_count", "cardinality", "extended_stats"))
        return {kind: {"field": chance.choice(("bytes", "duration", "status", "user.visits"))}}
    bucket = chance.choice(_BUCKETS)(chance)
    inner = {f"{name}{depth}": _aggregation(chance, depth - 1) for name in ("x", "y") if chance.random() < 0.6}
    return {**bucket, **({"aggs": inner} if inner else {})}


_BUCKETS: tuple[Callable[[random.Random], Tree], ...] = (
    lambda chance: {"terms": {"field": chance.choice(list(_KEYWORDS)), "size": chance.choice((2, 10))}},
    lambda chance: {"terms": {"field": "status", "order": {"_key": chance.choice(("asc", "desc"))}}},
    lambda chance: {"histogram": {"field": "bytes", "interval": chance.choice((1000, 5000)), "min_doc_count": 1}},
    lambda chance: {"date_histogram": {"field": "@timestamp", "fixed_interval": chance.choice(("1h", "30m"))}},
    lambda chance: {"range": {"field": "duration", "ranges": [{"to": 5}, {"from": 5, "to": chance.randint(6, 50)}]}},
    lambda chance: {"filter": _query(chance, 1)},
    lambda chance: {"missing": {"field": chance.choice(("user.id", "agent.none", "cached"))}},
)
