"""How far hits are counted, and times as text: what the body and the parameters of a search say alike."""

from __future__ import annotations

from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.mistakes import shown
from isthmus.query.search_request import MAX_TRACKED
from isthmus.settings.values import time_value

UNTRACKED: Final = 0
_ENDLESS: Final = "-1"
_time: Final = time_value(0.0)


def tracked(value: Any) -> int:
    """Return up to which number `track_total_hits` lets hits be counted: a boolean or a number, maybe as text."""
    if (value in (True, "true") and not isinstance(value, int | float)) or value is True:
        return MAX_TRACKED
    if value is False or value == "false":
        return UNTRACKED
    number = _integer(value, "track_total_hits")
    if number < -1:
        raise UsageError(f"[track_total_hits] parameter must be positive or equals to -1, got {number}")
    return min(max(number, UNTRACKED), MAX_TRACKED)


def seconds(value: Any, key: str) -> float | None:
    """Return a time such as `30s` in seconds; None for `-1`, which never ends. Raises UsageError naming `key`."""
    if value in (_ENDLESS, -1):
        return None
    try:
        return _time.parse(value)
    except ValueError as cause:
        raise UsageError(
            f"failed to parse setting [{key}] with value [{shown(value)}] as a time value: "
            "unit is missing or unrecognized"
        ) from cause


def _integer(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UsageError(f"[{key}] is true, false or a number, not [{shown(value)}]")
    try:
        return int(value if isinstance(value, int) else value[:20])
    except ValueError as cause:
        raise UsageError(f'[{key}]: For input string: "{shown(value)}"') from cause
