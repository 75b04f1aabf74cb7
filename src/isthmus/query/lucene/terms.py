"""From what a syntax found to nodes of the tree, over the fields that are searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from isthmus.query.errors import QueryArgumentError
from isthmus.query.lucene.fields import Fields, Kind
from isthmus.query.tree import (
    DisMax,
    Exists,
    Fuzziness,
    Fuzzy,
    Match,
    MatchAll,
    MatchBoolPrefix,
    MatchNone,
    MatchPhrase,
    MultiMatch,
    MultiMatchType,
    Operator,
    Prefix,
    Query,
    QueryString,
    Range,
    Regexp,
    SimpleQueryString,
    Wildcard,
)

Searched = tuple[tuple[str, float], ...]
_OPERATORS = re.compile(r"(\\.|[*?]+)", re.DOTALL)
_PLAIN_TYPES = ("best_fields", "most_fields", "cross_fields")


def is_lenient(query: QueryString | SimpleQueryString, searched: Searched) -> bool:
    """Return whether what a field's type does not support matches nothing: unless said, if all fields are searched."""
    return any(name == "*" for name, _ in searched) if query.lenient is None else query.lenient


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How text becomes nodes. `fields` are searched where the text names none; `tie_breaker` joins several fields."""

    known: Fields
    fields: Searched
    type: MultiMatchType
    operator: Operator
    analyzer: str | None
    analyze_wildcard: bool
    lenient: bool
    tie_breaker: float | None
    time_zone: str | None = None

    def of(self, field: str | None) -> Searched:
        """Return the fields that are searched: the one that the text names, or the query's."""
        return self.fields if field is None else ((field, 1.0),)

    def text(self, field: str | None, text: str) -> Query:
        """Return the node for text that is analysed."""
        searched = self.of(field)
        name, boost = searched[0]
        if len(searched) == 1 and "*" not in name and self.type in _PLAIN_TYPES:
            return Match(
                field=name,
                query=text,
                operator=self.operator,
                analyzer=self.analyzer,
                lenient=self.lenient,
                boost=boost,
            )
        return self._several(searched, text, self.type, 0)

    def phrase(self, field: str | None, text: str, slop: int) -> Query:
        """Return the node for text in quotes."""
        searched = self.of(field)
        name, boost = searched[0]
        if len(searched) == 1 and "*" not in name and not self.lenient:
            return MatchPhrase(field=name, query=text, slop=slop, analyzer=self.analyzer, boost=boost)
        return self._several(searched, text, "phrase", slop)

    def exists(self, field: str | None) -> Query:
        """Return the node for `field:*`; a field of `*` is everything."""
        searched = self.of(field)
        if any(name == "*" for name, _ in searched):
            return MatchAll()
        return self._any([Exists(field=name, boost=boost) for name, boost in searched])

    def prefix(self, field: str | None, text: str) -> Query:
        """Return the node for `text*`."""
        if self.analyze_wildcard:
            return self._each(field, "prefix", lambda name, boost: self._analyzed_prefix(name, text, boost))
        return self._each(
            field,
            "prefix",
            lambda name, boost: Prefix(field=name, value=self.known.normalized(name, text), boost=boost),
        )

    def wildcard(self, field: str | None, pattern: str) -> Query:
        """Return the node for a pattern of `*` and `?`, its operators and escapes as they stand in the text."""
        # Elasticsearch analyzes such a pattern only if it is also told by which analyzer.
        if self.analyze_wildcard and self.analyzer is not None:
            raise QueryArgumentError(
                f"[analyze_wildcard] with an [analyzer] is not supported for the pattern [{pattern[:100]}]"
            )
        return self._each(
            field,
            "wildcard",
            lambda name, boost: Wildcard(field=name, value=self._pattern(name, pattern), boost=boost),
        )

    def regexp(self, field: str | None, pattern: str) -> Query:
        """Return the node for `/pattern/`."""
        return self._each(field, "regexp", lambda name, boost: Regexp(field=name, value=pattern, boost=boost))

    def fuzzy(self, field: str | None, text: str, fuzziness: Fuzziness) -> Query:
        """Return the node for `text~`."""
        return self._each(
            field,
            "fuzzy",
            lambda name, boost: Fuzzy(
                field=name, value=self.known.normalized(name, text), fuzziness=fuzziness, boost=boost
            ),
        )

    def range(self, field: str | None, bounds: Range) -> Query:
        """Return the node for a range; `bounds` has all but the field. Without bounds it asks for any value."""
        if (bounds.gt, bounds.gte, bounds.lt, bounds.lte) == (None, None, None, None):
            return self.exists(field)
        return self._each(
            field,
            "range",
            lambda name, boost: replace(
                bounds, field=name, time_zone=self.time_zone, lenient=self.lenient, boost=boost
            ),
        )

    def _several(self, searched: Searched, text: str, type_: MultiMatchType, slop: int) -> Query:
        return MultiMatch(
            fields=searched,
            query=text,
            type=type_,
            operator=self.operator,
            tie_breaker=self.tie_breaker,
            analyzer=self.analyzer,
            lenient=self.lenient,
            slop=slop,
        )

    def _analyzed_prefix(self, name: str, text: str, boost: float) -> Query:
        return MatchBoolPrefix(field=name, query=text, operator=self.operator, analyzer=self.analyzer, boost=boost)

    def _pattern(self, name: str, pattern: str) -> str:
        parts = _OPERATORS.split(pattern)
        return "".join(
            part if at % 2 else self.known.normalized(name, part) if part else "" for at, part in enumerate(parts)
        )

    def _each(self, field: str | None, kind: Kind, node: Callable[[str, float], Query]) -> Query:
        return self._any([node(name, boost) for given, boost in self.of(field) for name in self._named(given, kind)])

    def _named(self, given: str, kind: Kind) -> Sequence[str]:
        """The fields that are asked; if it is lenient, those alone that such a query can be asked of."""
        if "*" in given or (self.lenient and kind != "range"):
            return self.known.names(given, kind)
        return (given,)

    def _any(self, nodes: Sequence[Query]) -> Query:
        if not nodes:
            return MatchNone()
        if len(nodes) == 1:
            return nodes[0]
        implied = 1.0 if self.type == "most_fields" else 0.0
        return DisMax(queries=tuple(nodes), tie_breaker=implied if self.tie_breaker is None else self.tie_breaker)
