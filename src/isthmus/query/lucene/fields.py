"""What a syntax asks of an index: which fields a pattern means, and how a field writes the text of a pattern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from isthmus.query.errors import QueryArgumentError

Kind = Literal["prefix", "wildcard", "regexp", "fuzzy", "range"]


class Fields(Protocol):
    """The fields of one index."""

    def names(self, pattern: str, kind: Kind) -> Sequence[str]:
        """Return the fields that a pattern with `*` means, those only that a query of this kind can be asked of."""

    def normalized(self, field: str, text: str) -> str:
        """Return text as the filters of the field's analyzer write it, such as in lower case; it is not split."""


class AsNamed:
    """No index is known: a field is what it is called, and text is left as it is. A pattern of fields is refused."""

    def names(self, pattern: str, kind: Kind) -> Sequence[str]:
        """Return a name. Raise QueryArgumentError for a pattern."""
        if "*" not in pattern:
            return (pattern,)
        raise QueryArgumentError(
            f"a {kind} in a query's text needs named fields, it cannot be asked of [{pattern[:100]}]",
            hint="name the fields in [fields]",
        )

    def normalized(self, field: str, text: str) -> str:
        """Return `text`."""
        return text
