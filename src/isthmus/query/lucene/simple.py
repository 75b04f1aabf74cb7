"""The syntax of `simple_query_string`: `+ | - " * ( ) ~N`. What makes no sense is left out, never an error."""

from __future__ import annotations

from dataclasses import dataclass, replace

from isthmus.query.errors import QueryArgumentError, TooManyClausesError
from isthmus.query.lucene.clauses import MAX_CLAUSES, MAX_DEPTH, Clause, Occur, combined
from isthmus.query.lucene.fields import AsNamed, Fields
from isthmus.query.lucene.terms import Terms, is_lenient
from isthmus.query.tree import Bool, Fuzziness, MatchAll, MatchNone, Query, SimpleQueryString

_SPACE = " \t\n\r"
_MAX_EDITS = 2


def parse_simple(query: SimpleQueryString, default_fields: tuple[str, ...], known: Fields | None = None) -> Query:
    """Return the tree that the text of a `simple_query_string` means; its boost and name stay outside.

    Raises TooManyClausesError, and QueryArgumentError for text that is nested too deeply: both are bounds, not syntax.
    """
    if query.query.strip() == "*":
        return MatchAll()
    parser = _Parser(query, default_fields, known or AsNamed())
    found = parser.parsed(0, len(query.query), 0) or MatchNone()
    if isinstance(found, Bool) and query.minimum_should_match is not None:
        return replace(found, minimum_should_match=query.minimum_should_match)
    return found


@dataclass(slots=True)
class _Growing:
    """The tree of one pair of parentheses: clauses under one operator. A change of operator makes them one clause."""

    default: Occur
    clauses: list[Clause]
    operator: Occur | None = None
    pending: Occur | None = None
    changes: int = 0

    def add(self, query: Query) -> None:
        """Add a clause with the operator that stood before it."""
        if not self.clauses:
            self.clauses.append((self.default, query))
        else:
            operator = self.pending or self.default
            if operator != self.operator:
                self._turn(operator)
            self.clauses.append((operator, query))
        self.pending = None

    def tree(self) -> Query | None:
        """Return the tree, None if there is nothing in it."""
        if len(self.clauses) < 2:
            return self.clauses[0][1] if self.clauses else None
        return combined(self.clauses)

    def _turn(self, operator: Occur) -> None:
        self.changes += 1
        if self.changes > MAX_DEPTH:
            raise QueryArgumentError(f"[simple_query_string] changes between + and | more than {MAX_DEPTH} times")
        before = self.tree()
        self.clauses = [] if before is None else [(operator, before)]
        self.operator = operator


class _Parser:
    def __init__(self, query: SimpleQueryString, default_fields: tuple[str, ...], known: Fields) -> None:
        self._text = query.query
        self._flags = query.flags
        self._default: Occur = "must" if query.default_operator == "and" else "should"
        self._fuzziness = query.fuzziness or Fuzziness()
        searched = query.fields or tuple((name, 1.0) for name in default_fields)
        self._terms = Terms(
            known=known,
            fields=searched,
            type="most_fields",
            operator=query.default_operator,
            analyzer=query.analyzer,
            analyze_wildcard=query.analyze_wildcard,
            lenient=is_lenient(query, searched),
            tie_breaker=None,
        )
        self._closing = _pairs(self._text, escapes=self._on("ESCAPE"))
        self._ends = frozenset(
            character
            for flag, characters in (
                ("PHRASE", '"'),
                ("OR", "|"),
                ("AND", "+"),
                ("PRECEDENCE", "()"),
                ("WHITESPACE", _SPACE),
            )
            if self._on(flag)
            for character in characters
        )
        self._count = 0
        self._at = 0

    def parsed(self, start: int, end: int, depth: int) -> Query | None:
        """Return the tree of a part of the text."""
        if depth > MAX_DEPTH:
            raise QueryArgumentError(f"[simple_query_string] has parentheses deeper than {MAX_DEPTH}")
        growing = _Growing(self._default, [])
        negations = 0
        self._at = start
        while self._at < end:
            one = self._text[self._at]
            if one == "-" and self._on("NOT"):
                self._at += 1
                negations += 1
                continue
            found = self._piece(one, end, depth, growing)
            if found is not None:
                self._add(growing, found, negated=negations % 2 == 1)
            negations = 0
        return growing.tree()

    def _piece(self, one: str, end: int, depth: int, growing: _Growing) -> Query | None:
        if one not in self._ends:
            return self._word(end)
        if one == "(":
            return self._parentheses(end, depth, growing)
        if one == '"':
            return self._phrase(end, growing)
        self._at += 1
        if one in "+|" and growing.clauses and growing.pending is None:
            growing.pending = "must" if one == "+" else "should"
        return None

    def _add(self, growing: _Growing, query: Query, *, negated: bool) -> None:
        self._count += 1
        if self._count > MAX_CLAUSES:
            raise TooManyClausesError(f"Query contains too many nested clauses; maxClauseCount is set to {MAX_CLAUSES}")
        growing.add(combined([("must_not", query), ("should", MatchAll())]) if negated else query)

    def _parentheses(self, end: int, depth: int, growing: _Growing) -> Query | None:
        start = self._at + 1
        close = self._closing.get(self._at, end)
        if close >= end:
            self._at = start
            return None
        if close == start:
            growing.pending = None
        found = self.parsed(start, close, depth + 1)
        self._at = close + 1
        return found

    def _phrase(self, end: int, growing: _Growing) -> Query | None:
        start = self._at + 1
        text, close = self._until_quote(start, end)
        if close >= end:
            self._at = start
            return None
        self._at = close + 1
        if close == start:
            growing.pending = None
            return None
        slop = 0
        if self._on("NEAR") and self._text[self._at : self._at + 1] == "~" and self._at < end:
            slop = self._number(end) if self._at + 1 < end else 0
        return self._terms.phrase(None, text, slop)

    def _until_quote(self, start: int, end: int) -> tuple[str, int]:
        parts: list[str] = []
        at = start
        while at < end and self._text[at] != '"':
            if self._text[at] == "\\" and self._on("ESCAPE"):
                at += 1
            parts.append(self._text[at : min(at + 1, end)])
            at += 1
        return "".join(parts), at

    def _word(self, end: int) -> Query | None:
        parts: list[str] = []
        begins = False
        while self._at < end and (one := self._text[self._at]) not in self._ends:
            if one == "~" and parts and self._on("FUZZY"):
                return self._fuzzy("".join(parts), self._number(end))
            begins = one == "*" and bool(parts) and self._on("PREFIX")
            if one == "\\" and self._on("ESCAPE"):
                self._at += 1
            parts.append(self._text[self._at : min(self._at + 1, end)])
            self._at += 1
        self._at = min(self._at, end)
        text = "".join(parts)
        if not text:
            return None
        return self._terms.prefix(None, text[:-1]) if begins else self._terms.text(None, text)

    def _fuzzy(self, text: str, edits: int) -> Query:
        if edits == 0:
            return self._terms.text(None, text)
        return self._terms.fuzzy(None, text, replace(self._fuzziness, distance=min(edits, _MAX_EDITS)))

    def _number(self, end: int) -> int:
        """The number behind ~: none means 2, what is no number 0."""
        start = self._at + 1
        self._at = start
        while self._at < end and self._text[self._at] not in self._ends:
            self._at += 1
        digits = self._text[start : self._at]
        if not digits:
            return _MAX_EDITS
        return int(digits) if len(digits) < 10 and digits.isascii() and digits.isdigit() else 0

    def _on(self, flag: str) -> bool:
        return "ALL" in self._flags or flag in self._flags


def _pairs(text: str, *, escapes: bool) -> dict[int, int]:
    """Where each parenthesis that is opened is closed again."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and escapes:
            at += 1
        elif text[at] == "(":
            opened.append(at)
        elif text[at] == ")" and opened:
            pairs[opened.pop()] = at
        at += 1
    return pairs
