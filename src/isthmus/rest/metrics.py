"""`GET /_prometheus/metrics`: the node's metrics, for those who may log in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from isthmus.rest.answers import Text
from isthmus.rest.exposition import MEDIA_TYPE, Family, expose
from isthmus.rest.routing import Request, Route

Families = Callable[[], Iterable[Family]]


def metrics_routes(families: Families) -> tuple[Route, ...]:
    """Return the route that shows what `families()` gives at each request."""
    action = "cluster:monitor/prometheus/metrics"
    return (Route("GET", "/_prometheus/metrics", action, partial(metrics, families), kinds=("text",)),)


async def metrics(families: Families, _request: Request) -> Text:
    """Answer all metrics."""
    return Text(expose(families()), media_type=MEDIA_TYPE)
