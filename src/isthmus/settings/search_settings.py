"""What a search may take when it does not say so itself. All change while nodes run.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-settings.html
"""

from __future__ import annotations

from typing import Final

from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import ValueType, boolean, time_value

_time = time_value(0.001)


def _time_or_none(value: object) -> float | None:
    return None if value in (-1, "-1") else _time.parse(value)


DEFAULT_SEARCH_TIMEOUT: Final = Setting(
    "search.default_search_timeout",
    ValueType("time", _time_or_none, "s"),
    None,
    "How long a search may take that does not say it itself; what was found until then is answered.",
    scope="dynamic",
    default_text="-1",
)
DEFAULT_ALLOW_PARTIAL_RESULTS: Final = Setting(
    "search.default_allow_partial_results",
    boolean,
    True,  # noqa: FBT003
    "Whether a search is answered although some of its indices could not be searched.",
    scope="dynamic",
)

SETTINGS: Final[tuple[AnySetting, ...]] = (DEFAULT_SEARCH_TIMEOUT, DEFAULT_ALLOW_PARTIAL_RESULTS)
