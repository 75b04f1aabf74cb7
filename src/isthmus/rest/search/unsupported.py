"""Elasticsearch's ways to search that are not served, refused by their names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from isthmus.errors import UsageError
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route

PATHS: Final = (
    *("_knn_search", "_msearch/template", "_rank_eval", "_search/template", "_search_shards", "_terms_enum"),
    "_render/template",
)
SEARCH: Final = "indices:data/read/search"


class NotSupportedError(UsageError):
    """An API that is not served here."""


def unsupported_routes() -> Iterator[Route]:
    """Return the routes that say so."""
    for path in PATHS:
        for full in (f"/{path}", f"/{{index}}/{path}"):
            for method in ("GET", "POST"):
                yield Route(method, full, SEARCH, partial(_refuse, path), takes_body=True, ndjson=True, refused=True)


async def _refuse(path: str, _: Request) -> Json:
    raise NotSupportedError(f"[{path}] is not supported", hint="use [_search]")
