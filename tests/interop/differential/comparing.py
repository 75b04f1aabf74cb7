"""What differs between two answers to one request: pure, in sentences.

Equal sort values and equal scores are ties, whose order no engine promises: tied hits compare as sets, and those that
the end of the page cuts, by their number. Errors compare by status and type.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.interop.differential.asked import Asked
from tests.interop.sides.side import Answer

SCORES = 1e-3
NUMBERS = 1e-6
# Sketches: engines may place the same values in other centroids.
SKETCHES: Mapping[str, float] = {"cardinality": 0.05, "percentiles": 0.05}
_ENVELOPE = frozenset({"took", "_shards", "_scroll_id", "pit_id", "profile", "status", "terminated_early"})
_NOT_OF_A_HIT = frozenset({"_score", "_index", "_id", "_explanation", "_type", "_shard", "_node", "matched_queries"})


@dataclass(frozen=True)
class Comparing:
    """How values compare: the sketches among the aggregations by name, the keys that are left out, and whether hits
    come as an engine keeps them (`_doc`), which is its own affair."""

    sketches: Mapping[str, float] = field(default_factory=dict)
    ignoring: frozenset[str] = frozenset()
    is_unordered: bool = False


def differences(asked: Asked, ours: Answer, theirs: Answer) -> list[str]:
    """Return what differs, a sentence each; equal answers give none."""
    if ours.status != theirs.status:
        return [f"status {ours.status}{_error(ours.body)}, theirs {theirs.status}{_error(theirs.body)}"]
    if ours.status >= 400:
        return _errors(ours.body, theirs.body)
    how = Comparing(dict(_sketches(asked.body)), asked.ignoring, _is_unordered(asked.body))
    if asked.kind == "multi":
        return list(_several(ours.body, theirs.body, how))
    if asked.kind == "search":
        return list(_search(ours.body, theirs.body, how, _page(asked.body)))
    return list(_values("", ours.body, theirs.body, how, NUMBERS))


def _errors(ours: Any, theirs: Any) -> list[str]:
    if _error(ours) != _error(theirs):
        return [f"error{_error(ours)}, theirs{_error(theirs)}"]
    return []


def _error(body: Any) -> str:
    """The types of an error and of its root causes, as text; nothing for a success."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "" if error is None else f" [{error}]"
    roots = sorted({str(cause.get("type")) for cause in error.get("root_cause", [])} - {error.get("type")})
    return f" {error.get('type')}" + (f" of {', '.join(roots)}" if roots else "")


def _several(ours: Any, theirs: Any, how: Comparing) -> Iterator[str]:
    pairs = zip(ours["responses"], theirs["responses"], strict=False)
    if len(ours["responses"]) != len(theirs["responses"]):
        yield f"{len(ours['responses'])} responses, theirs {len(theirs['responses'])}"
    for at, (one, other) in enumerate(pairs):
        if one.get("status") != other.get("status") or "error" in one:
            yield from (f"response {at}: {said}" for said in _errors(one, other))
        else:
            yield from (f"response {at}: {said}" for said in _search(one, other, how, None))


def _search(ours: Any, theirs: Any, how: Comparing, page: int | None) -> Iterator[str]:
    yield from _hits("hits", ours.get("hits", {}), theirs.get("hits", {}), how, page)
    yield from _values("aggregations", ours.get("aggregations"), theirs.get("aggregations"), how, NUMBERS)
    # Elasticsearch says `terminated_early: false` now and then, without having been asked to end early.
    if bool(ours.get("terminated_early")) != bool(theirs.get("terminated_early")):
        yield f"terminated_early {ours.get('terminated_early')}, theirs {theirs.get('terminated_early')}"
    for name in sorted((set(ours) | set(theirs)) - _ENVELOPE - {"hits", "aggregations"}):
        yield from _values(name, ours.get(name), theirs.get(name), how, NUMBERS)


def _hits(where: str, ours: Any, theirs: Any, how: Comparing, page: int | None) -> Iterator[str]:
    if ours.get("total") != theirs.get("total"):
        yield f"{where}.total {ours.get('total')}, theirs {theirs.get('total')}"
        return
    if not _near(ours.get("max_score"), theirs.get("max_score"), SCORES):
        yield f"{where}.max_score {ours.get('max_score')}, theirs {theirs.get('max_score')}"
    mine, others = ours.get("hits", []), theirs.get("hits", [])
    if len(mine) != len(others):
        yield f"{where}: {len(mine)} hits, theirs {len(others)}"
        return
    if not how.is_unordered:
        yield from _order(where, mine, others, is_cut=page is None or len(others) >= page)
    # Hits without ids (`stored_fields: _none_`) are told apart by nothing.
    theirs_by_key = {_key(hit): hit for hit in others if "_id" in hit}
    for hit in mine:
        other = theirs_by_key.get(_key(hit))
        if other is not None:
            yield from _one_hit(f"{where}[{hit.get('_id')}]", hit, other, how)


def _order(where: str, ours: Sequence[Any], theirs: Sequence[Any], *, is_cut: bool) -> Iterator[str]:
    """Compare the hits rank by rank, a rank being the hits that tie in theirs."""
    at = 0
    for rank in _ranks(theirs):
        mine = ours[at : at + len(rank)]
        at += len(rank)
        if not all(_ties(one, other) for one, other in zip(mine, rank, strict=True)):
            yield f"{where}: {_told(mine)} where theirs has {_told(rank)}"
        elif {_key(hit) for hit in mine} != {_key(hit) for hit in rank} and not (at == len(theirs) and is_cut):
            yield f"{where}: {_told(mine)} where theirs has {_told(rank)}, which tie"


def _ranks(hits: Sequence[Any]) -> Iterator[Sequence[Any]]:
    begun = 0
    for at in range(1, len(hits) + 1):
        if at == len(hits) or not _ties(hits[at - 1], hits[at]):
            yield hits[begun:at]
            begun = at


def _ties(one: Any, other: Any) -> bool:
    if "sort" in one or "sort" in other:
        return _all_near(one.get("sort"), other.get("sort"))
    return _near(one.get("_score"), other.get("_score"), SCORES)


def _all_near(one: Any, other: Any) -> bool:
    if one is None or other is None or len(one) != len(other):
        return False
    return all(_near(a, b, SCORES if isinstance(a, float) else 0) for a, b in zip(one, other, strict=True))


def _one_hit(where: str, ours: Any, theirs: Any, how: Comparing) -> Iterator[str]:
    if not _near(ours.get("_score"), theirs.get("_score"), SCORES):
        yield f"{where}._score {ours.get('_score')}, theirs {theirs.get('_score')}"
    if set(ours.get("matched_queries", ())) != set(theirs.get("matched_queries", ())):
        yield f"{where}.matched_queries {ours.get('matched_queries')}, theirs {theirs.get('matched_queries')}"
    for name in sorted((set(ours) | set(theirs)) - _NOT_OF_A_HIT):
        tolerance = SCORES if name == "sort" else NUMBERS
        yield from _values(f"{where}.{name}", ours.get(name), theirs.get(name), how, tolerance)


def _values(where: str, ours: Any, theirs: Any, how: Comparing, tolerance: float) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        yield from _objects(where, ours, theirs, how, tolerance)
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{where}: {len(ours)} values {_short(ours)}, theirs {len(theirs)} {_short(theirs)}"
            return
        for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _values(f"{where}[{at}]", one, other, how, tolerance)
    elif not _near(ours, theirs, tolerance):
        yield f"{where} {_short(ours)}, theirs {_short(theirs)}"


def _objects(where: str, ours: Any, theirs: Any, how: Comparing, tolerance: float) -> Iterator[str]:
    if "hits" in ours and "hits" in theirs and isinstance(ours["hits"], dict):
        yield from _hits(f"{where}.hits", ours["hits"], theirs["hits"], how, None)
        return
    for name in sorted((set(ours) | set(theirs)) - how.ignoring):
        if name not in ours or name not in theirs:
            missing = "theirs alone has" if name not in ours else "ours alone has"
            yield f"{missing} {where}.{name} {_short(ours.get(name, theirs.get(name)))}"
            continue
        inner = how.sketches.get(name, tolerance)
        yield from _values(f"{where}.{name}" if where else name, ours[name], theirs[name], how, inner)


def _near(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance * 1e-6)
    return bool(one == other)


def _sketches(body: Any) -> Iterator[tuple[str, float]]:
    """The names of the aggregations, at any depth, whose results are estimates."""
    if not isinstance(body, dict):
        return
    for name, tree in {**(body.get("aggs") or {}), **(body.get("aggregations") or {})}.items():
        if isinstance(tree, dict):
            yield from ((name, SKETCHES[kind]) for kind in tree if kind in SKETCHES)
            yield from _sketches(tree)


def _is_unordered(body: Any) -> bool:
    return isinstance(body, dict) and body.get("sort") == ["_doc"]


def _page(body: Any) -> int:
    size = body.get("size", 10) if isinstance(body, dict) else 10
    return size if isinstance(size, int) else 10


def _key(hit: Any) -> tuple[Any, Any]:
    return hit.get("_index"), hit.get("_id")


def _told(hits: Sequence[Any]) -> str:
    return _short([(hit.get("_id"), hit.get("sort", hit.get("_score"))) for hit in hits])


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 160 else text[:157] + "..."
