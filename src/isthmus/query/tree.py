"""The query tree: what a query asks, as plain values. Everything that needs a query uses this one tree.

Field names are as they were given (aliases and patterns unresolved), values as JSON has them: only a mapping knows
what a value means for a field. `boost` multiplies the score of what a node matches, `name` is its `_name`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Operator = Literal["or", "and"]
ZeroTerms = Literal["none", "all"]
MultiMatchType = Literal["best_fields", "most_fields", "cross_fields", "phrase", "phrase_prefix", "bool_prefix"]
RangeRelation = Literal["intersects", "contains", "within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchAll:
    """Every document, with a score of `boost`."""

    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchNone:
    """No document."""

    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzziness:
    """How far a term may be from what was asked. `distance` None is AUTO with its two lengths."""

    distance: int | None = None
    auto_low: int = 3
    auto_high: int = 6
    prefix_length: int = 0
    max_expansions: int = 50
    transpositions: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Analysed text in one field. `minimum_should_match` is Elasticsearch's expression, as it was given."""

    field: str
    query: Scalar
    operator: Operator = "or"
    minimum_should_match: str | None = None
    fuzziness: Fuzziness | None = None
    zero_terms_query: ZeroTerms = "none"
    analyzer: str | None = None
    lenient: bool = False
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPhrase:
    """Analysed text whose terms stand next to each other, give or take `slop` moves."""

    field: str
    query: Scalar
    slop: int = 0
    zero_terms_query: ZeroTerms = "none"
    analyzer: str | None = None
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPhrasePrefix:
    """As `MatchPhrase`, the last term a prefix of at most `max_expansions` terms."""

    field: str
    query: Scalar
    slop: int = 0
    max_expansions: int = 50
    zero_terms_query: ZeroTerms = "none"
    analyzer: str | None = None
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBoolPrefix:
    """A `bool` of the terms, the last one a prefix."""

    field: str
    query: Scalar
    operator: Operator = "or"
    minimum_should_match: str | None = None
    fuzziness: Fuzziness | None = None
    max_expansions: int = 50
    analyzer: str | None = None
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiMatch:
    """Analysed text in several fields; `fields` are (name or pattern, boost), empty for `index.query.default_field`."""

    fields: tuple[tuple[str, float], ...]
    query: Scalar
    type: MultiMatchType = "best_fields"
    operator: Operator = "or"
    minimum_should_match: str | None = None
    fuzziness: Fuzziness | None = None
    tie_breaker: float | None = None
    zero_terms_query: ZeroTerms = "none"
    analyzer: str | None = None
    lenient: bool = False
    slop: int = 0
    max_expansions: int = 50
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One exact value."""

    field: str
    value: Scalar
    case_insensitive: bool = False
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsLookup:
    """Where the values of a `terms` query are to be read from: a document's field."""

    index: str
    id: str
    path: str
    routing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Any of some exact values, with a constant score. One of `values` and `lookup` is given."""

    field: str
    values: tuple[Scalar, ...] = ()
    lookup: TermsLookup | None = None
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Values between bounds. A bound of None is open. Dates may hold date math, rounded by the field's type."""

    field: str
    gt: Scalar = None
    gte: Scalar = None
    lt: Scalar = None
    lte: Scalar = None
    format: str | None = None
    time_zone: str | None = None
    relation: RangeRelation = "intersects"
    lenient: bool = False
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """Documents with any value in a field, or below an object."""

    field: str
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """Documents by `_id`."""

    values: tuple[str, ...]
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Terms that begin with a value."""

    field: str
    value: str
    case_insensitive: bool = False
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """Terms that match a pattern of `*`, `?` and `\\`."""

    field: str
    value: str
    case_insensitive: bool = False
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regexp:
    """Terms that match one of Lucene's regular expressions, as a whole. `flags` as given: ALL, NONE, or names by |."""

    field: str
    value: str
    case_insensitive: bool = False
    flags: str = "ALL"
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuzzy:
    """Terms near a value, which is not analysed."""

    field: str
    value: Scalar
    fuzziness: Fuzziness
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bool:
    """All of `must` and `filter`, none of `must_not`, and so many of `should` as `minimum_should_match` says."""

    must: tuple[Query, ...] = ()
    filter: tuple[Query, ...] = ()
    should: tuple[Query, ...] = ()
    must_not: tuple[Query, ...] = ()
    minimum_should_match: str | None = None
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantScore:
    """What `filter` matches, each with a score of `boost`."""

    filter: Query
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisMax:
    """Any of `queries`: the best score, and `tie_breaker` times the others."""

    queries: tuple[Query, ...]
    tie_breaker: float = 0.0
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boosting:
    """What `positive` matches; the score is multiplied by `negative_boost` where `negative` matches too."""

    positive: Query
    negative: Query
    negative_boost: float
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryString:
    """Lucene's query syntax. It is parsed when the fields are known: `query.lucene` has the grammar."""

    query: str
    fields: tuple[tuple[str, float], ...] = ()
    default_operator: Operator = "or"
    analyzer: str | None = None
    allow_leading_wildcard: bool = True
    analyze_wildcard: bool = False
    fuzziness: Fuzziness | None = None
    phrase_slop: int = 0
    lenient: bool | None = None
    minimum_should_match: str | None = None
    tie_breaker: float | None = None
    time_zone: str | None = None
    type: MultiMatchType = "best_fields"
    boost: float = 1.0
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleQueryString:
    """The forgiving syntax: what cannot be parsed is text. `flags` are the operators that are in force."""

    query: str
    fields: tuple[tuple[str, float], ...] = ()
    default_operator: Operator = "or"
    analyzer: str | None = None
    flags: frozenset[str] = frozenset({"ALL"})
    analyze_wildcard: bool = False
    fuzziness: Fuzziness | None = None
    lenient: bool | None = None
    minimum_should_match: str | None = None
    boost: float = 1.0
    name: str | None = None


Query: TypeAlias = (
    MatchAll
    | MatchNone
    | Match
    | MatchPhrase
    | MatchPhrasePrefix
    | MatchBoolPrefix
    | MultiMatch
    | Term
    | Terms
    | Range
    | Exists
    | Ids
    | Prefix
    | Wildcard
    | Regexp
    | Fuzzy
    | Bool
    | ConstantScore
    | DisMax
    | Boosting
    | QueryString
    | SimpleQueryString
)
