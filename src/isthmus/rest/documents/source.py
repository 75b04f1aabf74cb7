"""What of a document's source a request wants to see: `_source`, `_source_includes` and `_source_excludes`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-get.html#get-source-filtering
"""

from __future__ import annotations

from typing import Any

import msgspec

from isthmus.errors import UsageError
from isthmus.index.fetching.source_filtering import filtered
from isthmus.query.shown_parsing import MAX_FIELDS, parse_source
from isthmus.query.source_filter import SourceFilter
from isthmus.rest.parameters import Parameters

PARAMETERS = ("_source", "_source_excludes", "_source_includes")


def source_filter(parameters: Parameters, *, default: bool) -> SourceFilter:
    """Return what the URL asks for; `default` tells whether a source is shown when it says nothing.

    Raises UsageError for more patterns than a request may have.
    """
    given = parameters.text("_source")
    if given in ("true", "false"):
        asked, includes = given == "true", []
    else:
        asked, includes = default or given is not None, parameters.texts("_source")
    includes = parameters.texts("_source_includes") or includes
    excludes = parameters.texts("_source_excludes")
    if len(includes) + len(excludes) > MAX_FIELDS:
        raise UsageError(f"[_source] has more than {MAX_FIELDS} patterns")
    enabled = asked or (given is None and bool(includes or excludes))
    return SourceFilter(enabled=enabled, includes=tuple(includes), excludes=tuple(excludes))


def given_source_filter(value: Any) -> SourceFilter:
    """Return what the `_source` of a body asks for. Raises UsageError for what is none of its forms."""
    return parse_source(value)


def updates_source_filter(body: bytes) -> SourceFilter | None:
    """Return what the body of an update says of the document that it answers with, None if it says nothing.

    A body that cannot be read says nothing here: why it cannot be is told by who makes the update.
    """
    if b'"_source"' not in body:
        return None
    try:
        given = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    return given_source_filter(given["_source"]) if isinstance(given, dict) and "_source" in given else None


def source_json(source: bytes, shown: SourceFilter) -> msgspec.Raw:
    """Return what is shown of a source that is shown at all: its own bytes."""
    found = filtered(source, shown)
    return msgspec.Raw(b"{}" if found is None else found)
