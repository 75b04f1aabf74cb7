"""Which of a query's named parts match which hits.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl-bool-query.html#named-queries
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import tantivy

from isthmus.query.tree import Bool, Boosting, ConstantScore, DisMax, Query

SEQ = "_seq"


def matched_queries(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    translate: Callable[[Query], tantivy.Query],
    queries: Iterable[Query],
    seq_nos: Sequence[int],
) -> dict[int, tuple[str, ...]]:
    """The names that each document matches, by its sequence number, in the order of the query."""
    named = [part for query in queries for part in named_parts(query)]
    if not named or not seq_nos:
        return {}
    hits = tantivy.Query.term_set_query(schema, SEQ, list(seq_nos))
    names: dict[int, list[str]] = {seq_no: [] for seq_no in seq_nos}
    for part in named:
        for seq_no in among(searcher, hits, translate(part), len(seq_nos)):
            names[seq_no].append(part.name or "")
    return {seq_no: tuple(dict.fromkeys(found)) for seq_no, found in names.items() if found}


def among(searcher: tantivy.Searcher, hits: tantivy.Query, query: tantivy.Query, limit: int) -> list[int]:
    both = tantivy.Query.boolean_query([(tantivy.Occur.Must, hits), (tantivy.Occur.Must, query)])
    addresses = [address for _, address in searcher.search(both, limit, count=False).hits]
    return [int(value) for value in searcher.fast_field_values(SEQ, addresses) if value is not None]


def named_parts(query: Query) -> Iterator[Query]:
    if query.name is not None:
        yield query
    for part in parts(query):
        yield from named_parts(part)


def parts(query: Query) -> tuple[Query, ...]:
    """The queries directly below one."""
    match query:
        case Bool():
            return (*query.must, *query.filter, *query.should, *query.must_not)
        case ConstantScore():
            return (query.filter,)
        case DisMax():
            return query.queries
        case Boosting():
            return (query.positive, query.negative)
        case _:
            return ()
