"""Queries on exact values: term, terms, ids, exists.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/term-level-queries.html
"""

from __future__ import annotations

import tantivy

from isthmus.errors import UsageError
from isthmus.index.mapping.converting import RANGES, ip_range
from isthmus.index.mapping.field import Field
from isthmus.index.projection.slots import ID, NAMES
from isthmus.index.projection.translate.combining import any_of, boosted, constant, nothing
from isthmus.index.projection.translate.expressions import matching_terms
from isthmus.index.projection.translate.fixed import in_constant_keyword, whole_index
from isthmus.index.projection.translate.ranges import check_whole, day_of, double_between
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings, check_searchable
from isthmus.query import tree
from isthmus.query.patterns import literal

Query = tantivy.Query


def term(query: tree.Term, around: Surroundings) -> tantivy.Query:
    """One value: keywords score by how rare it is, numbers all the same."""
    if query.field == "_id":
        return ids(tree.Ids(values=(str(query.value),), boost=query.boost), around)
    if query.field == "_index":
        return whole_index(str(query.value), query.boost, around)
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        return in_constant_keyword(mapped, str(query.value), query.boost, case_insensitive=query.case_insensitive)
    check_searchable(mapped)
    slot = around.slot(mapped)
    if query.case_insensitive:
        return _ignoring_case(query, mapped, slot, around)
    if mapped.type == "ip" and "/" in str(query.value):
        return nothing() if slot is None else constant(_network(slot, str(query.value), around), query.boost)
    if mapped.type == "date":
        return constant(day_of(mapped, slot, query.value, around), query.boost)
    value = around.column_value(mapped, query.value)
    return nothing() if value is None or slot is None else exactly(mapped, slot, value, query.boost, around)


def exactly(mapped: Field, slot: str, value: str | float, boost: float, around: Surroundings) -> tantivy.Query:
    """Return the query for one column value of a field, scored as Elasticsearch scores it."""
    if mapped.column == "long":
        return constant(
            Query.term_query(around.schema, slot, int(value)), _weight(mapped, slot, int(value), boost, around)
        )
    if mapped.column == "double":
        return constant(double_between(slot, float(value), float(value), around), boost)
    text = str(value)
    if mapped.column == "keyword":
        return constant(
            Query.term_query(around.schema, slot, text, "basic"), _weight(mapped, slot, text, boost, around)
        )
    correction = around.statistics.correction(mapped, slot, [text])
    return boosted(Query.term_query(around.schema, slot, text, "freq"), boost * correction)


def terms(query: tree.Terms, around: Surroundings) -> tantivy.Query:
    """Any of several values, all with the same score."""
    if query.lookup is not None:
        raise UsageError("the lookup of a [terms] query must be resolved before the query is run")
    if len(query.values) > around.max_terms:
        raise UsageError(
            f"The number of terms [{len(query.values)}] used in the Terms Query request has exceeded the allowed "
            f"maximum of [{around.max_terms}]. This maximum can be set by changing the [index.max_terms_count] index "
            "level setting."
        )
    if query.field == "_id":
        return ids(tree.Ids(values=tuple(map(str, query.values)), boost=query.boost), around)
    if query.field == "_index":
        return constant(any_of([whole_index(str(value), 1.0, around) for value in query.values]), query.boost)
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        given = any(str(value) == mapped.value for value in query.values)
        return constant(Query.all_query(), query.boost) if given else nothing()
    check_searchable(mapped)
    return constant(_any_value(query, mapped, around), query.boost)


def ids(query: tree.Ids, around: Surroundings) -> tantivy.Query:
    """Documents by their ids."""
    if not query.values:
        return nothing()
    return constant(Query.term_set_query(around.schema, ID, list(query.values)), query.boost)


def exists(query: tree.Exists, around: Surroundings) -> tantivy.Query:
    """Documents with a value in a field, or in any field below an object."""
    if query.field == "_source":
        raise QueryShardError("The [_source] field is not searchable")
    if query.field in ("_id", "_index", "_seq_no", "_version"):
        return constant(Query.all_query(), query.boost)
    fields = around.mapping.fields(query.field) or around.mapping.fields(f"{query.field}.*")
    found = [one for mapped in fields if (one := present(mapped, around)) is not None]
    return constant(any_of(found), query.boost)


def present(mapped: Field, around: Surroundings) -> tantivy.Query | None:
    """Return the documents with a value in a field; None if there is none."""
    if mapped.type == "constant_keyword":
        return None if mapped.value is None else Query.all_query()
    if not around.shows(mapped.path):
        return None
    slot = around.slot(mapped)
    if slot is None or mapped.column == "text" or not mapped.doc_values:
        return Query.term_query(around.schema, NAMES, mapped.path, "basic")
    return Query.exists_query(slot)


def _weight(mapped: Field, slot: str, value: str | int, boost: float, around: Surroundings) -> float:
    """Keywords and booleans count by how rare a value is, all others alike."""
    if not mapped.indexed or (mapped.type == "ip" if mapped.column == "keyword" else mapped.type != "boolean"):
        return boost
    return boost * around.statistics.keyword_score(mapped, slot, around.statistics.frequency(slot, value))


def _ignoring_case(query: tree.Term, mapped: Field, slot: str | None, around: Surroundings) -> tantivy.Query:
    if mapped.column not in ("keyword", "text") or mapped.type == "ip":
        raise QueryShardError(
            f"[{mapped.path}] field which is of type [{mapped.type}], does not support case insensitive term queries"
        )
    if slot is None:
        return nothing()
    expression = literal(str(query.value), case_insensitive=True)
    return constant(matching_terms(mapped, slot, expression, around), query.boost)


def _any_value(query: tree.Terms, mapped: Field, around: Surroundings) -> tantivy.Query:
    slot = around.slot(mapped)
    networks = {str(one) for one in query.values if mapped.type == "ip" and "/" in str(one)}
    single = [one for one in query.values if str(one) not in networks]
    if mapped.type in RANGES:
        for one in single:
            if isinstance(one, int | float):
                check_whole(one, mapped)
    found = [value for one in single if (value := around.column_value(mapped, one)) is not None]
    if slot is None:
        return nothing()
    if mapped.column == "double":
        return any_of([double_between(slot, float(one), float(one), around) for one in dict.fromkeys(found)])
    if mapped.type == "date":
        return any_of([day_of(mapped, slot, one, around) for one in dict.fromkeys(query.values)])
    ways = [_network(slot, one, around) for one in sorted(networks)]
    if found:
        ways.append(Query.term_set_query(around.schema, slot, found))
    return any_of(ways)


def _network(slot: str, cidr: str, around: Surroundings) -> tantivy.Query:
    try:
        low, high = ip_range(cidr)
    except ValueError as cause:
        raise QueryShardError(f"failed to create query: '{cidr[:50]}' is not an IP string literal.") from cause
    return Query.regex_query(around.schema, slot, _digits_between(low, high))


def _digits_between(low: str, high: str) -> str:
    """The expression of the hexadecimal numbers of a network: the same digits, one of some, and then any."""
    shared = next((at for at, one in enumerate(low) if high[at] != one), len(low))
    if shared == len(low):
        return low
    digits = "0123456789abcdef"
    chosen = digits[digits.index(low[shared]) : digits.index(high[shared]) + 1]
    return f"{low[:shared]}[{chosen}][{digits}]*"
