"""Which parts of a document's source an answer shows, as URL parameters and bodies say it."""

from __future__ import annotations

from typing import Any

import msgspec

from isthmus.index.fetching.source_filtering import filtered
from isthmus.query.shown_parsing import parse_source
from isthmus.query.source_filter import SourceFilter
from isthmus.rest.parameters import Parameters


def source_filter(parameters: Parameters, *, default: bool) -> SourceFilter:
    """Return what `_source`, `_source_includes` and `_source_excludes` say; `default`: whether all is shown else."""
    given = parameters.text("_source")
    includes, excludes = parameters.texts("_source_includes"), parameters.texts("_source_excludes")
    if given in ("true", "false", ""):
        return SourceFilter(given != "false", tuple(includes), tuple(excludes))
    if given is not None:
        includes = [*parameters.texts("_source"), *includes]
    return SourceFilter(default or bool(includes or excludes), tuple(includes), tuple(excludes))


def given_source_filter(value: Any) -> SourceFilter:
    """Return what `_source` in a body says. Raises UsageError."""
    return parse_source(value)


def source_json(source: bytes, wanted: SourceFilter) -> msgspec.Raw:
    """Return the parts of a source that are wanted, as JSON that is not looked into again."""
    return msgspec.Raw(filtered(source, wanted) or b"{}")
