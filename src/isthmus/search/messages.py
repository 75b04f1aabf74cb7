"""What nodes ask each other about searches, as MessagePack under our own names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from isthmus.query.partial import PartialResult
from isthmus.search.part import OpenContext, SearchPart
from isthmus.transport.messages import Action, ForUsers


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


def _indices(request: SearchPart | OpenContext) -> Iterable[str]:
    return (one.name for one in request.indices)


def _clearing(request: ClearScrolls) -> Iterable[str]:
    return (CLEAR_ALL if request.scrolls is None else CLEAR,)


CLEAR: Final = "indices:data/read/scroll/clear"
CLEAR_ALL: Final = "cluster:admin/indices/scroll/clear_all"
_READS: Final = ("indices:data/read/*", "indices:admin/validate/query")

SEARCH = Action("internal:isthmus/search", SearchPart, PartialResult, ForUsers(_READS, _indices))
OPEN = Action("internal:isthmus/search/context/open", OpenContext, ContextOpened, ForUsers(_READS, _indices))
KEEP = Action(
    "internal:isthmus/search/context/keep", KeepContext, ContextKept, ForUsers(("indices:data/read/*",), nodes=True)
)
NEXT_PAGE = Action("internal:isthmus/search/scroll/next", NextPage, Rendered, ForUsers(("indices:data/read/scroll",)))
CLEAR_SCROLLS = Action(
    "internal:isthmus/search/scroll/clear", ClearScrolls, Cleared, ForUsers((CLEAR, CLEAR_ALL), needs=_clearing)
)
ASYNC = Action("internal:isthmus/search/async", AskAsync, Rendered, ForUsers(("indices:data/read/async_search*",)))
