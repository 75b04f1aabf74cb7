"""One analyzer: what Tantivy is given of a text, and what comes of it there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import tantivy

from isthmus.index.analysis.filters import LETTERS, Filter
from isthmus.index.analysis.tokenizers import Tokenizer

POSITION_GAP: Final = 100
SPACE, UNIT = " ", "\x1f"
FILLER: Final = "\x1e"
# Tokens that may hold anything give up what stands between tokens for characters that no text has.
_AWAY: Final = {0x1E: "\ufdd0", 0x1F: "\ufdd1"}
_BACK: Final = {0xFDD0: "\x1e", 0xFDD1: "\x1f"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as `_analyze` shows it: offsets are characters of the text."""

    token: str
    start_offset: int
    end_offset: int
    type: str
    position: int


@dataclass(frozen=True)
class Analyzer:
    """A tokenizer and the filters that its tokens go through."""

    name: str
    tokenizer: Tokenizer
    filters: tuple[Filter, ...] = ()

    @cached_property
    def name_in_tantivy(self) -> str:
        """A name that says what the analyzer does: the same for two that do the same, whatever they are called."""
        told = "|".join([SPACE if not self.tokenizer.gaps else UNIT, *(one.definition for one in self.filters)])
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def joined(self, text: str) -> str:
        """Return the tokens of a text as Tantivy's side splits them again."""
        words = self.tokenizer.words(text)
        if self.tokenizer.gaps:
            words = (word.translate(_AWAY) for word in words)
        joined = self._joint.join(words)
        for rewrite in self._rewrites:
            joined = rewrite(joined)
        return joined

    def joined_values(self, texts: Sequence[str]) -> str:
        """Return the tokens of several values of one field, with a gap that no phrase reaches over."""
        return self.gap.join(map(self.joined, texts))

    @cached_property
    def gap(self) -> str:
        """What stands between the joined tokens of two values."""
        return self._joint.join(["", *[FILLER] * POSITION_GAP, ""])

    def in_tantivy(self) -> tantivy.TextAnalyzer:
        """Return what Tantivy does with the joined tokens."""
        splitter = tantivy.Tokenizer.regex(f"[^{UNIT}]+") if self.tokenizer.gaps else tantivy.Tokenizer.whitespace()
        builder = tantivy.TextAnalyzerBuilder(splitter).filter(tantivy.Filter.custom_stopword([FILLER]))
        for one in self.filters:
            if one.make is not None:
                builder = builder.filter(one.make())
        return builder.build()

    def normalized(self, text: str) -> str:
        """Return text as the filters write its letters; it is not split, and no word is left out or cut to a stem."""
        builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        for one in self.filters:
            if one.definition in LETTERS and one.make is not None:
                builder = builder.filter(one.make())
                text = text if one.rewrite is None else one.rewrite(text)
        return next(iter(builder.build().analyze(text.translate(_AWAY) if self.tokenizer.gaps else text)), text)

    def terms(self, text: str) -> list[tuple[int, str]]:
        """Return the terms of a text with their positions."""
        found = self._filtered(self.joined(text))
        return [(position, term) for position, term in found]

    def tokens(self, text: str) -> list[Token]:
        """Return the terms of a text with where they stand in it."""
        spans = list(self.tokenizer.spans(text))
        return [
            Token(term.translate(_BACK), *spans[position], self.tokenizer.kind(text[slice(*spans[position])]), position)
            for position, term in self._filtered(self.joined(text))
        ]

    @property
    def _joint(self) -> str:
        return UNIT if self.tokenizer.gaps else SPACE

    @cached_property
    def _rewrites(self) -> tuple[Callable[[str], str], ...]:
        return tuple(one.rewrite for one in self.filters if one.rewrite is not None)

    @cached_property
    def _tantivy(self) -> tantivy.TextAnalyzer:
        return self.in_tantivy()

    def _filtered(self, joined: str) -> list[tuple[int, str]]:
        return [(one.position, one.text) for one in self._tantivy.pre_tokenize(joined).tokens]
