"""Queries on exact values: term, terms, range, exists, ids, prefix, wildcard, regexp, fuzzy."""

from __future__ import annotations

import math

import tantivy

from isthmus.errors import UsageError
from isthmus.index.mapping.field import Field
from isthmus.index.projection.slots import ID, NAMES
from isthmus.index.projection.translate.surroundings import (
    Surroundings,
    any_of,
    boosted,
    constant,
    nothing,
)
from isthmus.query import tree
from isthmus.query.patterns import (
    literal,
    prefix_expression,
    range_expression,
    regexp_expression,
    wildcard_expression,
)

Query = tantivy.Query
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
_MAX_STATES_HINT = "shorten it"


class QueryShardError(UsageError):
    """A query that the type of its field does not support."""

    type = "query_shard_exception"


def term(query: tree.Term, around: Surroundings) -> tantivy.Query:
    """One value: keywords score by how rare it is, numbers all the same."""
    if query.field == "_id":
        return ids(tree.Ids(values=(str(query.value),), boost=query.boost), around)
    if query.field == "_index":
        return _whole_index(str(query.value), around, query.boost)
    mapped = around.mapping.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        return _constant_keyword(mapped, str(query.value), query.boost)
    check_searchable(mapped)
    slot = around.slot(mapped)
    if slot is None:
        return nothing()
    if query.case_insensitive and mapped.column in ("keyword", "text") and isinstance(query.value, str):
        return constant(expression(mapped, slot, literal(query.value, case_insensitive=True), around), query.boost)
    value = around.value(mapped, query.value)
    if value is None:
        return nothing()
    return exactly(mapped, slot, value, query.boost, around)


def exactly(mapped: Field, slot: str, value: str | float, boost: float, around: Surroundings) -> tantivy.Query:
    """Return the query for one column value of a field, scored as Elasticsearch scores it."""
    if mapped.column == "text":
        text = str(value)
        return boosted(
            Query.term_query(around.schema, slot, text, "position"), boost * around.correction(mapped, slot, text)
        )
    if mapped.column == "keyword":
        text = str(value)
        score = boost if mapped.type == "ip" else boost * around.idf(mapped, slot, text)
        return constant(Query.term_query(around.schema, slot, text, "basic"), score)
    return constant(_number(mapped, slot, value, around), boost)


def terms(query: tree.Terms, around: Surroundings) -> tantivy.Query:
    """Any of several values, all with the same score."""
    if query.lookup is not None:
        raise UsageError("[terms] lookup must be resolved before the query is run")
    if len(query.values) > around.max_terms:
        raise UsageError(
            f"The number of terms [{len(query.values)}] used in the Terms Query request has exceeded the allowed "
            f"maximum of [{around.max_terms}]. This maximum can be set by changing the [index.max_terms_count] index "
            "level setting."
        )
    if query.field == "_id":
        return ids(tree.Ids(values=tuple(map(str, query.values)), boost=query.boost), around)
    if query.field == "_index":
        return any_of([_whole_index(str(value), around, query.boost) for value in query.values])
    mapped = around.mapping.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        return any_of([_constant_keyword(mapped, str(value), query.boost) for value in dict.fromkeys(query.values)])
    check_searchable(mapped)
    slot = around.slot(mapped)
    found = [value for one in query.values if (value := around.value(mapped, one)) is not None]
    if slot is None or not found:
        return nothing()
    return constant(Query.term_set_query(around.schema, slot, found), query.boost)


def ids(query: tree.Ids, around: Surroundings) -> tantivy.Query:
    """Documents by their ids."""
    if not query.values:
        return nothing()
    return constant(Query.term_set_query(around.schema, ID, list(query.values)), query.boost)


def exists(query: tree.Exists, around: Surroundings) -> tantivy.Query:
    """Documents with a value in a field, or in any field below an object."""
    if query.field in ("_id", "_index", "_source"):
        return constant(Query.all_query(), query.boost)
    pattern = query.field
    fields = list(around.mapping.fields(pattern)) or list(around.mapping.fields(f"{pattern}.*"))
    found = [one for mapped in fields if (one := _present(mapped, around)) is not None]
    return constant(any_of(found), query.boost)


def _present(mapped: Field, around: Surroundings) -> tantivy.Query | None:
    if mapped.type == "constant_keyword":
        return None if mapped.value is None else Query.all_query()
    slot = around.slot(mapped)
    if slot is None or mapped.column == "text" or not mapped.doc_values:
        return Query.term_query(around.schema, NAMES, mapped.path, "basic")
    return Query.exists_query(slot)


def range_(query: tree.Range, around: Surroundings) -> tantivy.Query:
    """Values between two bounds."""
    mapped = around.mapping.field(query.field)
    if mapped is None:
        return nothing()
    check_searchable(mapped, or_doc_values=True)
    slot = around.slot(mapped)
    if slot is None:
        return nothing()
    if mapped.type in ("date", "date_nanos"):
        low, high = _dates(query, mapped, around)
        return constant(_integers(slot, low, high, around), query.boost)
    if mapped.column == "long":
        return constant(_integers(slot, *_whole_bounds(query, mapped), around), query.boost)
    if mapped.column == "double":
        return constant(_doubles(query, mapped, slot, around), query.boost)
    return constant(_texts(query, mapped, slot, around), query.boost)


def prefix(query: tree.Prefix, around: Surroundings) -> tantivy.Query:
    """Terms that begin with a text."""
    if query.field == "_id":
        raise QueryShardError("prefix queries on [_id] are not supported")
    expressed = prefix_expression(query.value, case_insensitive=query.case_insensitive)
    return _by_expression(query.field, "prefix", query.value, expressed, query.boost, around)


def wildcard(query: tree.Wildcard, around: Surroundings) -> tantivy.Query:
    """Terms that match a pattern with `*` and `?`."""
    if query.field == "_index":
        return _whole_index(query.value, around, query.boost)
    expressed = wildcard_expression(query.value, case_insensitive=query.case_insensitive)
    return _by_expression(query.field, "wildcard", query.value, expressed, query.boost, around)


def regexp(query: tree.Regexp, around: Surroundings) -> tantivy.Query:
    """Terms that match a regular expression."""
    expressed = regexp_expression(query.value, query.flags, case_insensitive=query.case_insensitive)
    return _by_expression(query.field, "regexp", query.value, expressed, query.boost, around)


def fuzzy(query: tree.Fuzzy, around: Surroundings) -> tantivy.Query:
    """Terms near a value."""
    mapped = around.mapping.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.column not in ("keyword", "text") or mapped.type == "ip":
        raise QueryShardError(
            f"Can only use fuzzy queries on keyword and text fields - not on [{mapped.path}] which is of type "
            f"[{mapped.type}]"
        )
    check_searchable(mapped)
    slot = around.slot(mapped)
    return nothing() if slot is None else near(mapped, slot, str(query.value), query.fuzziness, query.boost, around)


def near(
    mapped: Field, slot: str, text: str, fuzziness: tree.Fuzziness, boost: float, around: Surroundings
) -> tantivy.Query:
    """Return the terms that are within a distance of `text`, the nearer ones scoring more, as Lucene blends them."""
    distance = edits(text, fuzziness)
    if distance == 0:
        return exactly(mapped, slot, text, boost, around)
    start = text[: fuzziness.prefix_length]
    found = around.reading.searcher.terms_with_prefix(slot, start)
    close = _closest(text, [one for one, _ in found], distance, fuzziness)
    if not close:
        return nothing()
    rarest = max(around.reading.searcher.doc_freq(slot, one) for one, _ in close)
    return any_of([_blended(mapped, slot, one, share * boost, rarest, around) for one, share in close])


def _closest(text: str, candidates: list[str], distance: int, fuzziness: tree.Fuzziness) -> list[tuple[str, float]]:
    close: list[tuple[str, float]] = []
    for one in candidates:
        if abs(len(one) - len(text)) > distance:
            continue
        apart = _distance(text, one, distance, transpositions=fuzziness.transpositions)
        if apart <= distance:
            close.append((one, 1.0 - apart / min(len(one), len(text)) if apart else 1.0))
    close = [pair for pair in close if pair[1] > 0]
    close.sort(key=lambda pair: (-pair[1], pair[0]))
    return close[: fuzziness.max_expansions]


def _blended(mapped: Field, slot: str, one: str, boost: float, frequency: int, around: Surroundings) -> tantivy.Query:
    """The terms of a fuzzy query count as equally rare, as rare as the commonest of them."""
    own = around.reading.searcher.doc_freq(slot, one)
    present = max(around.present(mapped, slot), frequency)
    shared = math.log(1 + (present - frequency + 0.5) / (frequency + 0.5))
    if mapped.column == "keyword":
        return constant(Query.term_query(around.schema, slot, one, "basic"), boost * shared)
    total = max(around.reading.searcher.num_docs, own)
    tantivys = math.log(1 + (total - own + 0.5) / (own + 0.5))
    return boosted(Query.term_query(around.schema, slot, one, "position"), boost * shared / tantivys)


def edits(text: str, fuzziness: tree.Fuzziness) -> int:
    """Return how many edits a term of this length may be away."""
    if fuzziness.distance is not None:
        return fuzziness.distance
    if len(text) < fuzziness.auto_low:
        return 0
    return 1 if len(text) < fuzziness.auto_high else 2


def expression(mapped: Field, slot: str, expressed: str, around: Surroundings) -> tantivy.Query:
    """Return the terms that match one of Tantivy's regular expressions. Raises UsageError if it is too large."""
    try:
        return Query.regex_query(around.schema, slot, expressed)
    except ValueError as cause:
        raise UsageError(
            f"the pattern for [{mapped.path}] is too large to be run", hint="make it shorter or less repetitive"
        ) from cause


def check_searchable(mapped: Field, *, or_doc_values: bool = False) -> None:
    """Raise QueryShardError if a field is not indexed."""
    if not mapped.indexed and not (or_doc_values or mapped.doc_values):
        raise QueryShardError(f"Cannot search on field [{mapped.path}] since it is not indexed.")


def _by_expression(
    name: str, kind: str, value: str, expressed: str, boost: float, around: Surroundings
) -> tantivy.Query:
    mapped = around.mapping.field(name)
    if mapped is None:
        return nothing()
    if mapped.type == "constant_keyword":
        return _constant_expression(mapped, kind, value, boost)
    if mapped.column not in ("keyword", "text") or mapped.type == "ip":
        raise QueryShardError(
            f"Can only use {kind} queries on keyword, text and wildcard fields - not on [{mapped.path}] which is of "
            f"type [{mapped.type}]"
        )
    check_searchable(mapped)
    slot = around.slot(mapped)
    return nothing() if slot is None else constant(expression(mapped, slot, expressed, around), boost)


def _constant_expression(mapped: Field, kind: str, value: str, boost: float) -> tantivy.Query:
    import fnmatch

    if kind == "regexp":
        raise QueryShardError(f"regexp queries on the constant_keyword field [{mapped.path}] are not supported")
    pattern = value + "*" if kind == "prefix" else value
    matches = mapped.value is not None and fnmatch.fnmatchcase(mapped.value, pattern.replace("[", "[[]"))
    return constant(Query.all_query(), boost) if matches else nothing()


def _constant_keyword(mapped: Field, value: str, boost: float) -> tantivy.Query:
    return constant(Query.all_query(), boost) if mapped.value == value else nothing()


def _whole_index(pattern: str, around: Surroundings, boost: float) -> tantivy.Query:
    import fnmatch

    matches = fnmatch.fnmatchcase(around.index_name, pattern.replace("[", "[[]"))
    return constant(Query.all_query(), boost) if matches else nothing()


def _number(mapped: Field, slot: str, value: str | float, around: Surroundings) -> tantivy.Query:
    if mapped.column == "long":
        whole = int(value)
        return nothing() if not LOWEST <= whole <= HIGHEST else Query.term_query(around.schema, slot, whole)
    number = float(value)
    return _double_range(slot, number, number, around)


def _dates(query: tree.Range, mapped: Field, around: Surroundings) -> tuple[int | None, int | None]:
    def moment(value: tree.Scalar, *, up: bool) -> int:
        return around.moment(mapped, value, query.format, query.time_zone, up)

    low = high = None
    if query.gte is not None:
        low = moment(query.gte, up=False)
    elif query.gt is not None:
        low = moment(query.gt, up=True) + 1
    if query.lte is not None:
        high = moment(query.lte, up=True)
    elif query.lt is not None:
        high = moment(query.lt, up=False) - 1
    return low, high


def _whole_bounds(query: tree.Range, mapped: Field) -> tuple[int | None, int | None]:
    low = high = None
    if query.gte is not None:
        low = math.ceil(_given(query.gte, mapped))
    elif query.gt is not None:
        low = math.floor(_given(query.gt, mapped)) + 1
    if query.lte is not None:
        high = math.floor(_given(query.lte, mapped))
    elif query.lt is not None:
        high = math.ceil(_given(query.lt, mapped)) - 1
    return low, high


def _given(value: tree.Scalar, mapped: Field) -> int | float:
    """A bound as a number that loses nothing; infinities become the ends of a long."""
    if mapped.type == "boolean":
        if value in (True, "true"):
            return 1
        if value in (False, "false", ""):
            return 0
        raise QueryShardError(
            f"failed to create query: Can't parse boolean value [{value}], expected [true] or [false]"
        )
    try:
        number = int(value) if isinstance(value, str) and value.lstrip("+-").isdecimal() else value
        number = float(number) if isinstance(number, str) else number
    except ValueError as cause:
        raise QueryShardError(f'failed to create query: For input string: "{str(value)[:50]}"') from cause
    if number is None or number != number:
        raise QueryShardError(f'failed to create query: For input string: "{str(value)[:50]}"')
    return max(LOWEST * 2, min(HIGHEST * 2, number))


def _integers(slot: str, low: int | None, high: int | None, around: Surroundings) -> tantivy.Query:
    if low is None and high is None:
        return Query.exists_query(slot)
    low = LOWEST if low is None else low
    high = HIGHEST if high is None else high
    if low > high or low > HIGHEST or high < LOWEST:
        return nothing()
    return Query.range_query(around.schema, slot, tantivy.FieldType.Integer, max(low, LOWEST), min(high, HIGHEST))


def _doubles(query: tree.Range, mapped: Field, slot: str, around: Surroundings) -> tantivy.Query:
    low = high = None
    if query.gte is not None:
        low = float(_given(query.gte, mapped))
    elif query.gt is not None:
        low = math.nextafter(float(_given(query.gt, mapped)), math.inf)
    if query.lte is not None:
        high = float(_given(query.lte, mapped))
    elif query.lt is not None:
        high = math.nextafter(float(_given(query.lt, mapped)), -math.inf)
    if low is None and high is None:
        return Query.exists_query(slot)
    return _double_range(slot, -math.inf if low is None else low, math.inf if high is None else high, around)


def _double_range(slot: str, low: float, high: float, around: Surroundings) -> tantivy.Query:
    """Tantivy sorts -0.0 before 0.0, Elasticsearch takes both for equal."""
    if low > high:
        return nothing()
    low, high = (-0.0 if low == 0 else low), (0.0 if high == 0 else high)
    return Query.range_query(around.schema, slot, tantivy.FieldType.Float, low, high)


def _texts(query: tree.Range, mapped: Field, slot: str, around: Surroundings) -> tantivy.Query:
    low, include_low = (query.gte, True) if query.gte is not None else (query.gt, False)
    high, include_high = (query.lte, True) if query.lte is not None else (query.lt, False)
    first = None if low is None else _text(mapped, low, around)
    last = None if high is None else _text(mapped, high, around)
    if first is None and last is None:
        return exists(tree.Exists(field=mapped.path), around)
    expressed = range_expression(first, last, include_low=include_low, include_high=include_high)
    if expressed is None:
        return nothing()
    try:
        return Query.regex_query(around.schema, slot, expressed)
    except ValueError:
        # Bounds too long for an automaton: the terms themselves are looked through.
        return _listed(slot, first, last, include_low=include_low, include_high=include_high, around=around)


def _text(mapped: Field, value: tree.Scalar, around: Surroundings) -> str:
    found = around.value(mapped, value)
    if found is None:
        raise QueryShardError(f"failed to create query: [{str(value)[:50]}] is no value of [{mapped.path}]")
    return str(found)


def _listed(
    slot: str, low: str | None, high: str | None, *, include_low: bool, include_high: bool, around: Surroundings
) -> tantivy.Query:
    shared = ""
    if low is not None and high is not None:
        length = 0
        while length < min(len(low), len(high)) and low[length] == high[length]:
            length += 1
        shared = low[:length]
    found = [
        one
        for one, _ in around.reading.searcher.terms_with_prefix(slot, shared)
        if (low is None or one > low or (include_low and one == low))
        and (high is None or one < high or (include_high and one == high))
    ]
    return Query.term_set_query(around.schema, slot, found) if found else nothing()


def _distance(one: str, other: str, most: int, *, transpositions: bool) -> int:
    """Return how many edits lead from one text to the other, or more than `most`."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        earlier, before = before, row
        row = [i]
        for j, right in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if transpositions and i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
