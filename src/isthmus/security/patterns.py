"""Patterns of names, as roles have them: `*`, `?`, a backslash before what is meant as such, `/expressions/`. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from isthmus.errors import UsageError
from isthmus.security.expressions import parse_expression
from isthmus.security.languages import ANY_CHARACTER, ANYTHING, NONE, Automaton, Tree, literal

_STAR: Final = object()
_ONE: Final = object()


class PatternError(UsageError):
    """A pattern that is none."""


class Patterns:
    """The names that at least one of some patterns matches. Raises PatternError, ExpressionError."""

    __slots__ = ("_automaton", "_exact", "_glob", "_prefixes", "given")

    def __init__(self, given: Collection[str]) -> None:
        self.given = tuple(dict.fromkeys(given))
        exact, prefixes, globs, expressions = set(), [], [], []
        for pattern in self.given:
            if pattern.startswith("/"):
                expressions.append(_expression(pattern))
                continue
            signs = tuple(_signs(pattern))
            if _STAR not in signs and _ONE not in signs:
                exact.add(_text(signs))
            elif signs.index(_STAR) == len(signs) - 1 if _ONE not in signs else False:
                prefixes.append(_text(signs[:-1]))
            else:
                globs.append(_regex(signs))
        self._exact = frozenset(exact)
        self._prefixes = tuple(prefixes)
        self._glob = re.compile("|".join(globs), re.DOTALL).match if globs else None
        self._automaton = Automaton(("or", tuple(expressions))) if expressions else None

    def matches(self, name: str) -> bool:
        """Whether a pattern matches all of `name`."""
        return (
            name in self._exact
            or name.startswith(self._prefixes)
            or (self._glob is not None and self._glob(name) is not None)
            or (self._automaton is not None and self._automaton.accepts(name))
        )


@lru_cache(maxsize=4096)
def patterns(*given: str) -> Patterns:
    """Return the patterns, compiled once."""
    return Patterns(given)


@lru_cache(maxsize=4096)
def covers(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    """Whether `wide` matches whatever `narrow` matches. Raises PatternError, ExpressionError, TooComplexError."""
    if "*" in wide:
        return True
    left = (pattern for pattern in narrow if pattern not in wide and not _is_one_of(pattern, wide))
    return all(contains(language(wide), language((pattern,))) for pattern in left)


@lru_cache(maxsize=4096)
def contains(wide: Tree, narrow: Tree) -> bool:
    """Whether a language has all that another has. Raises TooComplexError."""
    return Automaton(("and", (narrow, ("not", wide)))).is_empty()


def language(given: Collection[str]) -> Tree:
    """Return the names that at least one of some patterns matches, as a language."""
    return ("or", tuple(_tree(pattern) for pattern in given)) if given else NONE


def _is_one_of(pattern: str, wide: tuple[str, ...]) -> bool:
    """Whether a pattern is a mere name, and matched."""
    return not pattern.startswith("/") and not set(pattern) & set("*?\\") and patterns(*wide).matches(pattern)


def _tree(pattern: str) -> Tree:
    if pattern.startswith("/"):
        return _expression(pattern)
    trees = {_STAR: ANYTHING, _ONE: ANY_CHARACTER}
    return ("cat", tuple(literal(sign) if isinstance(sign, str) else trees[sign] for sign in _signs(pattern)))


def _expression(pattern: str) -> Tree:
    if len(pattern) == 1 or not pattern.endswith("/"):
        raise PatternError(f"pattern [{pattern[:100]}] begins with [/] as a regular expression and must end with [/]")
    return parse_expression(pattern[1:-1])


def _signs(pattern: str) -> Iterator[object]:
    escaped = False
    previous: object = None
    for one in pattern:
        sign: object = one
        if escaped:
            escaped = False
        elif one == "\\":
            escaped = True
            continue
        else:
            sign = {"*": _STAR, "?": _ONE}.get(one, one)
        if sign is not _STAR or previous is not _STAR:
            yield sign
        previous = sign
    if escaped:
        yield "\\"


def _text(signs: tuple[object, ...]) -> str:
    return "".join(str(sign) for sign in signs)


def _regex(signs: tuple[object, ...]) -> str:
    """Return a regular expression that never tries a part between two stars at a second place: it need not."""
    parts: list[str] = [""]
    for sign in signs:
        if sign is _STAR:
            parts.append("")
        else:
            parts[-1] += "." if sign is _ONE else re.escape(str(sign))
    first, *others = parts
    if not others:
        return rf"{first}\Z"
    middle = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    return rf"{first}{middle}.*{others[-1]}\Z"
