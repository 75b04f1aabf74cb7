"""Query parameters: declared by each route, read with their types, and refused by name when unknown. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from isthmus.errors import UsageError
from isthmus.settings.values import time_value

COMMON: Final = ("error_trace", "filter_path", "format", "human", "pretty")
BOOLEANS: Final = (
    *("allow_no_indices", "ccs_minimize_roundtrips", "create", "error_trace", "flat_settings", "human"),
    *("ignore_throttled", "ignore_unavailable", "include_defaults", "local", "preserve_existing", "pretty", "realtime"),
    *("request_cache", "require_alias", "rest_total_hits_as_int", "typed_keys"),
)
NUMBERS: Final = ("batched_reduce_size", "max_concurrent_shard_requests", "pre_filter_shard_size")
_time = time_value(0.0)
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class Parameters:
    """The query parameters of one request. Of a name that is given twice the last one counts, as in Elasticsearch."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str) -> str | None:
        """Return a parameter as it was given, or None."""
        return self._given.get(name)

    def texts(self, name: str) -> list[str]:
        """Return the parts of a comma-separated parameter; [] if it is absent."""
        return [part.strip() for part in self._given.get(name, "").split(",") if part.strip()]

    def boolean(self, name: str) -> bool:
        """Return a parameter that is true when it is given without a value."""
        raw = self._given.get(name, "false")
        if raw not in ("", "true", "false"):
            raise UsageError(f"Failed to parse value [{raw[:50]}] of [{name}] as only [true] or [false] are allowed.")
        return raw != "false"

    def choice(self, name: str, allowed: Iterable[str]) -> str | None:
        """Return a parameter that is one of `allowed`, or None."""
        raw = self._given.get(name)
        if raw is not None and raw not in allowed:
            raise UsageError(f"[{name}] can only be {' or '.join(f'[{one}]' for one in allowed)}, not [{raw[:50]}]")
        return raw

    def optional_number(self, name: str) -> int | None:
        """Return a whole number, or None if it is absent."""
        raw = self._given.get(name)
        return None if raw is None else _whole(name, raw)

    def number(self, name: str, default: int) -> int:
        """Return a whole number."""
        found = self.optional_number(name)
        return default if found is None else found

    def given(self) -> Mapping[str, str]:
        """Return all parameters as they were given."""
        return self._given

    def seconds(self, name: str, default: float, maximum: float) -> float:
        """Return a time such as `30s`, in seconds and at most `maximum`."""
        raw = self._given.get(name)
        if raw is None:
            return default
        try:
            return min(_time.parse(raw), maximum)
        except ValueError as cause:
            raise UsageError(f"failed to parse [{name}] with value [{raw[:50]}]: {cause}") from cause


def check_values(parameters: Parameters) -> None:
    """Raise UsageError for a value that a parameter cannot have on any route, also where it makes no difference."""
    for name in BOOLEANS:
        parameters.boolean(name)
    for name in NUMBERS:
        if parameters.number(name, 1) < 1:
            raise UsageError(f"[{name}] must be >= 1")


def refuse_unknown(path: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise UsageError that names every parameter that is not `known`, with the nearest known ones."""
    names = list(known)
    unknown = sorted(set(given) - set(names))
    if not unknown:
        return
    plural = "s" if len(unknown) > 1 else ""
    said = ", ".join(f"[{name[:100]}]{_did_you_mean(name, names)}" for name in unknown[:20])
    raise UsageError(f"request [{path}] contains unrecognized parameter{plural}: {said}")


def _whole(name: str, raw: str) -> int:
    if not _WHOLE.fullmatch(raw):
        raise UsageError(f"Failed to parse int parameter [{name}] with value [{raw[:50]}]")
    return int(raw)


def _did_you_mean(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name[:100], known, n=3, cutoff=0.6)
    if not near:
        return ""
    if len(near) == 1:
        return f" -> did you mean [{near[0]}]?"
    return f" -> did you mean any of [{', '.join(near)}]?"
