"""A text cut into passages around what was found, as Lucene's unified highlighter does with sentences.

A passage is as many whole sentences as fit a size; a longer sentence is cut at words around the first find. Passages
are weighed as if each were a document, with BM25.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/highlighting.html#unified-highlighter
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log

from isthmus.index.fetching.matches import Found

K1, B, PIVOT = 1.2, 0.75, 87.0
SENTENCE = re.compile(
    r"""[.]+['")\]}»”’]*\s+(?=[^a-z])      # a full stop is the end of a sentence unless a small letter follows
      | [?!…。！？]+['")\]}»”’]*\s*
      | [\n\r\u2029\u0085]+\s*""",
    re.VERBOSE,
)
WORD = re.compile(r"\w+(?:[.'’:]\w+)*|.", re.DOTALL)


@dataclass(slots=True)
class Passage:
    """A part of a text, with what was found in it."""

    start: int
    end: int
    found: list[Found] = field(default_factory=list)
    score: float = 0.0


def passages(text: str, found: Sequence[Found], size: int) -> list[Passage]:
    """The passages of `text` that hold what was found, each with its score; a `size` of 0 takes whole sentences."""
    window = Window(text, size)
    made: list[Passage] = []
    for place in found:
        if not made or place.start >= made[-1].end:
            made.append(Passage(*window.around(place.start)))
        made[-1].found.append(place)
    for passage in made:
        passage.score = weigh(passage, len(text), Counter(place.name for place in found))
    return made


def weigh(passage: Passage, length: int, frequencies: Counter[str]) -> float:
    within = Counter(place.name for place in passage.found)
    sum_of_terms = sum(
        rarity(length, frequencies[name]) * saturation(count, passage.end - passage.start)
        for name, count in within.items()
    )
    return sum_of_terms * (1 + 1 / log(PIVOT + passage.start))


def rarity(length: int, frequency: int) -> float:
    documents = 1 + length / PIVOT
    return (K1 + 1) * log(1 + (documents + 0.5) / (frequency + 0.5))


def saturation(count: int, length: int) -> float:
    return count / (count + K1 * (1 - B + B * length / PIVOT))


def boundaries(text: str, pattern: re.Pattern[str]) -> list[int]:
    """Where the parts that end with a pattern begin and end, from 0 to the text's end."""
    return sorted({0, *(match.end() for match in pattern.finditer(text)), len(text)})


class Window:
    """Moves over a text from find to find; a window of sentences longer than `size` is cut at words."""

    def __init__(self, text: str, size: int) -> None:
        self.text = text
        self.size = size
        self.sentences = boundaries(text, SENTENCE)
        self.words = boundaries(text, WORD)
        self.start = self.end = -1  # of the sentences that are open
        self.cut = 0

    def around(self, offset: int) -> tuple[int, int]:
        """Where the passage that holds `offset` begins and ends."""
        if self.start <= offset < self.end:
            start, end = self.cut, self.end
        else:
            self.start, self.end = self.sentences_at(offset)
            start, end = self.start, self.end
        if self.size and end - start > self.size:
            start, end = self.narrowed(offset, start, end)
        self.cut = end
        return start, end

    def sentences_at(self, offset: int) -> tuple[int, int]:
        after = bisect_right(self.sentences, offset)
        start, end = self.sentences[after - 1], self.sentences[min(after, len(self.sentences) - 1)]
        for boundary in self.sentences[after + 1 :]:
            if not self.size or boundary - start > self.size:
                break
            end = boundary
        return start, end

    def narrowed(self, offset: int, start: int, end: int) -> tuple[int, int]:
        # The find begins at `offset`; Lucene counts from the character after it.
        behind = offset + 1
        if behind - self.size > start:
            start = max(start, self.words[bisect_left(self.words, behind - self.size) - 1])
        remaining = max(0, self.size - (behind - start))
        if behind + remaining < self.end:
            after = bisect_right(self.words, behind + remaining)
            end = min(self.end, self.words[min(after, len(self.words) - 1)])
        return start, end
