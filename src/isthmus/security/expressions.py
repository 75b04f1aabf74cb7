"""Lucene's regular expressions, which roles may name indices and fields with, as languages. Pure.

Served: `. | ( ) [ ] * + ? {n,m} ~ & @ # " \\`. Intervals of numbers (`<1-9>`) and named classes are refused by name.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/regexp-syntax.html
"""

from __future__ import annotations

from typing import Final

from isthmus.errors import UsageError
from isthmus.security.languages import ANY_CHARACTER, ANYTHING, EMPTY, LAST, NONE, Ranges, Tree, literal

MAX_LENGTH: Final = 1_000
MAX_DEPTH: Final = 30
MAX_PARTS: Final = 5_000


class ExpressionError(UsageError):
    """A regular expression that is none, or that is not served."""


def parse_expression(text: str) -> Tree:
    """Return the language that an expression (without its slashes) describes. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"a regular expression has at most {MAX_LENGTH} characters")
    return _Reading(text).whole()


class _Reading:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._parts = 0

    def whole(self) -> Tree:
        tree = self._union()
        if self._at < len(self._text):
            raise self._wrong(f"there is a [{self._text[self._at]}] too many")
        return tree

    def _union(self) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._wrong(f"it is nested more than {MAX_DEPTH} deep")
        choices = [self._intersection()]
        while self._taken("|"):
            choices.append(self._intersection())
        self._depth -= 1
        return choices[0] if len(choices) == 1 else ("or", tuple(choices))

    def _intersection(self) -> Tree:
        sides = [self._sequence()]
        while self._taken("&"):
            sides.append(self._sequence())
        return sides[0] if len(sides) == 1 else ("and", tuple(sides))

    def _sequence(self) -> Tree:
        parts = []
        while self._more() and self._text[self._at] not in "|&)":
            parts.append(self._complement())
        return ("cat", tuple(parts))

    def _complement(self) -> Tree:
        complements = 0
        while self._taken("~"):
            complements += 1
        tree = self._repeated()
        return ("not", tree) if complements % 2 else tree

    def _repeated(self) -> Tree:
        before = self._parts
        tree = self._simple()
        while self._more() and self._text[self._at] in "*+?{":
            sign = self._next()
            if sign == "*":
                tree = ("star", tree)
            elif sign == "+":
                tree = ("cat", (tree, ("star", tree)))
            elif sign == "?":
                tree = ("or", (tree, EMPTY))
            else:
                tree = self._times(tree)
            self._count(self._parts - before)
        return tree

    def _times(self, tree: Tree) -> Tree:
        size = self._parts
        least = self._number()
        most: int | None = least
        if self._taken(","):
            most = None if self._peek() == "}" else self._number()
        if not self._taken("}") or (most is not None and most < least):
            raise self._wrong("the numbers in braces are wrong")
        copies = (least if most is None else most) + 1
        if copies * max(size, 1) > MAX_PARTS:
            raise self._wrong("it repeats too much")
        self._count(copies * max(size, 1))
        rest = (("star", tree),) if most is None else (("or", (tree, EMPTY)),) * (most - least)
        return ("cat", (tree,) * least + rest)

    def _simple(self) -> Tree:
        self._count(1)
        if not self._more():
            raise self._wrong("it ends too early")
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == '"':
            return literal(self._until('"'))
        if sign == "\\":
            return self._escaped()
        if sign == "<":
            raise self._wrong("intervals of numbers [<n-m>] are not supported")
        if sign in "*+?{":
            raise self._wrong(f"there is nothing before [{sign}]")
        return {".": ANY_CHARACTER, "@": ANYTHING, "#": NONE}.get(sign, literal(sign))

    def _group(self) -> Tree:
        if self._taken(")"):
            return EMPTY
        tree = self._union()
        if not self._taken(")"):
            raise self._wrong("a [(] is not closed")
        return tree

    def _escaped(self) -> Tree:
        sign = self._one("a character is expected after [\\]")
        if sign in "dDsSwW":
            raise self._wrong(f"the class [\\{sign}] is not supported")
        return literal(sign)

    def _class(self) -> Tree:
        negated = self._taken("^")
        ranges = [self._range()]
        while not self._taken("]"):
            ranges.append(self._range())
        return ("chars", _others(ranges) if negated else tuple(ranges))

    def _range(self) -> tuple[str, str]:
        low = self._of_class()
        if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
            self._next()
            high = self._of_class()
            if high < low:
                raise self._wrong(f"the range [{low}-{high}] is upside down")
            return low, high
        return low, low

    def _of_class(self) -> str:
        sign = self._one("a [[] is not closed")
        return self._one("a character is expected after [\\]") if sign == "\\" else sign

    def _until(self, end: str) -> str:
        close = self._text.find(end, self._at)
        if close < 0:
            raise self._wrong(f"a [{end}] is not closed")
        inside, self._at = self._text[self._at : close], close + 1
        return inside

    def _number(self) -> int:
        start = self._at
        while self._peek().isascii() and self._peek().isdigit():
            self._at += 1
        if not start < self._at <= start + 4:
            raise self._wrong("a small number is expected in braces")
        return int(self._text[start : self._at])

    def _count(self, parts: int) -> None:
        self._parts += parts
        if self._parts > MAX_PARTS:
            raise self._wrong("it repeats too much")

    def _more(self) -> bool:
        return self._at < len(self._text)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _one(self, otherwise: str) -> str:
        if not self._more():
            raise self._wrong(otherwise)
        return self._next()

    def _taken(self, sign: str) -> bool:
        if self._peek() == sign:
            self._at += 1
            return True
        return False

    def _wrong(self, what: str) -> ExpressionError:
        return ExpressionError(f"the regular expression [/{self._text[:100]}/] cannot be read: {what}")


def _others(ranges: list[tuple[str, str]]) -> Ranges:
    others, free = [], 0
    for low, high in sorted(ranges):
        if ord(low) > free:
            others.append((chr(free), chr(ord(low) - 1)))
        free = max(free, ord(high) + 1)
    if free <= ord(LAST):
        others.append((chr(free), LAST))
    return tuple(others)
