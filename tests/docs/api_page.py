"""Writes docs/api.md from the code's own registries: `python -m tests.docs.api_page`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from isthmus.index.analysis import analyzers, filters
from isthmus.index.mapping import field_types
from isthmus.query import body
from isthmus.query.aggregations import registry
from isthmus.query.parsing import PARTLY, QUERIES, UNSUPPORTED
from isthmus.rest.cluster_settings import settings_routes
from isthmus.rest.documents.routes import document_routes
from isthmus.rest.indices.reroute import reroute_routes
from isthmus.rest.indices.routes import index_routes
from isthmus.rest.metrics import metrics_routes
from isthmus.rest.remote_clusters import remote_routes
from isthmus.rest.routes import node_routes
from isthmus.rest.routing import Route
from isthmus.rest.search.asynchronous import async_search_routes
from isthmus.rest.search.by_query_routes import by_query_routes
from isthmus.rest.search.routes import search_routes
from isthmus.rest.security.api_keys import ApiKeyHandlers
from isthmus.rest.security.application_privileges import ApplicationPrivilegeHandlers
from isthmus.rest.security.caches import CacheHandlers
from isthmus.rest.security.role_mappings import RoleMappingHandlers
from isthmus.rest.security.roles import RoleHandlers
from isthmus.rest.security.service_accounts import ServiceAccountHandlers
from isthmus.rest.security.tokens import TokenHandlers
from isthmus.rest.security.users import UserHandlers
from isthmus.rest.security.who import who_routes
from isthmus.rest.without_effect import WITHOUT_EFFECT

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_NOBODY = cast("Any", None)  # the tables of routes only hand it on
NONE: Mapping[str, str] = {}
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
                ("request", "served", "action", "parameters"),
                map(_row, sorted(all_routes(), key=lambda one: (one.path, one.method))),
            ),
            "\n## Parameters without effect\n",
            "They say how many shards and copies are gone about, and leaving them out gives the same answer.\n",
            *_table(("parameters", "of", "why"), map(_idle, WITHOUT_EFFECT)),
            "\n## Queries\n",
            *_lists(QUERIES, UNSUPPORTED, PARTLY),
            "\n## Aggregations\n",
            *_lists((*registry.SUPPORTED, *registry.WITH_QUERIES), registry.REFUSED, _without_keys()),
            "\n## Keys of a search's body\n",
            *_lists(body.SUPPORTED, body.REFUSED, body.PARTLY),
            "\n## Types of fields\n",
            *_lists((*field_types.TYPES, *field_types.OBJECTS, field_types.ALIAS), field_types.REFUSED),
            "\n## Analysis\n",
            f"- Analyzers: {_named((*analyzers.BUILT_IN, *filters.STEMMED))}; custom ones of these:",
            f"- Tokenizers: {_named(analyzers.TOKENIZERS)}.",
            f"- Token filters: {_named(filters.KNOWN)}.",
            "- Character filters and normalizers are refused.\n",
        )
    )


def all_routes() -> list[Route]:
    """Return every route that a node serves."""
    return [
        *node_routes(_NOBODY, _NOBODY, ()),
        *settings_routes(_NOBODY),
        *metrics_routes(_NOBODY),
        *document_routes(_NOBODY),
        *search_routes(_NOBODY, _NOBODY),
        *async_search_routes(_NOBODY),
        *by_query_routes(_NOBODY, _NOBODY, _NOBODY),
        *reroute_routes(_NOBODY, _NOBODY, _NOBODY),
        *index_routes(_NOBODY, _NOBODY, _NOBODY, _NOBODY, _NOBODY, _NOBODY),
        *remote_routes(_NOBODY, _NOBODY, _NOBODY),
        *who_routes(),
        *RoleHandlers(_NOBODY, _NOBODY, _NOBODY).routes(),
        *ApplicationPrivilegeHandlers(_NOBODY).routes(),
        *RoleMappingHandlers(_NOBODY).routes(),
        *UserHandlers(_NOBODY, _NOBODY).routes(),
        *TokenHandlers(_NOBODY, _NOBODY).routes(),
        *ApiKeyHandlers(_NOBODY, _NOBODY, _NOBODY).routes(),
        *CacheHandlers(_NOBODY, _NOBODY).routes(),
        *ServiceAccountHandlers(_NOBODY, _NOBODY, _NOBODY).routes(),
    ]


def _row(route: Route) -> tuple[str, str, str, str]:
    parameters = ", ".join(sorted(route.parameters)) or "–"
    return f"`{route.method} {route.path}`", _served(route), f"`{route.action}`", parameters


def _served(route: Route) -> str:
    if route.refused:
        return "refused"
    return f"partly: no {route.lacks}" if route.lacks else "supported"


def _without_keys() -> dict[str, str]:
    return {kind: f"no {_named(keys)}" for kind, keys in registry.PARTLY.items()}


def _idle(entry: tuple[str, tuple[str, ...], str]) -> tuple[str, str, str]:
    action, names, why = entry
    return _named(names), f"`{action}*`" if action else "all", why


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _lists(supported: Iterable[str], refused: Iterable[str], partly: Mapping[str, str] = NONE) -> Iterable[str]:
    yield f"- Supported: {_named(set(supported) - set(partly))}."
    yield from (f"- Partly: `{name}`: {lacks}." for name, lacks in sorted(partly.items()))
    yield f"- Refused by name: {_named(refused)}."


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(set(names)))


if __name__ == "__main__":
    PAGE.write_text(page())
