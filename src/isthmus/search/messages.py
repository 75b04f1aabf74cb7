"""What nodes ask each other about searches, as MessagePack under our own names."""

from __future__ import annotations

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


SEARCH = Action("internal:isthmus/search", SearchPart, PartialResult)
OPEN = Action("internal:isthmus/search/context/open", OpenContext, ContextOpened)
KEEP = Action("internal:isthmus/search/context/keep", KeepContext, ContextKept)
