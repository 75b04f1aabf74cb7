"""What requests may do by themselves, and what a search may take: settings that change while nodes run."""

from __future__ import annotations

from typing import Final

from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import ValueType, boolean, integer, text, time_value

_positive = time_value(0.001)


def _parse_timeout(value: object) -> float | None:
    return None if value == "-1" else _positive.parse(value)


AUTO_CREATE_INDEX: Final = Setting(
    "action.auto_create_index",
    text,
    "true",
    "Whether a document makes the index that it is written to: true, false, or patterns such as `+logs-*,-logs-old*`.",
    scope="dynamic",
)
DESTRUCTIVE_REQUIRES_NAME: Final = Setting(
    "action.destructive_requires_name",
    boolean,
    default=True,
    help="Whether indices can be deleted by their names only, not by patterns.",
    scope="dynamic",
)
MAX_BUCKETS: Final = Setting(
    "search.max_buckets",
    integer(1, 10_000_000),
    65_536,
    "How many buckets the aggregations of one answer may have.",
    scope="dynamic",
)
DEFAULT_SEARCH_TIMEOUT: Final[Setting[float | None]] = Setting(
    "search.default_search_timeout",
    ValueType("time or -1", _parse_timeout, "s"),
    None,
    "How long a search may take that names no timeout; -1: without end.",
    scope="dynamic",
    default_text="-1",
)
MAX_OPEN_SCROLL_CONTEXT: Final = Setting(
    "search.max_open_scroll_context",
    integer(0, 1_000_000),
    500,
    "How many scrolls a node keeps open at a time.",
    scope="dynamic",
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    AUTO_CREATE_INDEX,
    DESTRUCTIVE_REQUIRES_NAME,
    MAX_BUCKETS,
    DEFAULT_SEARCH_TIMEOUT,
    MAX_OPEN_SCROLL_CONTEXT,
)
