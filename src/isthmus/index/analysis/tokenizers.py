"""Tokenizers: where the tokens of a text begin and end. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/analysis-tokenizers.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import regex

Span = tuple[int, int]
"""Where a token begins and ends, in characters."""

MAX_TOKEN_LENGTH: Final = 255

# UAX #29 for ASCII: letters hold together over one of .:' between letters, digits over one of .,;' between digits,
# and underscores join both.
_ASCII_SEGMENT = r"(?:[A-Za-z]+(?:[.:'][A-Za-z]+)*|[0-9]+(?:[.,;'][0-9]+)*)+"
_ASCII_WORD: Final = re.compile(rf"_*{_ASCII_SEGMENT}(?:_+{_ASCII_SEGMENT})*_*")
_SIMPLE: Final = re.compile(r"_*[A-Za-z0-9][A-Za-z0-9_]*")
_JOINING: Final = re.compile(r"[A-Za-z0-9_][.:',;][A-Za-z0-9_]")

_EXTEND = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]*"
_LETTER = rf"(?:[\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]{_EXTEND})"
_NUMERIC = rf"(?:\p{{WB=Numeric}}{_EXTEND})"
_KATAKANA = rf"(?:\p{{WB=Katakana}}{_EXTEND})"
_UNDERSCORE = rf"(?:\p{{WB=ExtendNumLet}}{_EXTEND})"
_MID_LETTER = rf"(?:[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{_EXTEND})"
_MID_NUMBER = rf"(?:[\p{{WB=MidNum}}\p{{WB=MidNumLet}}\p{{WB=Single_Quote}}]{_EXTEND})"
_SEGMENT = rf"(?:(?:{_LETTER}(?:{_MID_LETTER}?{_LETTER})*|{_NUMERIC}(?:{_MID_NUMBER}?{_NUMERIC})*)+|{_KATAKANA}+)"
_PICTURE = r"(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F)(?:\p{Emoji_Modifier}|\uFE0F)*"
_WORD: Final = regex.compile(
    rf"{_UNDERSCORE}*{_SEGMENT}(?:{_UNDERSCORE}+{_SEGMENT})*{_UNDERSCORE}*"
    rf"|[\p{{Thai}}\p{{Lao}}\p{{Myanmar}}\p{{Khmer}}]+"
    rf"|[\p{{Han}}\p{{Hiragana}}]{_EXTEND}"
    rf"|\p{{Regional_Indicator}}{{2}}|[0-9#*]\uFE0F?\u20E3|{_PICTURE}(?:\u200D{_PICTURE})*",
    regex.V1,
)
_LETTERS: Final = regex.compile(r"\p{L}+")
_NOT_SPACE: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """`spans` gives the tokens of a text, `words` their texts alone, the fastest way. `gaps`: tokens may hold spaces,
    so that they must be joined by something else. `lowercases`: it changes letters too."""

    name: str
    spans: Callable[[str], Iterator[Span]]
    words: Callable[[str], Iterable[str]]
    gaps: bool = False
    lowercases: bool = False


def standard(max_token_length: int = MAX_TOKEN_LENGTH) -> Tokenizer:
    """Unicode's words (UAX #29), as Lucene has them: longer ones are cut."""

    def spans(text: str) -> Iterator[Span]:
        found = _ASCII_WORD.finditer(text) if text.isascii() else _WORD.finditer(text)
        return _cut((one.span() for one in found), max_token_length)

    def words(text: str) -> Iterable[str]:
        if not text.isascii():
            return (text[start:end] for start, end in spans(text))
        # Most texts join no words by a dot or a colon; what has none is split in a third of the time.
        found = (_ASCII_WORD if _JOINING.search(text) else _SIMPLE).findall(text)
        if found and len(max(found, key=len)) > max_token_length:
            return (text[start:end] for start, end in spans(text))
        return found

    return Tokenizer("standard", spans, words)


def by_pattern(name: str, pattern: re.Pattern[str] | regex.Pattern[str], *, gaps: bool = False) -> Tokenizer:
    """Return the tokenizer whose tokens are the matches of a pattern."""

    def spans(text: str) -> Iterator[Span]:
        return (one.span() for one in pattern.finditer(text) if one.end() > one.start())

    def words(text: str) -> Iterable[str]:
        return [word for word in pattern.findall(text) if word]

    return Tokenizer(name, spans, words, gaps)


def letter() -> Tokenizer:
    """Runs of letters."""
    return by_pattern("letter", _LETTERS)


def whitespace() -> Tokenizer:
    """What stands between spaces; longer than 255 characters it is cut."""

    def spans(text: str) -> Iterator[Span]:
        return _cut((one.span() for one in _NOT_SPACE.finditer(text)), MAX_TOKEN_LENGTH)

    def words(text: str) -> Iterable[str]:
        return (text[start:end] for start, end in spans(text))

    return Tokenizer("whitespace", spans, words)


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


def _cut(spans: Iterable[Span], longest: int) -> Iterator[Span]:
    for start, end in spans:
        for at in range(start, end, longest):
            yield at, min(end, at + longest)
