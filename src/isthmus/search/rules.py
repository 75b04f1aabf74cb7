"""What a node's settings say of searches, as they are at one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from isthmus.query.parsing import Bounds
from isthmus.settings.index_cluster_settings import (
    MAX_BUCKETS,
    MAX_CLAUSE_COUNT,
    MAX_NESTED_DEPTH,
    MAX_OPEN_SCROLL_CONTEXT,
)
from isthmus.settings.search_settings import DEFAULT_ALLOW_PARTIAL_RESULTS, DEFAULT_SEARCH_TIMEOUT
from isthmus.state.dynamic_settings import DynamicSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRules:
    """`timeout` is in seconds, of searches that name none; None lets them take their time."""

    bounds: Bounds = field(default_factory=Bounds)
    max_buckets: int = 65_536
    max_open_contexts: int = 500
    timeout: float | None = None
    allow_partial_results: bool = True


Rules: TypeAlias = Callable[[], SearchRules]


def rules_of(settings: DynamicSettings) -> Rules:
    """Return the function that tells the rules in force now."""

    def rules() -> SearchRules:
        return SearchRules(
            bounds=Bounds(depth=settings.get(MAX_NESTED_DEPTH), clauses=settings.get(MAX_CLAUSE_COUNT)),
            max_buckets=settings.get(MAX_BUCKETS),
            max_open_contexts=settings.get(MAX_OPEN_SCROLL_CONTEXT),
            timeout=settings.get(DEFAULT_SEARCH_TIMEOUT),
            allow_partial_results=settings.get(DEFAULT_ALLOW_PARTIAL_RESULTS),
        )

    return rules
