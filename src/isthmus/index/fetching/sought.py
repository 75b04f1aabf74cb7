"""What a query looks for in one field's text: terms, phrases and patterns, to be found again for highlighting."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from isthmus.index.fetching.tokens import Analyse, Token
from isthmus.index.mapping.field import Field
from isthmus.query.tree import (
    Bool,
    Boosting,
    ConstantScore,
    DisMax,
    Fuzziness,
    Fuzzy,
    Match,
    MatchBoolPrefix,
    MatchPhrase,
    MatchPhrasePrefix,
    MultiMatch,
    Prefix,
    Query,
    Regexp,
    Scalar,
    Term,
    Terms,
    Wildcard,
)

Accepts = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Sought:
    """Terms that stand next to each other, give or take `slop`: one for a term, several for a phrase. `name` tells
    which are the same when passages are weighed."""

    name: str
    terms: tuple[Accepts, ...]
    gaps: tuple[int, ...] = (0,)
    slop: int = 0
    prefix_last: bool = False


@dataclass(frozen=True, slots=True)
class Seeker:
    """Finds what a query seeks in `field`. `matches` tells whether a field of the query is that field; without
    `require_field_match` every field is."""

    field: Field
    matches: Callable[[str], bool]
    analyse: Analyse

    def of(self, query: Query) -> Iterator[Sought]:
        """All that `query` looks for; what it must not match is not looked for."""
        match query:
            case Bool():
                parts = (*query.must, *query.filter, *query.should)
                yield from (sought for part in parts for sought in self.of(part))
            case ConstantScore():
                yield from self.of(query.filter)
            case DisMax():
                yield from (sought for part in query.queries for sought in self.of(part))
            case Boosting():
                yield from self.of(query.positive)
            case MultiMatch():
                yield from self.of_multi_match(query)
            case Match() | MatchPhrase() | MatchPhrasePrefix() | MatchBoolPrefix() if self.matches(query.field):
                yield from self.of_text(query)
            case Term() | Terms() | Prefix() | Wildcard() | Regexp() | Fuzzy() if self.matches(query.field):
                yield from self.of_term(query)

    def of_multi_match(self, query: MultiMatch) -> Iterator[Sought]:
        if not query.fields or any(self.matches(field) for field, _ in query.fields):
            yield from self.of_text(single(query, self.field.path))

    def of_text(self, query: Match | MatchPhrase | MatchPhrasePrefix | MatchBoolPrefix) -> Iterator[Sought]:
        tokens = self.analyse(self.field, text(query.query), analyzer=query.analyzer, search=True)
        if not tokens:
            return
        match query:
            case MatchPhrase():
                yield phrase(tokens, query.slop)
            case MatchPhrasePrefix():
                yield phrase(tokens, query.slop, prefix_last=True)
            case MatchBoolPrefix():
                yield from (of_token(token, query.fuzziness) for token in tokens[:-1])
                yield phrase(tokens[-1:], 0, prefix_last=True)
            case Match():
                yield from (of_token(token, query.fuzziness) for token in tokens)

    def of_term(self, query: Term | Terms | Prefix | Wildcard | Regexp | Fuzzy) -> Iterator[Sought]:
        match query:
            case Terms():
                yield from (Sought(text(value), (exact(text(value)),)) for value in query.values)
            case Fuzzy():
                value = text(query.value)
                yield Sought(value, (near(value, query.fuzziness),))
            case Term():
                yield Sought(text(query.value), (pattern(re.escape(text(query.value)), query.case_insensitive),))
            case Prefix():
                yield Sought(query.value + "*", (pattern(re.escape(query.value) + ".*", query.case_insensitive),))
            case Wildcard():
                yield Sought(query.value, (pattern(wildcard(query.value), query.case_insensitive),))
            case Regexp():
                yield from self.of_regexp(query)

    def of_regexp(self, query: Regexp) -> Iterator[Sought]:
        """Lucene's expressions that mean the same in Python; those with operators of Lucene's own are left out."""
        if not re.search(r"[~<&@#\"]", query.value):
            yield Sought(query.value, (pattern(query.value, query.case_insensitive),))


def single(query: MultiMatch, path: str) -> Match | MatchPhrase | MatchPhrasePrefix | MatchBoolPrefix:
    """The query that a multi_match makes of one of its fields."""
    if query.type == "phrase":
        return MatchPhrase(field=path, query=query.query, slop=query.slop, analyzer=query.analyzer)
    if query.type == "phrase_prefix":
        return MatchPhrasePrefix(field=path, query=query.query, slop=query.slop, analyzer=query.analyzer)
    if query.type == "bool_prefix":
        return MatchBoolPrefix(field=path, query=query.query, fuzziness=query.fuzziness, analyzer=query.analyzer)
    return Match(field=path, query=query.query, fuzziness=query.fuzziness, analyzer=query.analyzer)


def phrase(tokens: Sequence[Token], slop: int, *, prefix_last: bool = False) -> Sought:
    """The tokens as a phrase; the holes that a stop filter leaves stay holes."""
    accepts = [exact(token.term) for token in tokens]
    if prefix_last:
        accepts[-1] = pattern(re.escape(tokens[-1].term) + ".*", ignoring_case=False)
    first = tokens[0].position
    gaps = tuple(token.position - first for token in tokens)
    return Sought(" ".join(token.term for token in tokens), tuple(accepts), gaps, slop, prefix_last)


def of_token(token: Token, fuzziness: Fuzziness | None) -> Sought:
    accepts = exact(token.term) if fuzziness is None else near(token.term, fuzziness)
    return Sought(token.term, (accepts,))


def text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def exact(term: str) -> Accepts:
    return partial(str.__eq__, term)


def pattern(expression: str, ignoring_case: bool) -> Accepts:
    compiled = re.compile(expression, re.DOTALL | (re.IGNORECASE if ignoring_case else 0))
    return lambda term: compiled.fullmatch(term) is not None


def wildcard(value: str) -> str:
    r"""A regular expression for a pattern of `*`, `?` and `\`."""
    parts = re.findall(r"\\.|.", value, re.DOTALL)
    meanings = {"*": ".*", "?": "."}
    return "".join(meanings.get(part) or re.escape(part[-1]) for part in parts)


def near(term: str, fuzziness: Fuzziness) -> Accepts:
    allowed = distance_for(term, fuzziness)
    prefix = term[: fuzziness.prefix_length]
    return lambda other: other.startswith(prefix) and is_near(term, other, allowed, fuzziness.transpositions)


def distance_for(term: str, fuzziness: Fuzziness) -> int:
    if fuzziness.distance is not None:
        return fuzziness.distance
    return int(len(term) >= fuzziness.auto_low) + int(len(term) >= fuzziness.auto_high)


def is_near(left: str, right: str, allowed: int, transpositions: bool) -> bool:
    """Whether one becomes the other by at most `allowed` edits."""
    if abs(len(left) - len(right)) > allowed:
        return False
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, 1):
            edits = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if transpositions and i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                edits = min(edits, last[j - 2] + 1)
            row.append(edits)
    return row[-1] <= allowed
