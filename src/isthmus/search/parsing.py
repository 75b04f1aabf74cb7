"""Search requests from the bytes of a body. What was parsed a moment ago is remembered: clients repeat themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

from isthmus.query.body import parse_search
from isthmus.query.json_text import read_json
from isthmus.query.lookups import lookups_of
from isthmus.query.mistakes import ParsingError
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.search_request import SearchRequest
from isthmus.query.tree import Query, TermsLookup

REMEMBERED: Final = 512
MAX_REMEMBERED_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class Parsed:
    """A request, and the documents that its values are to be read from."""

    request: SearchRequest
    lookups: tuple[TermsLookup, ...]


def parsed_search(body: bytes, parameters: Mapping[str, str], bounds: Bounds) -> Parsed:
    """Return the request of a body (empty: none) and the URL's parameters.

    Raises XContentParseError for what is no JSON, and what `parse_search` and `parse_query` raise.
    """
    given = tuple(parameters.items())
    if len(body) > MAX_REMEMBERED_BYTES:
        return _parse(body, given, bounds)
    return _remembered(body, given, bounds)


@lru_cache(maxsize=256)
def filter_of(query: bytes, bounds: Bounds) -> Query:
    """Return the query of an alias's filter."""
    return parse_query(json_of(query), bounds=bounds)


def json_of(body: bytes) -> Any:
    """Return what JSON says, None if there is none. Raises as `read_json`, and ParsingError for `null`."""
    if not body.strip():
        return None
    found = read_json(body)
    if found is None:
        raise ParsingError("Expected [START_OBJECT] but found [VALUE_NULL]")
    return found


def _parse(body: bytes, parameters: tuple[tuple[str, str], ...], bounds: Bounds) -> Parsed:
    request = parse_search(json_of(body), partial(parse_query, bounds=bounds), dict(parameters))
    return Parsed(request, tuple(lookups_of(request)))


_remembered = lru_cache(maxsize=REMEMBERED)(_parse)
