"""Writes docs/api.md from the code's own registries: `python -m tests.docs.api_page`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from isthmus.index.analysis import analyzers, filters
from isthmus.index.mapping import field_types
from isthmus.query import body
from isthmus.query.aggregations import registry
from isthmus.query.parsing import QUERIES, UNSUPPORTED
from isthmus.rest.cluster_settings import settings_routes
from isthmus.rest.documents.routes import document_routes
from isthmus.rest.indices.reroute import reroute_routes
from isthmus.rest.indices.routes import index_routes
from isthmus.rest.metrics import metrics_routes
from isthmus.rest.routes import node_routes
from isthmus.rest.routing import Route
from isthmus.rest.search.asynchronous import async_search_routes
from isthmus.rest.search.by_query_routes import by_query_routes
from isthmus.rest.search.routes import search_routes
from isthmus.rest.security.service_accounts import ServiceAccountHandlers
from isthmus.rest.security.tokens import TokenHandlers
from isthmus.rest.security.users import UserHandlers
from isthmus.rest.security.who import who_routes

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_NOBODY = cast("Any", None)  # the tables of routes only hand it on
HEAD = """# What is served

Made from the code by `python -m tests.docs.api_page`; a test fails when it is stale. What is not listed is refused by
name, as are parameters and keys that are not known.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join(
        (
            HEAD,
            "## Requests\n",
            *_table(
                ("request", "action", "parameters"),
                map(_row, sorted(routes(), key=lambda one: (one.path, one.method))),
            ),
            "\n## Queries\n",
            *_lists(QUERIES, UNSUPPORTED),
            "\n## Aggregations\n",
            *_lists((*registry.SUPPORTED, *registry.WITH_QUERIES), registry.REFUSED),
            "\n## Keys of a search's body\n",
            *_lists(body.SUPPORTED, body.REFUSED),
            "\n## Types of fields\n",
            *_lists((*field_types.TYPES, *field_types.OBJECTS, field_types.ALIAS), field_types.REFUSED),
            "\n## Analysis\n",
            f"- Analyzers: {_named((*analyzers.BUILT_IN, *filters.STEMMED))}; custom ones of these:",
            f"- Tokenizers: {_named(analyzers.TOKENIZERS)}.",
            f"- Token filters: {_named(filters.KNOWN)}.",
            "- Character filters and normalizers are refused.\n",
        )
    )


def routes() -> list[Route]:
    return [
        *node_routes(_NOBODY, _NOBODY, ()),
        *settings_routes(_NOBODY),
        *metrics_routes(_NOBODY),
        *document_routes(_NOBODY),
        *search_routes(_NOBODY, _NOBODY),
        *async_search_routes(_NOBODY),
        *by_query_routes(_NOBODY, _NOBODY, _NOBODY),
        *reroute_routes(_NOBODY, _NOBODY, _NOBODY),
        *index_routes(_NOBODY, _NOBODY, _NOBODY, _NOBODY),
        *who_routes(),
        *UserHandlers(_NOBODY).routes(),
        *TokenHandlers(_NOBODY, _NOBODY).routes(),
        *ServiceAccountHandlers(_NOBODY, _NOBODY, _NOBODY).routes(),
    ]


def _row(route: Route) -> tuple[str, str, str]:
    return f"`{route.method} {route.path}`", f"`{route.action}`", ", ".join(sorted(route.parameters)) or "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _lists(supported: Iterable[str], refused: Iterable[str]) -> tuple[str, str]:
    return f"- Supported: {_named(supported)}.", f"- Refused by name: {_named(refused)}."


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(set(names)))


if __name__ == "__main__":
    PAGE.write_text(page())
