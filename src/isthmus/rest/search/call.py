"""From a request to a search as it is called; parameters that mean nothing here are refused by name.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html#search-search-api-query-params
"""

from __future__ import annotations

from typing import Final

from isthmus.errors import UsageError
from isthmus.query.overlay import PARAMETERS as OF_REQUEST
from isthmus.rest.index_options import PARAMETERS as INDICES_PARAMETERS
from isthmus.rest.index_options import options
from isthmus.rest.parameters import Parameters
from isthmus.rest.routing import Request
from isthmus.search.call import SearchCall

HINTS: Final = (
    *("batched_reduce_size", "ccs_minimize_roundtrips", "max_concurrent_shard_requests", "pre_filter_shard_size"),
    *("preference", "request_cache", "routing"),
)
"""Parameters that say how shards and their copies are gone about: an index here is one shard in one copy."""

LACKS: Final = "`search_type=dfs_query_then_fetch`"
PARAMETERS: Final = (
    *OF_REQUEST,
    *HINTS,
    *INDICES_PARAMETERS,
    *("allow_partial_search_results", "rest_total_hits_as_int", "search_type", "typed_keys"),
)


def search_call(request: Request) -> SearchCall:
    """Return the search that a request calls for. Raises UsageError for a parameter that is wrong."""
    parameters = request.parameters
    check_search_type(parameters.text("search_type"))
    return SearchCall(
        indices=request.variables.get("index"),
        options=options(parameters),
        body=request.body,
        parameters=of_request(parameters),
        allow_partial=optional_boolean(parameters, "allow_partial_search_results"),
        typed_keys=parameters.boolean("typed_keys"),
        total_as_int=parameters.boolean("rest_total_hits_as_int"),
    )


def of_request(parameters: Parameters) -> dict[str, str]:
    """Return the parameters that are laid over a search's body."""
    return {name: value for name, value in parameters.given().items() if name in OF_REQUEST}


def check_search_type(given: str | None) -> None:
    """Raise UsageError unless a search is asked for as all searches are made."""
    if given not in (None, "query_then_fetch"):
        known = given == "dfs_query_then_fetch"
        raise UsageError(
            f"[search_type] of [{given[:50]}] is not supported" if known else f"No search type for [{given[:50]}]",
            hint="term statistics are those of each index: leave it out, or say [query_then_fetch]",
        )


def optional_boolean(parameters: Parameters, name: str) -> bool | None:
    """Return true or false, None where nothing is said."""
    return parameters.boolean(name) if name in parameters else None
