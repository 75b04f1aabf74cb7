"""What is said to be partly there is refused where it is not."""

from __future__ import annotations

import pytest

from isthmus.errors import UsageError
from isthmus.query import body
from isthmus.query.aggregations import registry
from isthmus.rest.refused import refused_routes
from isthmus.rest.routing import Route
from tests.docs.api_page import all_routes

KEYS = [(kind, key) for kind, keys in registry.PARTLY.items() for key in keys]


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_a_key_that_an_aggregation_lacks_is_refused_by_name(kind: str, key: str) -> None:
    def no_query(_: object) -> object:
        raise AssertionError("no query is read")

    with pytest.raises(UsageError, match=rf"\[{key}\]"):
        registry.parse_body(kind, {"field": "a", key: 1}, "asked", no_query)  # type: ignore[arg-type]


def test_what_is_partly_there_is_there() -> None:
    assert set(registry.PARTLY) <= {*registry.SUPPORTED, *registry.WITH_QUERIES}
    assert set(body.PARTLY) <= set(body.SUPPORTED)


def test_no_api_is_both_served_and_refused() -> None:
    def place(route: Route) -> tuple[str, str]:
        return route.method, route.path

    refused = {place(route) for route in refused_routes()}
    assert refused & {place(route) for route in all_routes() if not route.refused} == set()
