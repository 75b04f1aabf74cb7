"""How long points in time, scrolls and asynchronous searches are kept, as requests say it."""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.rest.parameters import Parameters
from isthmus.search.contexts import check_keep_alive
from isthmus.settings.values import time_value

_time = time_value(0.0)


def keep_alive(parameters: Parameters, name: str, default: float | None = None) -> float:
    """Return a parameter's time in seconds. Raises UsageError if it is missing, no time, or too long."""
    given = parameters.text(name)
    if given is None:
        if default is None:
            raise UsageError(f"[{name}] is missing", hint=f"say {name}=1m")
        return default
    return keep_alive_of(given, name)


def keep_alive_of(given: object, name: str) -> float:
    """Return a time such as `1m` in seconds. Raises UsageError if it is none, or too long."""
    try:
        seconds = _time.parse(given)
    except ValueError as cause:
        raise UsageError(f"failed to parse [{name}] with value [{str(given)[:50]}]: {cause}") from cause
    check_keep_alive(seconds)
    return seconds
