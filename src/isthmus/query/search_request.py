"""A search request as a value: the body of `_search`, with its query parameters laid over it.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from isthmus.query.aggregation_tree import Aggregation
from isthmus.query.sorts import SortKey
from isthmus.query.source_filter import FieldAsked, SourceFilter
from isthmus.query.tree import MatchAll, Query, Scalar

DEFAULT_TRACKED = 10_000
MAX_TRACKED = (1 << 31) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlightField:
    """How one field (or pattern) is highlighted."""

    pattern: str
    pre_tags: tuple[str, ...] = ("<em>",)
    post_tags: tuple[str, ...] = ("</em>",)
    fragment_size: int = 100
    number_of_fragments: int = 5
    no_match_size: int = 0
    order_by_score: bool = False
    require_field_match: bool = True
    encoder: Literal["default", "html"] = "default"
    highlight_query: Query | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse:
    """One hit, the best, for each value of a field."""

    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointInTime:
    """A point in time to search in, in the place of indices; `keep_alive` in seconds, None leaves it."""

    id: str
    keep_alive: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """Everything that a search's body can say. `track_total_hits` is the number up to which hits are counted
    (0: not at all, `MAX_TRACKED`: all). `timeout` is in seconds."""

    query: Query = field(default_factory=MatchAll)
    post_filter: Query | None = None
    from_: int = 0
    size: int = 10
    sort: tuple[SortKey, ...] = ()
    search_after: tuple[Scalar, ...] | None = None
    source: SourceFilter = field(default_factory=SourceFilter)
    source_given: bool = False
    stored_fields_none: bool = False
    fields: tuple[FieldAsked, ...] = ()
    docvalue_fields: tuple[FieldAsked, ...] = ()
    highlight: tuple[HighlightField, ...] = ()
    aggregations: tuple[Aggregation, ...] = ()
    track_total_hits: int = DEFAULT_TRACKED
    track_scores: bool = False
    min_score: float | None = None
    timeout: float | None = None
    terminate_after: int = 0
    version: bool = False
    seq_no_primary_term: bool = False
    explain: bool = False
    profile: bool = False
    collapse: Collapse | None = None
    indices_boost: tuple[tuple[str, float], ...] = ()
    point_in_time: PointInTime | None = None
    meta: Mapping[str, Any] | None = None
