"""A tree written as Lucene writes its queries, so that a test reads as a query does."""

from __future__ import annotations

from isthmus.query.tree import (
    Bool,
    DisMax,
    Exists,
    Fuzzy,
    Match,
    MatchAll,
    MatchNone,
    MatchPhrase,
    MultiMatch,
    Prefix,
    Query,
    Range,
    Regexp,
    Wildcard,
)


def written(query: Query) -> str:
    text = _plain(query)
    return text if query.boost == 1.0 else f"{text}^{query.boost:g}"


def _plain(query: Query) -> str:  # noqa: C901 - one line for each node
    match query:
        case Match():
            return f"{query.field}:{_words(query.query)}"
        case MatchPhrase():
            return f'{query.field}:"{query.query}"' + (f"~{query.slop}" if query.slop else "")
        case MultiMatch():
            return f"{'|'.join(name for name, _ in query.fields)}:{query.type}:{_words(query.query)}"
        case Prefix():
            return f"{query.field}:{query.value}*"
        case Wildcard():
            return f"{query.field}:{query.value}"
        case Regexp():
            return f"{query.field}:/{query.value}/"
        case Fuzzy():
            distance = query.fuzziness.distance
            return f"{query.field}:{query.value}~{'AUTO' if distance is None else distance}"
        case Exists():
            return f"{query.field}:*"
        case Range():
            return f"{query.field}:{_range(query)}"
        case MatchAll():
            return "*:*"
        case MatchNone():
            return "nothing"
        case DisMax():
            return f"({' | '.join(map(written, query.queries))})"
        case Bool():
            signed = [(query.must, "+"), (query.should, ""), (query.must_not, "-")]
            return f"({' '.join(sign + written(one) for clauses, sign in signed for one in clauses)})"
    raise AssertionError(query)


def _words(text: object) -> str:
    return f"<{text}>" if " " in str(text) else str(text)


def _range(query: Range) -> str:
    low = query.gte if query.gte is not None else query.gt
    high = query.lte if query.lte is not None else query.lt
    opened, closed = "{" if query.gt is not None else "[", "}" if query.lt is not None else "]"
    return f"{opened}{'*' if low is None else low} TO {'*' if high is None else high}{closed}"
