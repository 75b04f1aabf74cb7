"""One search of one index: its view, a request, and everything that answers it, as a partial result. Blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import tantivy

from isthmus.errors import UsageError
from isthmus.index.aggregating.ground import Ground
from isthmus.index.aggregating.level import aggregate
from isthmus.index.aggregating.refusals import AggregationTimeoutError
from isthmus.index.fetching.fetch import fetch
from isthmus.index.fetching.tokens import Token
from isthmus.index.fetching.view import Chosen, FetchView
from isthmus.index.fetching.visible_source import visible_source
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.mapping.converting import for_query, shown
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.parsed import Indexable, ParsedDocument
from isthmus.index.mapping.visible import AnyMapping, VisibleMapping
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.metadata.index_settings import value_of
from isthmus.index.projection.panics import guarded
from isthmus.index.projection.projection import Reading
from isthmus.index.projection.slots import SEQ
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings
from isthmus.index.projection.translate.translator import Translator
from isthmus.index.searching.collapsing import check_collapsible
from isthmus.index.searching.columns import seq_nos as seq_nos_of
from isthmus.index.searching.entry import Entry
from isthmus.index.searching.keys import Key, resolve, score
from isthmus.index.searching.page import Page, Wanted, find
from isthmus.index.searching.scopes import Scope
from isthmus.index.searching.written import expanded
from isthmus.index.shard.views import View
from isthmus.query.aggregation_tree import TopHits
from isthmus.query.dates import RequestDates
from isthmus.query.partial import Best, Hit, PartialResult
from isthmus.query.search_request import SearchRequest
from isthmus.query.sorts import SortKey
from isthmus.query.tree import Bool, Query, Scalar
from isthmus.query.written import Writer
from isthmus.security.authorization.limits import Limits

Sources = Callable[[Sequence[int]], Mapping[int, StoredDocument]]
_decode = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one index is asked. `filters`: what any of them matches is all there is. `skip` hits of this index were
    shown before (a scroll); `tie_breaker`: the place in the index is the last key of the sort (a point in time)."""

    request: SearchRequest
    now: int
    filters: tuple[Query, ...] = ()
    boost: float = 1.0
    count: int = 10
    skip: int = 0
    tie_breaker: bool = False
    deadline: float | None = None


class ViewSearch:
    """Searches one view, for somebody who sees what `limits` leaves of it; made for each request."""

    def __init__(
        self, index: IndexMetadata, view: View, sources: Sources, now: int, limits: Limits | None = None
    ) -> None:
        self._index = index
        self._sources = sources
        self._dates = RequestDates(now)
        self._limits = limits
        self._mapping: AnyMapping = view.mapping
        self._reading = view.reading
        self._seen: tantivy.Query | None = None
        if limits is not None:
            self._limit(view, limits)
        self._translator = Translator(self._surroundings(self._mapping, self._reading))

    def _limit(self, view: View, limits: Limits) -> None:
        """What limits the documents may depend on fields that are not seen: it is translated for those who see all."""
        if limits.documents is not None:
            everything = Translator(self._surroundings(view.mapping, view.reading))
            self._seen = everything.query(limits.documents)
        mapping = VisibleMapping(view.mapping, limits.fields)
        self._mapping = mapping
        self._reading = view.reading.showing(mapping.shows)

    def _surroundings(self, mapping: AnyMapping, reading: Reading) -> Surroundings:
        default_fields = value_of(self._index.settings, "index.query.default_field")
        return Surroundings(
            index_name=self._index.name,
            reading=reading,
            mapping=mapping,
            terms=lambda analyzer, text: mapping.analyzers.get(analyzer).terms(text),
            value=_value,
            moment=self._moment,
            default_fields=default_fields,
            max_terms=value_of(self._index.settings, "index.max_terms_count"),
            expanded=lambda query: expanded(query, mapping, default_fields),
            **({"shows": mapping.shows} if isinstance(mapping, VisibleMapping) else {}),
        )

    def search(self, asked: Asked) -> PartialResult:
        """Return the best hits, fetched, the total and the aggregations. Raises UsageError for what cannot be asked."""
        request = asked.request
        query = self._query(asked)
        hits_query = query
        if request.post_filter is not None:
            hits_query = _filtered(query, self._translator.query(request.post_filter))
        keys = self._keys(request, tie_breaker=asked.tie_breaker)
        scope = Scope(self._reading, asked.deadline, self._index.name)
        page = find(scope, hits_query, self._wanted(asked, keys))
        result = PartialResult(
            total=page.total,
            total_is_exact=page.exact,
            max_score=page.max_score if _shows_scores(request) else None,
            shards=1,
            timed_out=page.timed_out,
            terminated_early=page.terminated_early,
            collapsed=request.collapse is not None,
        )
        result.hits = self._fetched(request, page, keys, asked)
        if request.aggregations:
            self._aggregate(result, query, asked)
        return result

    def count(self, query: Query, filters: tuple[Query, ...] = ()) -> int:
        """Return how many documents a query matches."""
        found = self._query(Asked(request=SearchRequest(query=query), now=0, filters=filters))
        total: int = self._reading.searcher.search(found, 1, count=True).count  # type: ignore[attr-defined]
        return total

    def seen_among(self, seq_nos: Sequence[int]) -> set[int]:
        """Return which of the documents that operations made are there, and are seen."""
        if not seq_nos:
            return set()
        asked = tantivy.Query.term_set_query(self._reading.schema, SEQ, list(seq_nos))
        query = asked if self._seen is None else _filtered(asked, self._seen)
        with guarded(self._index.name):
            hits = self._reading.searcher.search(query, len(seq_nos), count=False).hits
            return set(seq_nos_of(self._reading, [found for _, found in hits]))

    def explain_query(self, query: Query) -> str:
        """Return what a query became, in words. Raises UsageError for what a field's type does not support."""
        self._translator.query(query)
        return Writer(self._words, self._translator.around.expanded).written(query)

    def _query(self, asked: Asked) -> tantivy.Query:
        query = self._translator.query(asked.request.query)
        allowed = self._allowed(asked)
        if allowed is not None:
            query = _filtered(query, allowed)
        return query if asked.boost == 1.0 else tantivy.Query.boost_query(query, asked.boost)

    def _allowed(self, asked: Asked) -> tantivy.Query | None:
        """What there is at all: what a filter of the request matches, and is seen. None: everything."""
        filtered = self._translator.query(Bool(should=asked.filters)) if asked.filters else None
        if filtered is None or self._seen is None:
            return filtered or self._seen
        return _filtered(filtered, self._seen)

    def _keys(self, request: SearchRequest, *, tie_breaker: bool) -> list[Key]:
        sort = request.sort
        if not sort and not tie_breaker:
            return []
        if len(sort) == 1 and sort[0].field == "_score" and not sort[0].ascending and not tie_breaker:
            return []
        keys = self._resolved(sort) if sort else [score()]
        if tie_breaker and not keys[-1].is_place:
            keys += self._resolved([SortKey(field="_shard_doc")])
        return keys

    def _resolved(self, sort: Sequence[SortKey]) -> list[Key]:
        return resolve(sort, self._mapping.field, self._reading, _value, self._index.name)

    def _wanted(self, asked: Asked, keys: list[Key]) -> Wanted:
        request = asked.request
        after = None if request.search_after is None else self._place(request.search_after, keys)
        collapse = None
        if request.collapse is not None:
            (collapse,) = self._resolved([SortKey(field=request.collapse.field)])
            check_collapsible(collapse)
        return Wanted(
            count=asked.count,
            skip=asked.skip,
            keys=keys,
            after=after,
            tracked=request.track_total_hits,
            scores=request.track_scores or any(key.is_score for key in keys),
            min_score=request.min_score,
            terminate_after=request.terminate_after,
            collapse=collapse,
        )

    def _place(self, given: Sequence[Scalar], keys: list[Key]) -> tuple[Any, ...]:
        """The values of `search_after` as those of columns."""
        if not keys:
            return tuple(_number(value, "_score") for value in given)
        return tuple(self._after(value, key) for value, key in zip(given, keys, strict=False))

    def _after(self, value: Scalar, key: Key) -> Any:
        if value is None or (key.field is None and not key.is_score and not key.is_place):
            return value
        if key.is_score or key.is_place or key.field is None:
            return _number(value, "_score" if key.is_score else "_doc")
        if key.column == "long" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if key.field.type == "date":
            return self._dates.moment(value, key.format or "||".join(key.field.formats), None)
        return _value(key.field, value)

    def _fetched(self, request: SearchRequest, page: Page, keys: list[Key], asked: Asked) -> list[Hit]:
        if not page.entries:
            return []
        documents = self._sources([entry.seq_no for entry in page.entries])
        chosen = [self._chosen(entry, keys, request) for entry in page.entries if entry.seq_no in documents]
        view = self._fetch_view()
        return fetch(view, request, chosen, documents)

    def _chosen(self, entry: Entry, keys: list[Key], request: SearchRequest) -> Chosen:
        scores = not keys or request.track_scores or any(key.is_score for key in keys)
        return Chosen(
            seq_no=entry.seq_no,
            address=entry.address,
            score=entry.score if scores else None,
            sort=entry.sort,
            sort_shown=tuple(_sort_shown(key, value) for key, value in zip(keys, entry.sort, strict=True))
            if keys
            else (),
            shard_doc=entry.seq_no,
            collapse_key=entry.collapse_key,
        )

    def _fetch_view(self) -> FetchView:
        reading, limits = self._reading, self._limits
        return FetchView(
            index=self._index.name,
            searcher=reading.searcher,
            schema=reading.schema,
            parse=self._parsed,
            matching=self._mapping.matching,
            shown=shown,
            analyse=self._tokens,
            translate=self._translator.query,
            expanded=self._translator.around.expanded,
            may_ignore=self._mapping.may_ignore,
            visible=None if limits is None else lambda source: visible_source(source, limits.fields),
        )

    def _words(self, name: str, text: str) -> Sequence[str]:
        field = self._mapping.field(name)
        if field is None or field.column != "text":
            return [text]
        return [one for _, one in self._mapping.analyzers.get(field.search_analyzer).terms(text)]

    def _aggregate(self, result: PartialResult, query: tantivy.Query, asked: Asked) -> None:
        reading = self._reading
        ground = Ground(
            index=self._index.name,
            searcher=reading.searcher,
            schema=reading.schema,
            field=self._mapping.field,
            slot=reading.slots.get,
            translate=self._translator.query,
            everything=self._allowed(asked) or tantivy.Query.all_query(),
            best=lambda found, top: self._best(found, top, asked),
            moment=lambda field, value, format_, zone: self._moment(field, value, format_, zone, up=False),
            column_value=_column_value,
            calendar=self._dates,
            deadline=asked.deadline,
            several=reading.several,
        )
        try:
            result.aggregations = aggregate(ground, query, asked.request.aggregations)
        except AggregationTimeoutError:
            result.timed_out = True

    def _best(self, query: tantivy.Query, top: TopHits, asked: Asked) -> Best:
        request = SearchRequest(
            sort=top.sort,
            source=top.source,
            fields=top.fields,
            docvalue_fields=top.docvalue_fields,
            version=top.version,
            seq_no_primary_term=top.seq_no_primary_term,
            query=asked.request.query,
            highlight=top.highlight,
            track_total_hits=1 << 31,
        )
        keys = self._keys(request, tie_breaker=False)
        wanted = Wanted(count=top.from_ + top.size, keys=keys, tracked=1 << 31)
        page = find(Scope(self._reading, asked.deadline, self._index.name), query, wanted)
        return Best(
            total=page.total,
            max_score=None if keys else page.max_score,
            hits=self._fetched(request, page, keys, asked),
        )

    def _moment(self, field: Field, value: Scalar, format_: str | None, zone: str | None, up: bool) -> int:
        return self._dates.moment(value, format_ or "||".join(field.formats), zone, up=up)

    def _parsed(self, source: bytes) -> ParsedDocument:
        return self._mapping.parse(_decode.decode(source))

    def _tokens(
        self, field: Field, text: str, /, *, analyzer: str | None = None, search: bool = False
    ) -> Sequence[Token]:
        if field.column != "text":
            return [Token(text, 0, 0, len(text))]
        name = analyzer or (field.search_analyzer if search else field.analyzer)
        found = self._mapping.analyzers.get(name).tokens(text)
        return [Token(one.token, one.position, one.start_offset, one.end_offset) for one in found]


def _value(field: Field, value: Scalar) -> Indexable | None:
    try:
        return for_query(field, value)
    except ValueError as why:
        raise QueryShardError(f"failed to create query: {why}") from why


def _column_value(field: Field, value: Scalar) -> str | int | float:
    found = _value(field, value)
    if found is None:
        raise QueryShardError(f"[{str(value)[:50]}] is no value of [{field.path}]")
    return found


def _filtered(query: tantivy.Query, by: tantivy.Query) -> tantivy.Query:
    scoreless = tantivy.Query.const_score_query(by, 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, scoreless)])


def _shows_scores(request: SearchRequest) -> bool:
    return not request.sort or request.track_scores or any(key.field == "_score" for key in request.sort)


def _number(value: Scalar, field: str) -> float:
    """A score or a place of `search_after`. Raises UsageError for what is no number."""
    try:
        number = value if isinstance(value, int) else float(value or 0)
    except ValueError as cause:
        raise UsageError(f"Failed to parse search_after value for field [{field}].") from cause
    if isinstance(value, bool) or not math.isfinite(number):
        raise UsageError(f"Failed to parse search_after value for field [{field}].")
    return number


def _sort_shown(key: Key, value: Any) -> Any:
    if key.field is None or value is None:
        return value
    if key.field.type == "date":
        return shown(key.field, value, key.format) if key.format else value
    if key.field.type == "ip":
        return shown(key.field, value)
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value
