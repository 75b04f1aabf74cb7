"""`_cat/count`: how many documents may be searched, as a table.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cat-count.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Final

from isthmus.rest.answers import Answer
from isthmus.rest.cat.table import PARAMETERS as TABLE
from isthmus.rest.cat.table import Column, Table
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.routing import Request, Route
from isthmus.search.call import SearchCall
from isthmus.search.service import SearchService

_COLUMNS: Final = (
    Column[int]("epoch", ("t",), "seconds since 1970-01-01 00:00:00", lambda _: int(time.time())),
    Column[int]("timestamp", ("ts",), "time in HH:MM:SS", lambda _: datetime.now(UTC).strftime("%H:%M:%S")),
    Column[int]("count", ("dc",), "the document count", lambda total: total),
)


def count_routes(service: SearchService) -> Iterator[Route]:
    """Return the routes of the table."""
    for path in ("/_cat/count", "/_cat/count/{index}"):
        handler = partial(_count, service)
        yield Route("GET", path, "indices:data/read/search", handler, (*TABLE, *PARAMETERS), kinds=("text", "json"))


async def _count(service: SearchService, request: Request) -> Answer:
    call = SearchCall(
        indices=request.variables.get("index"),
        options=options(request.parameters),
        body=b'{"size":0,"track_total_hits":true}',
        allow_partial=False,
    )
    answer = await service.search(call)
    return Table(_COLUMNS, request.parameters).render([answer["hits"]["total"]["value"]], request.kind)
