"""The whole tree: compound queries, and each kind of query by its own translation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tantivy

from isthmus.errors import UsageError
from isthmus.index.projection.panics import guarded
from isthmus.index.projection.translate import exact, expressions, fuzzy, ranges, text
from isthmus.index.projection.translate.combining import best_of, boosted, constant, nothing
from isthmus.index.projection.translate.several import multi_match
from isthmus.index.projection.translate.surroundings import Surroundings
from isthmus.query import tree
from isthmus.query.should_match import should_match

Query = tantivy.Query
Occur = tantivy.Occur
MAX_DEPTH = 200


class TooDeepError(UsageError):
    """A tree of queries that is nested deeper than Tantivy can be handed."""

    type = "query_shard_exception"


class Translator:
    """Translates trees for one reading. Raises UsageError for what a field's type does not support."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self._depth = 0

    def query(self, query: tree.Query) -> tantivy.Query:
        """Return Tantivy's query for a tree."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeepError(f"the query is nested deeper than {MAX_DEPTH} levels")
        try:
            with guarded(self.around.index_name):
                return self._query(query)
        finally:
            self._depth -= 1

    def _query(self, query: tree.Query) -> tantivy.Query:
        single = _SINGLE.get(type(query))
        if single is not None:
            found: tantivy.Query = single(query, self.around)
            return found
        match query:
            case tree.MatchAll():
                return constant(Query.all_query(), query.boost)
            case tree.Bool():
                return boosted(self._bool(query), query.boost)
            case tree.ConstantScore():
                return constant(self.query(query.filter), query.boost)
            case tree.DisMax():
                return boosted(self._dis_max(query), query.boost)
            case tree.Boosting():
                return boosted(self._boosting(query), query.boost)
            case tree.MultiMatch():
                return multi_match(query, self.around, self.query)
            case tree.QueryString() | tree.SimpleQueryString():
                return boosted(self.query(self.around.expanded(query)), query.boost)
            case tree.MatchNone():
                return nothing()
        raise AssertionError(f"no translation of {type(query).__name__}")

    def _bool(self, query: tree.Bool) -> tantivy.Query:
        required = bool(query.must or query.filter)
        least = _least(query, required=required)
        if least > len(query.should):
            return nothing()
        parts = [(Occur.Must, self.query(one)) for one in query.must]
        parts += [(Occur.Must, self._scoreless(one)) for one in query.filter]
        parts += [(Occur.MustNot, self.query(one)) for one in query.must_not]
        if query.should:
            parts += self._should(query.should, least)
        if not query.should and not required:
            parts.append((Occur.Must, self._everything(1.0 if not query.must_not else 0.0)))
        return Query.boolean_query(parts)

    def _should(self, queries: Sequence[tree.Query], least: int) -> list[tuple[tantivy.Occur, tantivy.Query]]:
        parts = [(Occur.Should, self.query(one)) for one in queries]
        if least == 0:
            return parts
        if least == len(parts):
            return [(Occur.Must, one) for _, one in parts]
        return [(Occur.Must, Query.boolean_query(parts, least))]

    def _dis_max(self, query: tree.DisMax) -> tantivy.Query:
        return best_of([self.query(one) for one in query.queries], query.tie_breaker)

    def _boosting(self, query: tree.Boosting) -> tantivy.Query:
        """What is in `negative` too scores less; the two parts share no document."""
        positive, negative = self.query(query.positive), self.query(query.negative)
        apart = Query.boolean_query([(Occur.Must, positive), (Occur.MustNot, negative)])
        less = Query.boolean_query([(Occur.Must, positive), (Occur.Must, constant(negative, 0.0))])
        return Query.boolean_query([(Occur.Should, apart), (Occur.Should, boosted(less, query.negative_boost))])

    def _scoreless(self, query: tree.Query) -> tantivy.Query:
        return constant(self.query(query), 0.0)

    @staticmethod
    def _everything(score: float) -> tantivy.Query:
        return constant(Query.all_query(), score)


def _least(query: tree.Bool, *, required: bool) -> int:
    if not query.should:
        return 0
    if query.minimum_should_match is None:
        return 0 if required else 1
    return should_match(query.minimum_should_match, len(query.should))


_SINGLE: dict[type, Callable[[Any, Surroundings], tantivy.Query]] = {
    tree.Term: exact.term,
    tree.Terms: exact.terms,
    tree.Ids: exact.ids,
    tree.Exists: exact.exists,
    tree.Range: ranges.range_,
    tree.Prefix: expressions.prefix,
    tree.Wildcard: expressions.wildcard,
    tree.Regexp: expressions.regexp,
    tree.Fuzzy: fuzzy.fuzzy,
    tree.Match: text.match,
    tree.MatchPhrase: text.match_phrase,
    tree.MatchPhrasePrefix: text.match_phrase_prefix,
    tree.MatchBoolPrefix: text.match_bool_prefix,
}
