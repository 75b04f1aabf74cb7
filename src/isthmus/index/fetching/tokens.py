"""Tokens of a text with where they stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from isthmus.index.mapping.field import Field


class Token(NamedTuple):
    """A term, its position among the others, and its place in the text, in characters."""

    term: str
    position: int
    start: int
    end: int


class Analyse(Protocol):
    """Splits a text by an analyzer: the field's own when indexing or, for a query's text, when searching."""

    def __call__(
        self, field: Field, text: str, /, *, analyzer: str | None = None, search: bool = False
    ) -> Sequence[Token]:
        """Return the tokens of `text`; `analyzer` is used in the place of the field's."""
