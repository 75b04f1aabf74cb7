"""Sets of texts as regular languages, with complement and intersection, decided without backtracking. Pure.

An expression is a tree of tuples, made by the functions here. An Automaton reads a text by taking derivatives: what may
still follow after each character (Brzozowski, "Derivatives of Regular Expressions", 1964). States are made as texts
need them. Time grows with the length of the text, whatever the expression: names and expressions come from users.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from isthmus.errors import UsageError

Tree = tuple[Any, ...]
Ranges = tuple[tuple[str, str], ...]

MAX_TERMS: Final = 50_000
MAX_STEPS: Final = 20_000
LAST: Final = chr(0x10FFFF)

NONE: Final[Tree] = ("or", ())
EMPTY: Final[Tree] = ("cat", ())
ANY_CHARACTER: Final[Tree] = ("chars", (("\0", LAST),))
ANYTHING: Final[Tree] = ("star", ANY_CHARACTER)


class TooComplexError(UsageError):
    """A pattern that would need more memory or time than one may."""

    type = "too_complex_to_determinize_exception"


def literal(text: str) -> Tree:
    """Return the language of one text."""
    return ("cat", tuple(("chars", ((one, one),)) for one in text))


class Automaton:
    """Decides whether texts are of one language. Raises TooComplexError where that takes too much."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._begin()

    def accepts(self, text: str) -> bool:
        """Whether a text is of the language."""
        if len(self._terms) > MAX_TERMS // 2 or len(self._steps) > MAX_TERMS:
            self._begin()
        state, steps = self._start, self._steps
        for character in text:
            following = steps.get((state, character))
            state = self._step(state, character) if following is None else following
            if state == self._none:
                return False
        return self._nullable[state]

    def is_empty(self) -> bool:
        """Whether the language has no text at all."""
        seen, waiting, left = {self._start}, [self._start], MAX_STEPS
        while waiting:
            state = waiting.pop()
            if self._nullable[state]:
                return False
            alphabet = self._representatives(state)
            left -= len(alphabet)
            if left < 0:
                raise TooComplexError("the patterns are too complex to be compared")
            for character in alphabet:
                following = self._step(state, character)
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return True

    def _representatives(self, state: int) -> frozenset[str]:
        """Return one character at least of each run of characters that lead from a state to the same one."""
        known = self._leading.get(state)
        if known is None:
            known = self._leading[state] = frozenset(self._leading_of(*self._terms[state]))
        return known

    def _leading_of(self, kind: str, inner: Any) -> Iterator[str]:
        yield "\0"
        if kind == "chars":
            for low, high in inner:
                yield low
                if high < LAST:
                    yield chr(ord(high) + 1)
        elif kind in ("not", "star"):
            yield from self._representatives(inner)
        else:
            for part in inner:
                yield from self._representatives(part)
                if kind == "cat" and not self._nullable[part]:
                    return

    def _begin(self) -> None:
        self._terms: list[Tree] = []
        self._nullable: list[bool] = []
        self._ids: dict[Tree, int] = {}
        self._steps: dict[tuple[int, str], int] = {}
        self._leading: dict[int, frozenset[str]] = {}
        self._none = self._term(("or", ()))
        self._empty = self._term(("cat", ()))
        self._anything = self._term(("star", self._term(ANY_CHARACTER)))
        self._start = self._plant(self._tree)

    def _plant(self, tree: Tree) -> int:
        kind = tree[0]
        if kind == "chars":
            return self._term(tree)
        if kind == "cat":
            return self._cat([self._plant(one) for one in tree[1]])
        if kind in ("or", "and"):
            return self._set(kind, [self._plant(one) for one in tree[1]])
        inner = self._plant(tree[1])
        return self._not(inner) if kind == "not" else self._star(inner)

    def _step(self, state: int, character: str) -> int:
        known = self._steps.get((state, character))
        if known is None:
            known = self._steps[state, character] = self._derivative(state, character)
        return known

    def _derivative(self, state: int, character: str) -> int:
        kind, inner = self._terms[state]
        if kind == "chars":
            return self._empty if any(low <= character <= high for low, high in inner) else self._none
        if kind == "cat":
            return self._derivative_of_cat(inner, character)
        if kind in ("or", "and"):
            return self._set(kind, [self._step(one, character) for one in inner])
        if kind == "not":
            return self._not(self._step(inner, character))
        return self._cat([self._step(inner, character), state])

    def _derivative_of_cat(self, parts: tuple[int, ...], character: str) -> int:
        choices = []
        for number, part in enumerate(parts):
            choices.append(self._cat([self._step(part, character), *parts[number + 1 :]]))
            if not self._nullable[part]:
                break
        return self._set("or", choices)

    def _cat(self, parts: list[int]) -> int:
        if self._none in parts:
            return self._none
        flat: list[int] = []
        for part in parts:
            kind, inner = self._terms[part]
            flat.extend(inner if kind == "cat" else (part,))
        return flat[0] if len(flat) == 1 else self._term(("cat", tuple(flat)))

    def _set(self, kind: str, parts: list[int]) -> int:
        absorbing, neutral = self._none, self._anything
        if kind == "or":
            absorbing, neutral = neutral, absorbing
        flat: set[int] = set()
        for part in parts:
            inner_kind, inner = self._terms[part]
            flat.update(inner if inner_kind == kind else (part,))
        flat.discard(neutral)
        if absorbing in flat:
            return absorbing
        if not flat:
            return neutral
        return flat.pop() if len(flat) == 1 else self._term((kind, tuple(sorted(flat))))

    def _not(self, part: int) -> int:
        if part == self._none:
            return self._anything
        if part == self._anything:
            return self._none
        kind, inner = self._terms[part]
        return int(inner) if kind == "not" else self._term(("not", part))

    def _star(self, part: int) -> int:
        if part in (self._none, self._empty):
            return self._empty
        return part if self._terms[part][0] == "star" else self._term(("star", part))

    def _term(self, term: Tree) -> int:
        known = self._ids.get(term)
        if known is not None:
            return known
        if len(self._terms) >= MAX_TERMS:
            raise TooComplexError("the pattern is too complex")
        number = self._ids[term] = len(self._terms)
        self._terms.append(term)
        self._nullable.append(self._is_nullable(term))
        return number

    def _is_nullable(self, term: Tree) -> bool:
        kind, inner = term
        if kind in ("cat", "and"):
            return all(self._nullable[one] for one in inner)
        if kind == "or":
            return any(self._nullable[one] for one in inner)
        return kind == "star" or (kind == "not" and not self._nullable[inner])
