"""What the cluster allows of indices and searches. All change while nodes run.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-settings.html
"""

from __future__ import annotations

from typing import Final

from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import boolean, integer, list_of, text

AUTO_CREATE_INDEX: Final = Setting(
    "action.auto_create_index",
    list_of(text),
    ("true",),
    "Whether the first document makes its index: true, false, or patterns, those with a - forbid.",
    scope="dynamic",
)
DESTRUCTIVE_REQUIRES_NAME: Final = Setting(
    "action.destructive_requires_name",
    boolean,
    True,  # noqa: FBT003
    "Whether indices may be deleted by their names alone, and not by patterns or _all.",
    scope="dynamic",
)
MAX_BUCKETS: Final = Setting(
    "search.max_buckets", integer(1, 10_000_000), 65_536, "How many buckets one answer may have.", scope="dynamic"
)
MAX_OPEN_SCROLL_CONTEXT: Final = Setting(
    "search.max_open_scroll_context",
    integer(1, 100_000),
    500,
    "How many scrolls and points in time a node may keep open.",
    scope="dynamic",
)
MAX_NESTED_DEPTH: Final = Setting(
    "indices.query.bool.max_nested_depth", integer(1, 150), 30, "How deep a query may be nested.", scope="dynamic"
)
MAX_CLAUSE_COUNT: Final = Setting(
    "indices.query.bool.max_clause_count",
    integer(1, 100_000),
    1_024,
    "How many clauses a query may have, with all that it holds.",
    scope="dynamic",
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    AUTO_CREATE_INDEX,
    DESTRUCTIVE_REQUIRES_NAME,
    MAX_BUCKETS,
    MAX_OPEN_SCROLL_CONTEXT,
    MAX_NESTED_DEPTH,
    MAX_CLAUSE_COUNT,
)
