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
      | \u2029""",
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


def passages(values: Sequence[str], found: Sequence[Found], size: int) -> list[Passage]:
    """The passages that hold what was found, each with its score; a `size` of 0 takes whole values.

    Places count over all values, with one character between two; no passage goes over that.
    """
    made: list[Passage] = []
    start = 0
    for value in values:
        inside = [place for place in found if start <= place.start < start + len(value)]
        made += [moved(passage, start) for passage in of_value(value, [back(place, start) for place in inside], size)]
        start += len(value) + 1
    for passage in made:
        passage.score = weigh(passage, start - 1)
    return made


def of_value(value: str, found: Sequence[Found], size: int) -> list[Passage]:
    window = Window(value, size)
    made: list[Passage] = []
    for place in found:
        if not made or place.start >= made[-1].end:
            made.append(Passage(*window.around(place)))
        made[-1].found.append(place)
    return made


def moved(passage: Passage, by: int) -> Passage:
    return Passage(passage.start + by, passage.end + by, [back(place, -by) for place in passage.found])


def back(place: Found, by: int) -> Found:
    return Found(place.start - by, place.end - by, place.name)


def weigh(passage: Passage, length: int) -> float:
    """A passage's weight. All that is sought is taken as equally rare, and passages near the beginning are heavier."""
    within = Counter(place.name for place in passage.found)
    sum_of_terms = sum(saturation(count, passage.end - passage.start) for count in within.values())
    return rarity(length) * sum_of_terms * (1 + 1 / log(PIVOT + passage.start))


def rarity(length: int) -> float:
    documents = 1 + length / PIVOT
    return (K1 + 1) * log(1 + (documents - 0.5) / 1.5)


def saturation(count: int, length: int) -> float:
    return count / (count + K1 * (1 - B + B * length / PIVOT))


def boundaries(text: str, pattern: re.Pattern[str]) -> list[int]:
    """Where the parts that end with a pattern begin and end, from 0 to the text's end."""
    return sorted({0, *(match.end() for match in pattern.finditer(text)), len(text)})


class Window:
    """Moves over one value from find to find; a window of sentences longer than `size` is cut at words."""

    def __init__(self, text: str, size: int) -> None:
        self.length = len(text)
        self.size = size or len(text) or 1
        self.sentences = boundaries(text, SENTENCE)
        self.words = boundaries(text, WORD)
        self.window = (-1, -1)  # the sentences that are open
        self.reached = 0

    def around(self, place: Found) -> tuple[int, int]:
        """Where the passage that holds a find begins and ends: cut so that the middle of the find decides."""
        offset = max(place.start + 1, place.start + (place.end - place.start) // 2)
        if self.window[0] < offset < self.window[1]:
            start, end = self.reached, self.window[1]
        else:
            self.window = start, end = self.sentences_around(offset)
        if end - start > self.size:
            start, end = self.narrowed(offset, start, end)
        start, end = min(place.start, max(start, self.reached)), max(place.end, end)
        self.reached = end
        return start, end

    def sentences_around(self, offset: int) -> tuple[int, int]:
        start = last_before(self.sentences, offset)
        wanted = max(offset, start + self.size)
        end = self.length if wanted >= self.length else last_before(self.sentences, wanted + 1)
        return start, end if end > start else first_after(self.sentences, wanted)

    def narrowed(self, offset: int, start: int, end: int) -> tuple[int, int]:
        if offset - self.size > start:
            start = max(start, last_before(self.words, offset - self.size))
        wanted = max(offset, start + self.size)
        if wanted < self.window[1]:
            end = min(self.window[1], first_after(self.words, wanted))
        return start, end


def last_before(places: list[int], offset: int) -> int:
    return places[max(0, bisect_left(places, offset) - 1)]


def first_after(places: list[int], offset: int) -> int:
    return places[min(len(places) - 1, bisect_right(places, offset))]
