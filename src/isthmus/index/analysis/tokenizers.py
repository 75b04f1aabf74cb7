"""Tokenizers: where the tokens of a text begin and end. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/analysis-tokenizers.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import regex

from isthmus.index.analysis.word_breaks import ASCII_WORD, WORD, kind

Span = tuple[int, int]
"""Where a token begins and ends, in characters."""

MAX_TOKEN_LENGTH: Final = 255

_SIMPLE: Final = re.compile(r"_*[A-Za-z0-9][A-Za-z0-9_]*")
_JOINING: Final = re.compile(r"[A-Za-z0-9_][.:',;][A-Za-z0-9_]")
_JOINS: Final = re.compile(r"[.:',;]")
_LETTERS: Final = regex.compile(r"\p{L}+")
# What Java calls white space: no-break spaces and U+0085 are none.
_NOT_SPACE: Final = re.compile(r"[^\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+")


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """`spans` gives the tokens of a text, `words` their texts alone, the fastest way. `gaps`: tokens may hold spaces,
    so that they must be joined by something else. `lowercases`: it changes letters too. `kind` is a token's type."""

    name: str
    spans: Callable[[str], Iterator[Span]]
    words: Callable[[str], Iterable[str]]
    gaps: bool = False
    lowercases: bool = False
    kind: Callable[[str], str] = lambda _: "word"


def standard(max_token_length: int = MAX_TOKEN_LENGTH) -> Tokenizer:
    """Unicode's words (UAX #29), as Lucene has them: longer ones are cut."""

    def spans(text: str) -> Iterator[Span]:
        return _scanned(ASCII_WORD if text.isascii() else WORD, text, max_token_length)

    def words(text: str) -> Iterable[str]:
        if not text.isascii():
            return (text[start:end] for start, end in spans(text))
        # Most texts join no words by a dot or a colon; what has none is split in a third of the time.
        found = (ASCII_WORD if _JOINS.search(text) and _JOINING.search(text) else _SIMPLE).findall(text)
        if len(text) > max_token_length and found and len(max(found, key=len)) > max_token_length:
            return (text[start:end] for start, end in spans(text))
        return found

    return Tokenizer("standard", spans, words, kind=kind)


def letter() -> Tokenizer:
    """Runs of letters; longer than 255 characters they are cut."""
    return _runs_of("letter", _LETTERS)


def whitespace() -> Tokenizer:
    """What stands between spaces; longer than 255 characters it is cut."""
    return _runs_of("whitespace", _NOT_SPACE)


def keyword() -> Tokenizer:
    """The whole text as one token."""

    def spans(text: str) -> Iterator[Span]:
        return iter([(0, len(text))] if text else [])

    def words(text: str) -> Iterable[str]:
        return [text] if text else []

    return Tokenizer("keyword", spans, words, gaps=True)


def ngram(least: int, most: int, *, edge: bool, kept: Callable[[str], bool] | None) -> Tokenizer:
    """Pieces of `least` to `most` characters, of whole runs of characters that are `kept`; `edge`: beginnings alone."""

    def spans(text: str) -> Iterator[Span]:
        for start, end in _runs(text, kept):
            for at in [start] if edge else range(start, end):
                for size in range(least, most + 1):
                    if at + size <= end:
                        yield at, at + size

    def words(text: str) -> Iterable[str]:
        return [text[start:end] for start, end in spans(text)]

    return Tokenizer("edge_ngram" if edge else "ngram", spans, words, gaps=True)


def _runs(text: str, kept: Callable[[str], bool] | None) -> Iterator[Span]:
    if kept is None:
        yield 0, len(text)
        return
    start: int | None = None
    for at, one in enumerate(text):
        if kept(one):
            start = at if start is None else start
        elif start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, len(text)


def _runs_of(name: str, pattern: re.Pattern[str] | regex.Pattern[str]) -> Tokenizer:
    def spans(text: str) -> Iterator[Span]:
        return _cut((one.span() for one in pattern.finditer(text)), MAX_TOKEN_LENGTH)

    def words(text: str) -> Iterable[str]:
        return (text[start:end] for start, end in spans(text))

    return Tokenizer(name, spans, words)


def _scanned(pattern: re.Pattern[str] | regex.Pattern[str], text: str, longest: int) -> Iterator[Span]:
    """The matches of a pattern. One that is too long ends where it may, and what is left is looked at anew."""
    at = 0
    while (found := pattern.search(text, at)) is not None:
        start, end = found.span()
        if (end - start) * 2 > longest:
            window = _window(text, start, end, longest)
            if window < end:
                shorter = pattern.match(text, start, window)
                start, end = (start, window) if shorter is None else shorter.span()
        yield start, end
        at = end


def _window(text: str, start: int, end: int, longest: int) -> int:
    """How far `longest` UTF-16 units reach, at most to `end`: Lucene counts those."""
    end = min(end, start + longest)
    while end > start + 1 and len(text[start:end].encode("utf-16-le", "surrogatepass")) > 2 * longest:
        end -= 1
    return end


def _cut(spans: Iterable[Span], longest: int) -> Iterator[Span]:
    for start, end in spans:
        for at in range(start, end, longest):
            yield at, min(end, at + longest)
