"""Fragments of texts in which what was sought is marked: the unified highlighter's shape.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/highlighting.html
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from isthmus.index.fetching.matches import Found, find
from isthmus.index.fetching.passages import WORD, Passage, boundaries, passages
from isthmus.index.fetching.sought import Seeker, Sought
from isthmus.index.fetching.tokens import Token
from isthmus.index.fetching.values import text_of
from isthmus.index.fetching.view import FetchView
from isthmus.index.mapping.field import Field
from isthmus.query.search_request import HighlightField, SearchRequest

MAX_ANALYZED = 1_000_000
BREAK = "\u2029"  # between the values of a field; no passage goes over it
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;", "/": "&#x2F;"}


class Highlighter:
    """Highlights the fields that one request asks for; what is sought in each is found once for all hits."""

    def __init__(self, view: FetchView, request: SearchRequest) -> None:
        self.view = view
        self.asked = [
            (name, field, asked, self.sought(field, asked, request))
            for asked in request.highlight
            for name, field in view.matching(asked.pattern)
            if field.type != "flattened" and (field.column == "text" or field.type == "keyword")
        ]

    def sought(self, field: Field, asked: HighlightField, request: SearchRequest) -> list[Sought]:
        def matches(path: str) -> bool:
            found = self.view.matching(path)
            return not asked.require_field_match or any(other.path == field.path for _, other in found)

        query = self.view.expanded(asked.highlight_query or request.query)
        return list(Seeker(field, matches, self.view.analyse).of(query))

    def highlight(self, source: dict[str, Any]) -> dict[str, list[str]] | None:
        """The fragments of a document by field; None if there are none."""
        shown = {
            name: fragments
            for name, field, asked, sought in self.asked
            if (fragments := self.fragments(field, asked, sought, source))
        }
        return shown or None

    def fragments(self, field: Field, asked: HighlightField, sought: list[Sought], source: dict[str, Any]) -> list[str]:
        values = text_of(self.view, field, source)
        text = BREAK.join(values)[:MAX_ANALYZED]
        tokens = self.tokens(field, values)
        found = find(tokens, sought, each_term=not asked.require_field_match) if sought else []
        if not found:
            return [no_match(text, asked)] if asked.no_match_size and text else []
        return [marked(text, passage, asked) for passage in best(values, found, asked)]

    def tokens(self, field: Field, values: list[str]) -> list[Token]:
        """The tokens of all values; positions of one are far from those of the next."""
        tokens: list[Token] = []
        offset = position = 0
        for value in values:
            for token in self.of_value(field, value):
                start, end = token.start + offset, token.end + offset
                if end <= MAX_ANALYZED:
                    tokens.append(Token(token.term, token.position + position, start, end))
            offset += len(value) + 1
            position = tokens[-1].position + 101 if tokens else 0
        return tokens

    def of_value(self, field: Field, value: str) -> list[Token]:
        if field.column == "keyword":
            return [Token(value, 0, 0, len(value))]
        return list(self.view.analyse(field, value))


def best(values: list[str], found: list[Found], asked: HighlightField) -> list[Passage]:
    """The passages that are shown: the best by score, in the order of the text unless that of the score is asked."""
    if asked.number_of_fragments == 0:
        return whole(values, found)
    made = passages(values, found, asked.fragment_size)
    made.sort(key=lambda passage: (-passage.score, -passage.start))
    kept = made[: asked.number_of_fragments]
    return kept if asked.order_by_score else sorted(kept, key=lambda passage: passage.start)


def whole(values: list[str], found: list[Found]) -> list[Passage]:
    """Each value that something was found in."""
    made, start = [], 0
    for value in values:
        passage = Passage(start, start + len(value))
        passage.found = [place for place in found if passage.start <= place.start < passage.end]
        if passage.found:
            made.append(passage)
        start = passage.end + 1
    return made


def marked(text: str, passage: Passage, asked: HighlightField) -> str:
    """A passage's text with tags around what was found; where finds overlap, each character is marked once."""
    parts: list[str] = []
    reached = passage.start
    for start, end in merged(passage.found):
        inside = encoded(text[start:end], asked)
        parts += [encoded(text[reached:start], asked), asked.pre_tags[0], inside, asked.post_tags[0]]
        reached = end
    parts.append(encoded(text[reached : max(reached, passage.end)], asked))
    return "".join(parts).strip()


def merged(found: list[Found]) -> list[tuple[int, int]]:
    """The places with those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for place in found:
        if joined and place.start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], place.end))
        else:
            joined.append((place.start, place.end))
    return joined


def no_match(text: str, asked: HighlightField) -> str:
    """The beginning of a text in which nothing was found, to the end of the word at `no_match_size`."""
    first = text.split(BREAK, 1)[0]
    if asked.no_match_size >= len(first):
        return encoded(first, asked)
    words = boundaries(first, WORD)
    end = words[min(bisect_right(words, asked.no_match_size), len(words) - 1)]
    return encoded(first[:end], asked).strip()


def encoded(text: str, asked: HighlightField) -> str:
    if asked.encoder == "default":
        return text
    return "".join(ESCAPES.get(character, character) for character in text)
