"""What nodes ask each other about searches, as MessagePack under our own names."""

from __future__ import annotations

from typing import Literal

import msgspec

from isthmus.query.partial import PartialResult
from isthmus.search.part import OpenContext, SearchPart
from isthmus.transport.messages import Action


class ContextOpened(msgspec.Struct, frozen=True):
    """The id by which a context is meant."""

    id: str


class KeepContext(msgspec.Struct, frozen=True):
    """Asks to keep a context for so many seconds more; None closes it."""

    id: str
    keep_alive: float | None = None


class ContextKept(msgspec.Struct, frozen=True):
    """Whether there was such a context."""

    found: bool


class NextPage(msgspec.Struct, frozen=True):
    """Asks the node that keeps a scroll for its next page; `keep_alive` None leaves how long it is kept."""

    scroll: str
    keep_alive: float | None = None
    total_as_int: bool = False


class Rendered(msgspec.Struct, frozen=True):
    """An answer as the JSON that a client gets, and its HTTP status."""

    body: bytes
    status: int = 200


class ClearScrolls(msgspec.Struct, frozen=True):
    """Asks a node to let go of scrolls; None of all that it keeps."""

    scrolls: tuple[str, ...] | None = None


class Cleared(msgspec.Struct, frozen=True):
    """How many contexts there were."""

    count: int


class AskAsync(msgspec.Struct, frozen=True):
    """Asks the node that keeps an asynchronous search for its answer, waiting so many seconds, or for less."""

    id: str
    what: Literal["get", "status", "delete"]
    wait: float = 0.0
    keep_alive: float | None = None


SEARCH = Action("internal:isthmus/search", SearchPart, PartialResult)
OPEN = Action("internal:isthmus/search/context/open", OpenContext, ContextOpened)
KEEP = Action("internal:isthmus/search/context/keep", KeepContext, ContextKept)
NEXT_PAGE = Action("internal:isthmus/search/scroll/next", NextPage, Rendered)
CLEAR_SCROLLS = Action("internal:isthmus/search/scroll/clear", ClearScrolls, Cleared)
ASYNC = Action("internal:isthmus/search/async", AskAsync, Rendered)
