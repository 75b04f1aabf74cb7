"""The tokens of Lucene's classic syntax: the longest that fits wins, the earlier of two that are equally long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from isthmus.query.errors import QuerySyntaxError

_START = r"""(?:[^ \t\n\r\u3000+\-!():^\[\]"{}~*?\\/]|\\.)"""
_INSIDE = rf"(?:{_START}|[-+])"
_PLAIN = (
    ("AND", r"AND|&&"),
    ("OR", r"OR|\|\|"),
    ("NOT", r"NOT|!"),
    ("PLUS", r"\+"),
    ("MINUS", r"-"),
    ("BARE", r"[-+!][ \t\n\r\u3000]"),
    ("(", r"\("),
    (")", r"\)"),
    (":", r":"),
    ("*", r"\*"),
    ("^", r"\^"),
    ("QUOTED", r'"(?:[^"\\]|\\.)*"'),
    ("TERM", rf"{_START}{_INSIDE}*"),
    ("~", rf"~{_INSIDE}*"),
    ("PREFIX", rf"{_START}{_INSIDE}*\*"),
    ("WILDCARD", rf"(?:{_START}|[*?])(?:{_INSIDE}|[*?])*"),
    ("REGEXP", r"/(?:[^/\\]|\\.)*/"),
    ("[", r"\["),
    ("{", r"\{"),
)
_BOOST = (("NUMBER", r"[0-9]+(?:\.[0-9]+)?"),)
_RANGE = (("TO", r"TO"), ("]", r"\]"), ("}", r"\}"), ("QUOTED", r'"(?:[^"\\]|\\.)*"'), ("GOOP", r"[^ \]}]+"))


def _compiled(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(expression, re.DOTALL)) for kind, expression in rules)


_RULES = {"plain": _compiled(_PLAIN), "boost": _compiled(_BOOST), "range": _compiled(_RANGE)}
_NEXT_STATE = {"^": "boost", "NUMBER": "plain", "[": "range", "{": "range", "]": "plain", "}": "plain"}
_SPACE = re.compile(r"[ \t\n\r\u3000]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, how it stands there, and where."""

    kind: str
    text: str
    at: int


def syntax_error(query: str, at: int, problem: str) -> QuerySyntaxError:
    """Return the error for something wrong at a place (from 0) of a query's text."""
    return QuerySyntaxError(f"Failed to parse query [{query[:200]}]", where=f"character {at + 1}", hint=problem)


def tokens(query: str) -> Iterator[Token]:
    """Yield the tokens of a query's text, and an END. Raises QuerySyntaxError."""
    state, at = "plain", _after_space(query, 0)
    while at < len(query):
        token = _longest(query, at, state)
        yield token
        state = _NEXT_STATE.get(token.kind, state)
        at = _after_space(query, at + len(token.text))
    yield Token("END", "", len(query))


def unescaped(query: str, token: Token, text: str) -> str:
    r"""Return a token's text without its escapes: `\:` is a colon, `\u00e9` an é. Raises QuerySyntaxError."""

    def plain(escape: re.Match[str]) -> str:
        if escape[1] is None and escape[2] == "u":
            raise syntax_error(query, token.at, r"\u needs four hexadecimal digits")
        character = chr(int(escape[1], 16)) if escape[1] else escape[2]
        if "\ud800" <= character <= "\udfff":
            raise syntax_error(query, token.at, "half of a surrogate pair is no character")
        return str(character)

    return _ESCAPE.sub(plain, text)


def _after_space(query: str, at: int) -> int:
    space = _SPACE.match(query, at)
    return at if space is None else space.end()


def _longest(query: str, at: int, state: str) -> Token:
    best = Token("", "", at)
    for kind, rule in _RULES[state]:
        found = rule.match(query, at)
        if found is not None and len(found[0]) > len(best.text):
            best = Token(kind, found[0], at)
    if not best.text:
        raise syntax_error(query, at, f"[{query[at]}] has no meaning here; escape it with a backslash")
    return best
