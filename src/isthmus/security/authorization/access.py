"""Which documents and fields of an index somebody may see. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/field-and-document-access-control.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from isthmus.security.languages import ANYTHING, Automaton, TooComplexError, Tree, literal
from isthmus.security.patterns import Patterns, contains, language, patterns
from isthmus.security.roles.descriptor import FieldSecurity
from isthmus.security.roles.parsing import METADATA_FIELDS

MAX_PATHS: Final = 10_000
_EVERYTHING: Final = patterns("*")


@dataclass(frozen=True)
class IndexAccess:
    """What is seen of an index. No group of alternatives: no limit; a group without alternatives: nothing is seen.

    `documents` are queries as JSON; a document is seen if in each group one matches. `fields` likewise: a field is
    seen if each group has one that shows it.
    """

    documents: tuple[tuple[str, ...], ...] = ()
    fields: tuple[tuple[FieldSecurity, ...], ...] = ()

    def sees(self, path: str) -> bool:
        """Whether the field of this full path may be seen; fields of metadata are, unless they are excepted."""
        return not self.fields or self._seen(path)

    def sees_all_below(self, path: str) -> bool:
        """Whether every field below `path` may be seen, whatever its name."""
        return not self.fields or self._all_below(path)

    def sees_some_below(self, path: str) -> bool:
        """Whether there may be a field below `path` that is seen."""
        return not self.fields or self._some_below(path)

    @cached_property
    def _all_below(self) -> Callable[[str], bool]:
        def all_below(path: str) -> bool:
            try:
                return contains(self._language, _below(path))
            except TooComplexError:
                return False

        return lru_cache(maxsize=MAX_PATHS)(all_below)

    @cached_property
    def _some_below(self) -> Callable[[str], bool]:
        def some_below(path: str) -> bool:
            try:
                return not Automaton(("and", (self._language, _below(path)))).is_empty()
            except TooComplexError:
                return False

        return lru_cache(maxsize=MAX_PATHS)(some_below)

    @cached_property
    def _language(self) -> Tree:
        return ("and", tuple(("or", tuple(map(_shown_language, group))) for group in self.fields))

    @cached_property
    def _seen(self) -> Callable[[str], bool]:
        groups = tuple(tuple(_shown(one) for one in group) for group in self.fields)

        def seen(path: str) -> bool:
            return all(
                any(granted.matches(path) and not excluded.matches(path) for granted, excluded in group)
                for group in groups
            )

        return lru_cache(maxsize=MAX_PATHS)(seen)


UNLIMITED: Final = IndexAccess()
NOTHING: Final = IndexAccess(documents=((),), fields=((),))


def hides_something(fields: FieldSecurity | None) -> bool:
    """Whether there may be fields that are not shown."""
    return fields is not None and (bool(fields.excluded) or (fields.grant is not None and "*" not in fields.grant))


def _shown(fields: FieldSecurity) -> tuple[Patterns, Patterns]:
    granted = _EVERYTHING if fields.grant is None else patterns(*fields.grant, METADATA_FIELDS)
    return granted, patterns(*fields.excluded)


def _shown_language(fields: FieldSecurity) -> Tree:
    granted = ANYTHING if fields.grant is None else language((*fields.grant, METADATA_FIELDS))
    return ("and", (granted, ("not", language(fields.excluded))))


def _below(path: str) -> Tree:
    return ("cat", (literal(f"{path}."), ANYTHING))
