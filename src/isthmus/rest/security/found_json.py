"""What was found, and what went wrong with some of many, as it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from isthmus.errors import IsthmusError
from isthmus.rest.errors import error_body
from isthmus.security.searching import Found

T = TypeVar("T")

QUERY_LACKS: Final = "`aggs`, `simple_query_string`, `range` on texts"


def found_json(found: Found[T], name: str, shown: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Return a page as it is told under `name`; each has its sort values, if there are some."""
    page = [shown(one) | ({"_sort": list(values)} if values else {}) for one, values in found.page]
    return {"total": found.total, "count": len(page), name: page}


def errors_json(errors: Mapping[str, IsthmusError]) -> dict[str, Any]:
    """Return what is told of those, by their names, that something was wrong with; nothing if there are none."""
    if not errors:
        return {}
    return {"errors": {"count": len(errors), "details": {name: _error(one) for name, one in errors.items()}}}


def _error(error: IsthmusError) -> dict[str, Any]:
    return {name: value for name, value in error_body(error)["error"].items() if name != "root_cause"}
