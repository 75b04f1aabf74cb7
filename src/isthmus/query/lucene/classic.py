r"""Lucene's classic grammar, for `query_string`.

AND, OR and NOT are no operators with a precedence: they say what the clauses beside them are. `a AND b` requires both,
`a OR b` leaves both optional, `NOT a` and `-a` prohibit, `+a` requires. Words in a row are analysed together.
"""

from __future__ import annotations

import re
from dataclasses import replace

from isthmus.query.errors import NumberFormatError, QueryArgumentError, TooManyClausesError
from isthmus.query.lucene.clauses import MAX_CLAUSES, MAX_DEPTH, Clause, Occur, combined
from isthmus.query.lucene.fields import AsNamed, Fields
from isthmus.query.lucene.terms import Terms, is_lenient
from isthmus.query.lucene.tokens import Token, syntax_error, tokens, unescaped
from isthmus.query.parsing.shapes import edits_of
from isthmus.query.tree import Fuzziness, Match, MatchNone, MultiMatch, Query, QueryString, Range

_ALONE = frozenset({":", "*", "~", "^", "AND", "OR"})
_BARE = frozenset({"TERM", "*", "PREFIX", "WILDCARD", "REGEXP", "BARE"})
_MAX_NUMBER = 1_000_000
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)


def parse_lucene(query: QueryString, default_fields: tuple[str, ...], known: Fields | None = None) -> Query:
    """Return the tree that the text of a `query_string` means; its boost and name stay outside.

    `default_fields` are searched where neither text nor query names a field; `known` is what is known of the index.
    Raises QuerySyntaxError, QueryArgumentError, TooManyClausesError.
    """
    if not query.query.strip():
        return MatchNone()
    return _Parser(query, default_fields, known or AsNamed()).parsed()


class _Parser:
    def __init__(self, query: QueryString, default_fields: tuple[str, ...], known: Fields) -> None:
        self._query = query
        self._text = query.query
        searched = query.fields or tuple((name, 1.0) for name in default_fields)
        self._terms = Terms(
            known=known,
            fields=searched,
            type=query.type,
            operator=query.default_operator,
            analyzer=query.analyzer,
            analyze_wildcard=query.analyze_wildcard,
            lenient=is_lenient(query, searched),
            tie_breaker=query.tie_breaker,
            time_zone=query.time_zone,
        )
        self._tokens = list(tokens(self._text))
        self._at = 0
        self._count = 0

    def parsed(self) -> Query:
        found = self._clauses(None, 0, minimum=self._query.minimum_should_match)
        if self._kind() != "END":
            raise self._unexpected()
        if isinstance(found, Match) or (isinstance(found, MultiMatch) and found.type == "cross_fields"):
            return replace(found, minimum_should_match=self._query.minimum_should_match)
        return found

    def _clauses(self, field: str | None, depth: int, *, minimum: str | None = None) -> Query:
        if depth > MAX_DEPTH:
            raise syntax_error(self._text, self._token().at, f"parentheses are deeper than {MAX_DEPTH}")
        clauses: list[Clause] = []
        signed = False
        while not clauses or self._kind() not in ("END", ")"):
            if self._is_word(0) and self._is_word(1):
                self._add_words(clauses, field, split=minimum is not None)
                continue
            conjunction = self._taken("AND", "OR") if clauses else ""
            sign = self._taken("PLUS", "MINUS", "NOT")
            signed = signed or bool(sign)
            self._add(clauses, conjunction, sign, self._clause(field, depth))
        if len(clauses) == 1 and not signed:
            return clauses[0][1]
        return combined(clauses, minimum)

    def _add_words(self, clauses: list[Clause], field: str | None, *, split: bool) -> None:
        """Words in a row: together, unless so many of them must match, which counts each in a single field."""
        words = []
        while self._is_word(0):
            token = self._take()
            words.append(unescaped(self._text, token, token.text))
        together = self._terms.text(field, " ".join(words))
        texts = words if split and isinstance(together, Match) else [" ".join(words)]
        for text in texts:
            self._add(clauses, "", "", self._terms.text(field, text))

    def _add(self, clauses: list[Clause], conjunction: str, sign: str, query: Query) -> None:
        self._count += 1
        if self._count > MAX_CLAUSES:
            raise TooManyClausesError(f"Query contains too many nested clauses; maxClauseCount is set to {MAX_CLAUSES}")
        all_required = self._terms.operator == "and"
        if clauses and clauses[-1][0] != "must_not":
            if conjunction == "AND":
                clauses[-1] = ("must", clauses[-1][1])
            elif conjunction == "OR" and all_required:
                clauses[-1] = ("should", clauses[-1][1])
        clauses.append((_occur(conjunction, sign, all_required=all_required), query))

    def _clause(self, field: str | None, depth: int) -> Query:
        if self._kind(1) == ":" and self._kind() in ("TERM", "*"):
            named = self._take()
            self._take()
            field = unescaped(self._text, named, named.text)
        if self._kind() == "(":
            self._take()
            inner = self._clauses(field, depth + 1)
            if self._take().kind != ")":
                raise self._unexpected(-1)
            return self._boosted(inner, self._boost())
        if self._kind() in ("[", "{"):
            bounds = self._range()
            return self._boosted(self._terms.range(field, bounds), self._boost())
        return self._term(field)

    def _term(self, field: str | None) -> Query:
        token = self._take()
        if token.kind not in _BARE and token.kind != "QUOTED":
            raise self._unexpected(-1)
        boost = self._boost()
        tilde = self._take().text if self._kind() == "~" else ""
        if boost is None:
            boost = self._boost()
        found = self._quoted(field, token, tilde) if token.kind == "QUOTED" else self._bare(field, token, tilde)
        return self._boosted(found, boost)

    def _quoted(self, field: str | None, token: Token, tilde: str) -> Query:
        text = unescaped(self._text, token, token.text[1:-1])
        if field == "_exists_":
            return self._terms.exists(text)
        # What is no number behind ~ is left out, as Lucene does.
        given = _NUMBER.fullmatch(tilde[1:])
        slop = self._query.phrase_slop if given is None else int(self._number(given[0], token))
        return self._terms.phrase(field, text, slop)

    def _bare(self, field: str | None, token: Token, tilde: str) -> Query:
        text = token.text
        if token.kind == "*":
            return self._terms.exists(field)
        if token.kind in ("PREFIX", "WILDCARD"):
            if text[0] in "*?" and not self._query.allow_leading_wildcard:
                raise syntax_error(self._text, token.at, "'*' or '?' not allowed as first character in WildcardQuery")
            if token.kind == "WILDCARD":
                return self._terms.wildcard(field, text)
            return self._terms.prefix(field, unescaped(self._text, token, text[:-1]))
        if token.kind == "REGEXP":
            return self._terms.regexp(field, text[1:-1].replace("\\/", "/"))
        plain = text[0] if token.kind == "BARE" else unescaped(self._text, token, text)
        if tilde:
            return self._terms.fuzzy(field, plain, self._fuzziness(tilde[1:], token))
        return self._plain(field, plain)

    def _plain(self, field: str | None, text: str) -> Query:
        if field == "_exists_":
            return self._terms.exists(text)
        if field is not None and len(text) > 1 and text[0] in "<>":
            return self._terms.range(field, _one_sided(text))
        return self._terms.text(field, text)

    def _fuzziness(self, text: str, token: Token) -> Fuzziness:
        given = self._query.fuzziness or Fuzziness()
        if not text:
            return given
        try:
            distance, low, high = edits_of(text)
        except (QueryArgumentError, NumberFormatError) as error:
            raise syntax_error(self._text, token.at, error.reason) from error
        return replace(given, distance=distance, auto_low=low, auto_high=high)

    def _range(self) -> Range:
        opened = self._take()
        low = self._bound()
        if self._take().kind != "TO":
            raise self._unexpected(-1)
        high = self._bound()
        closed = self._take()
        if closed.kind not in ("]", "}"):
            raise self._unexpected(-1)
        lower = Range(field="", gte=low) if opened.kind == "[" else Range(field="", gt=low)
        return replace(lower, lte=high) if closed.kind == "]" else replace(lower, lt=high)

    def _bound(self) -> str | None:
        token = self._take()
        if token.kind not in ("GOOP", "QUOTED", "TO"):
            raise self._unexpected(-1)
        if token.kind == "GOOP" and token.text == "*":
            return None
        text = token.text[1:-1] if token.kind == "QUOTED" else token.text
        return unescaped(self._text, token, text)

    def _boost(self) -> float | None:
        if not self._taken("^"):
            return None
        token = self._take()
        if token.kind != "NUMBER":
            raise self._unexpected(-1)
        return self._number(token.text, token)

    def _boosted(self, query: Query, boost: float | None) -> Query:
        return query if boost is None else replace(query, boost=query.boost * boost)

    def _number(self, text: str, token: Token) -> float:
        number = float(text[:400])
        if number > _MAX_NUMBER:
            raise syntax_error(self._text, token.at, f"[{text[:20]}] is more than {_MAX_NUMBER}")
        return number

    def _is_word(self, ahead: int) -> bool:
        return self._kind(ahead) == "TERM" and self._kind(ahead + 1) not in _ALONE

    def _token(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _kind(self, ahead: int = 0) -> str:
        return self._token(ahead).kind

    def _take(self) -> Token:
        token = self._token()
        self._at += 1
        return token

    def _taken(self, *kinds: str) -> str:
        return self._take().kind if self._kind() in kinds else ""

    def _unexpected(self, ahead: int = 0) -> Exception:
        token = self._token(ahead)
        found = f"[{token.text[:50]}]" if token.text else "the end"
        return syntax_error(self._text, token.at, f"{found} was not expected here")


def _occur(conjunction: str, sign: str, *, all_required: bool) -> Occur:
    if sign in ("MINUS", "NOT"):
        return "must_not"
    if all_required:
        return "should" if conjunction == "OR" else "must"
    return "must" if sign == "PLUS" or conjunction == "AND" else "should"


def _one_sided(text: str) -> Range:
    """`>5`, `>=5`, `<5`, `<=5`."""
    inclusive = len(text) > 2 and text[1] == "="
    bound = text[2:] if inclusive else text[1:]
    if text[0] == ">":
        return Range(field="", gte=bound) if inclusive else Range(field="", gt=bound)
    return Range(field="", lte=bound) if inclusive else Range(field="", lt=bound)
