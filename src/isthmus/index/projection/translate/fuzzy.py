"""Terms near a text, the nearer ones scoring more.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl-fuzzy-query.html
"""

from __future__ import annotations

import tantivy

from isthmus.index.mapping.field import Field
from isthmus.index.projection.translate.combining import any_of, boosted, constant, nothing
from isthmus.index.projection.translate.exact import exactly
from isthmus.index.projection.translate.fixed import refuse_shared
from isthmus.index.projection.translate.statistics import idf
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings, check_searchable
from isthmus.query import tree

Query = tantivy.Query


def fuzzy(query: tree.Fuzzy, around: Surroundings) -> tantivy.Query:
    """Terms near a value, which is not analysed."""
    refuse_shared(query.field, "fuzzy")
    mapped = around.field(query.field)
    if mapped is None:
        return nothing()
    if mapped.column not in ("keyword", "text") or mapped.type in ("ip", "constant_keyword"):
        raise QueryShardError(
            f"failed to create query: Can only use fuzzy queries on keyword and text fields - not on [{mapped.path}] "
            f"which is of type [{mapped.type}]"
        )
    check_searchable(mapped)
    slot = around.slot(mapped)
    text = str(around.column_value(mapped, query.value))
    return nothing() if slot is None else near(mapped, slot, text, query.fuzziness, query.boost, around)


def near(
    mapped: Field, slot: str, text: str, fuzziness: tree.Fuzziness, boost: float, around: Surroundings
) -> tantivy.Query:
    """Return the terms within a distance of `text`, scored as Lucene blends them: all as rare as the commonest."""
    distance = edits(text, fuzziness)
    if distance == 0:
        return exactly(mapped, slot, text, boost, around)
    listed = around.reading.searcher.terms_with_prefix(slot, text[: fuzziness.prefix_length])
    close = _closest(text, [one for one, _ in listed], distance, fuzziness)
    frequency = max((around.statistics.frequency(slot, one) for one, _ in close), default=0)
    return any_of([_blended(mapped, slot, one, share * boost, frequency, around) for one, share in close])


def edits(text: str, fuzziness: tree.Fuzziness) -> int:
    """Return how many edits a term may be away from a text of this length."""
    if fuzziness.distance is not None:
        return min(2, fuzziness.distance)
    if len(text) < fuzziness.auto_low:
        return 0
    return 1 if len(text) < fuzziness.auto_high else 2


def _closest(text: str, candidates: list[str], distance: int, fuzziness: tree.Fuzziness) -> list[tuple[str, float]]:
    close: list[tuple[str, float]] = []
    shortest, longest = len(text) - distance, len(text) + distance
    characters = frozenset(text)
    for one in candidates:
        # An edit brings at most one character that the text does not have: most terms are told apart by this alone.
        if not shortest <= len(one) <= longest or len(characters.symmetric_difference(one)) > 2 * distance:
            continue
        apart = _distance(text, one, distance, transpositions=fuzziness.transpositions)
        if apart <= distance and (share := 1.0 - apart / max(1, min(len(one), len(text)))) > 0:
            close.append((one, share))
    close.sort(key=lambda pair: (-pair[1], pair[0]))
    return close[: fuzziness.max_expansions]


def _blended(mapped: Field, slot: str, one: str, boost: float, frequency: int, around: Surroundings) -> tantivy.Query:
    statistics = around.statistics
    if mapped.column == "keyword":
        score = boost * statistics.keyword_score(mapped, slot, frequency)
        return constant(Query.term_query(around.schema, slot, one, "basic"), score)
    total = around.reading.searcher.num_docs
    share = statistics.rarity(mapped, slot, frequency) / idf(total, statistics.frequency(slot, one))
    return boosted(Query.term_query(around.schema, slot, one, "freq"), boost * share)


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
        if min(row) > most and min(before) > most:
            return most + 1
    return row[-1]
