"""What somebody may not see of an index, ready to be applied: a query for documents, and which fields. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from isthmus.errors import UsageError
from isthmus.query.tree import Bool, MatchNone, Query
from isthmus.security.authorization.access import IndexAccess
from isthmus.security.roles.queries import parse_role_query, rendered
from isthmus.security.subject import User


class LimitedError(UsageError):
    """Something that nobody may do with an index of which he sees only a part, because it would tell of the rest."""

    type = "security_exception"


@dataclass(frozen=True, slots=True)
class Limits:
    """Only documents that `documents` matches are seen (None: all), and only fields that `fields` sees.

    An answer under other limits is another answer: `key` tells them apart. None: it may not be kept at all, because
    the documents depend on the moment.
    """

    documents: Query | None
    fields: IndexAccess
    key: Hashable | None

    @property
    def hides_fields(self) -> bool:
        """Whether there are fields that are not seen."""
        return bool(self.fields.fields)


def limits_of(access: IndexAccess, user: User) -> Limits | None:
    """Return what an access keeps from a user, None if nothing. Raises UsageError for a query that cannot be read."""
    if not access.documents and not access.fields:
        return None
    groups = tuple(tuple(rendered(query, user) for query in group) for group in access.documents)
    timeless = not any("now" in query for group in groups for query in group)
    return Limits(_matching(groups), access, (groups, access.fields) if timeless else None)


def _matching(groups: Sequence[Sequence[str]]) -> Query | None:
    if not groups:
        return None
    return Bool(filter=tuple(_any([parse_role_query(query) for query in group]) for group in groups))


def _any(queries: Sequence[Query]) -> Query:
    """A group without alternatives shows nothing: a `bool` of nothing would match everything."""
    return Bool(should=tuple(queries)) if queries else MatchNone()
