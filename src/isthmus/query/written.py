"""A tree in the words of Lucene's syntax, as `_validate/query?explain` and `profile` tell what a query became. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from isthmus.query import tree

Words = Callable[[str, str], Sequence[str]]
MAX_LENGTH: Final = 10_000
MAX_VALUES: Final = 100
_SEVERAL: Final = (tree.Bool, tree.Match, tree.MatchBoolPrefix, tree.QueryString, tree.SimpleQueryString)
"""Queries that may become several clauses side by side."""


@dataclass(frozen=True, slots=True)
class Writer:
    """`words` splits text as a field does; `expanded` makes a tree of a query that is text."""

    words: Words
    expanded: Callable[[tree.Query], tree.Query]

    def written(self, query: tree.Query) -> str:
        """Return the query, cut where it is very long."""
        text = self._boosted(query)
        return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"

    def _boosted(self, query: tree.Query) -> str:
        text = self._plain(query)
        boost = query.boost
        return text if boost == 1.0 else f"({text})^{boost:g}"

    def _plain(self, query: tree.Query) -> str:
        match query:
            case tree.Bool():
                return self._bool(query)
            case tree.ConstantScore():
                return f"ConstantScore({self._boosted(query.filter)})"
            case tree.DisMax():
                return f"({' | '.join(map(self._boosted, query.queries))})"
            case tree.Boosting():
                less = f"-{self._boosted(query.negative)}^{query.negative_boost:g}"
                return f"({self._boosted(query.positive)} {less})"
            case tree.QueryString() | tree.SimpleQueryString():
                return self._boosted(self.expanded(query))
            case tree.MultiMatch():
                return self._several(query)
            case tree.Match() | tree.MatchPhrase() | tree.MatchPhrasePrefix() | tree.MatchBoolPrefix():
                return self._text(query)
        return _exact(query)

    def _bool(self, query: tree.Bool) -> str:
        signed = [(query.must, "+"), (query.filter, "#"), (query.should, ""), (query.must_not, "-")]
        clauses = [f"{sign}{self._clause(one)}" for queries, sign in signed for one in queries]
        least = "" if query.minimum_should_match is None else f"~{query.minimum_should_match}"
        return (f"({' '.join(clauses)})" if least else " ".join(clauses)) + least if clauses else "*:*"

    def _clause(self, query: tree.Query) -> str:
        text = self._boosted(query)
        return f"({text})" if isinstance(query, _SEVERAL) and " " in text and not text.startswith("(") else text

    def _several(self, query: tree.MultiMatch) -> str:
        fields = [name if boost == 1.0 else f"{name}^{boost:g}" for name, boost in query.fields]
        return f"{query.type}({' | '.join(fields) or '*'}: {query.query})"

    def _text(self, query: tree.Match | tree.MatchPhrase | tree.MatchPhrasePrefix | tree.MatchBoolPrefix) -> str:
        words = list(self.words(query.field, _value(query.query)))
        if isinstance(query, tree.MatchPhrase | tree.MatchPhrasePrefix):
            ending = "*" if isinstance(query, tree.MatchPhrasePrefix) else ""
            slop = f"~{query.slop}" if query.slop else ""
            return f'{query.field}:"{" ".join(words)}{ending}"{slop}'
        sign = "+" if query.operator == "and" else ""
        near = "" if query.fuzziness is None else _near(query.fuzziness)
        if isinstance(query, tree.MatchBoolPrefix) and words:
            words[-1] += "*"
        return " ".join(f"{sign}{query.field}:{word}{near}" for word in words) or "nothing"


def _exact(query: tree.Query) -> str:
    match query:
        case tree.MatchAll():
            return "*:*"
        case tree.Term():
            return f"{query.field}:{_value(query.value)}"
        case tree.Terms():
            return f"{query.field}:({_listed(query.values)})"
        case tree.Ids():
            return f"_id:({_listed(query.values)})"
        case tree.Exists():
            return f"{query.field}:*"
        case tree.Range():
            return f"{query.field}:{_range(query)}"
    return _patterned(query)


def _patterned(query: tree.Query) -> str:
    match query:
        case tree.Prefix():
            return f"{query.field}:{query.value}*"
        case tree.Wildcard():
            return f"{query.field}:{query.value}"
        case tree.Regexp():
            return f"{query.field}:/{query.value}/"
        case tree.Fuzzy():
            return f"{query.field}:{query.value}{_near(query.fuzziness)}"
    return "nothing"


def _listed(values: Iterable[tree.Scalar]) -> str:
    shown = [_value(one) for one in values]
    more = f" … {len(shown) - MAX_VALUES} more" if len(shown) > MAX_VALUES else ""
    return " ".join(shown[:MAX_VALUES]) + more


def _value(value: tree.Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _near(fuzziness: tree.Fuzziness) -> str:
    return f"~{'AUTO' if fuzziness.distance is None else fuzziness.distance}"


def _range(query: tree.Range) -> str:
    low = query.gt if query.gte is None else query.gte
    high = query.lt if query.lte is None else query.lte
    opened, closed = "{" if query.gt is not None else "[", "}" if query.lt is not None else "]"
    return f"{opened}{'*' if low is None else _value(low)} TO {'*' if high is None else _value(high)}{closed}"
