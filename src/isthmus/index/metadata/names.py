"""Which names an index or an alias may have. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-create-index.html#indices-create-api-path-params
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.index.metadata.errors import InvalidAliasNameError, InvalidIndexNameError

MAX_NAME_BYTES = 255
_FORBIDDEN = '\\/*?"<>| ,'
_FIRST = "_-+"


class DateMathNameError(UsageError):
    """A name that is computed from the time (`<logs-{now/d}>`)."""


class RemoteNameError(UsageError):
    """A name that asks another cluster (`cluster:index`)."""


def check_index_name(name: str) -> None:
    """Raise InvalidIndexNameError unless an index may have this name."""
    refuse_computed(name)
    why = _fault(name)
    if why is None and name.lower() != name:
        why = "must be lowercase"
    if why is not None:
        raise InvalidIndexNameError(name, why)


def check_alias_name(name: str) -> None:
    """Raise InvalidAliasNameError unless an alias may have this name; capitals are allowed."""
    refuse_computed(name)
    why = _fault(name)
    if why is not None:
        raise InvalidAliasNameError(name, why)


def refuse_computed(name: str) -> None:
    """Raise DateMathNameError for a name in date math."""
    if name.startswith("<") and name.endswith(">"):
        raise DateMathNameError(f"date math in index names is not supported: [{name}]", hint="write the date out")


def refuse_remote(name: str) -> None:
    """Raise RemoteNameError for a name of another cluster's index."""
    if ":" in name:
        raise RemoteNameError(f"indices of other clusters are not searched: [{name}]")


def _fault(name: str) -> str | None:
    if not name:
        return "must not be empty"
    if not name.isprintable() or any(letter in _FORBIDDEN for letter in name):
        return "must not contain the following characters " + _told(_FORBIDDEN)
    for letter in "#:":
        if letter in name:
            return f"must not contain '{letter}'"
    if name[0] in _FIRST:
        return "must not start with '_', '-', or '+'"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_BYTES:
        return f"index name is too long, ({len(name.encode('utf-8', 'surrogatepass'))} > {MAX_NAME_BYTES})"
    return "must not be '.' or '..'" if name in (".", "..") else None


def _told(letters: str) -> str:
    return "[" + ",".join(f"'{letter}'" for letter in letters) + "]"
