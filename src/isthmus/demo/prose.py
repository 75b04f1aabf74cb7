"""Paragraphs of invented prose: few words are frequent and many are rare, as in real text."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

Document = dict[str, Any]

PROSE_MAPPING: Document = {
    "properties": {
        "title": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
        "text": {"type": "text", "analyzer": "english", "fields": {"plain": {"type": "text"}}},
        "chapter": {"type": "integer"},
        "author": {"type": "keyword"},
    }
}

_SYLLABLES = ("ka", "lo", "mir", "ten", "dal", "ve", "ros", "in", "ber", "sha", "ou", "gri", "ne", "tum", "wal", "pe")
_FREQUENT_WORDS = (  # noqa: SIM905 - words are read, and counted, in lines
    "the of and to in a that was he it his with as for had is not her be on at by which but from they this were are all"
).split()
_COMMON_WORDS = (  # noqa: SIM905 - words are read, and counted, in lines
    "river mountain house garden winter summer morning evening letter window road forest stranger captain sailor "
    "widow brother mother horse lantern silver golden silent ancient weary running walked walking remembered "
    "remember waited waiting answered called carried carrying houses gardens letters stories story villages "
    "village storms stormy"
).split()


def prose(count: int, seed: int = 1) -> Iterator[Document]:
    """Return `count` paragraphs of prose in ten-paragraph chapters; the same seed gives the same."""
    chance = random.Random(seed)  # noqa: S311 - nothing is to be kept secret
    authors = [f"{_name(chance)} {_name(chance)}" for _ in range(12)]
    for number in range(count):
        yield {
            "title": " ".join(phrase(chance)).capitalize(),
            "text": " ".join(_sentence(chance) for _ in range(chance.randint(3, 9))),
            "chapter": number // 10 + 1,
            "author": chance.choice(authors),
        }


def phrase(chance: random.Random) -> list[str]:
    """Return two to four words that go together as well as any."""
    return [_frequent_first(chance, _COMMON_WORDS) for _ in range(chance.randint(2, 4))]


def _words(chance: random.Random, count: int) -> list[str]:
    kinds: Sequence[Sequence[str]] = (_FREQUENT_WORDS, _COMMON_WORDS, _RARE_WORDS)
    return [_frequent_first(chance, kind) for kind in chance.choices(kinds, (45, 40, 15), k=count)]


def _frequent_first(chance: random.Random, words: Sequence[str]) -> str:
    return words[int(len(words) * chance.random() ** 2)]


def _sentence(chance: random.Random) -> str:
    words = _words(chance, chance.randint(6, 22))
    if chance.random() < 0.3:
        words[len(words) // 2] += ","
    return " ".join(words).capitalize() + chance.choice("......?!")


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(2)).capitalize()


def _invented_words(count: int) -> list[str]:
    chance = random.Random(7)  # noqa: S311 - nothing is to be kept secret
    words = {"".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4))) for _ in range(count)}
    return sorted(words)


_RARE_WORDS = _invented_words(3000)
