"""`GET /_cat`: which tables there are."""

from __future__ import annotations

from collections.abc import Iterable

from isthmus.rest.answers import Text
from isthmus.rest.routing import Request


async def index(paths: Iterable[str], _request: Request) -> Text:
    """Answer the paths of the tables, one a line."""
    return Text("".join(f"{path}\n" for path in sorted(paths)))
