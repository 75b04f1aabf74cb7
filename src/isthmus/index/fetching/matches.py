"""Where in a text stands what is sought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from isthmus.index.fetching.sought import Accepts, Sought
from isthmus.index.fetching.tokens import Token


class Found(NamedTuple):
    """A place that is highlighted, and the name of what was sought there."""

    start: int
    end: int
    name: str


def find(tokens: Sequence[Token], sought: Sequence[Sought]) -> list[Found]:
    """All places of what is sought, by where they begin."""
    places = {place for one in sought for place in places_of(tokens, one)}
    return sorted(places)


def places_of(tokens: Sequence[Token], sought: Sought) -> Iterator[Found]:
    if len(sought.terms) == 1:
        accepts = sought.terms[0]
        yield from (Found(token.start, token.end, sought.name) for token in tokens if accepts(token.term))
        return
    candidates = [positions_of(tokens, accepts) for accepts in sought.terms]
    for first in candidates[0]:
        chain = chain_from(first, candidates, sought)
        if chain:
            yield Found(min(token.start for token in chain), max(token.end for token in chain), sought.name)


def positions_of(tokens: Sequence[Token], accepts: Accepts) -> list[Token]:
    return [token for token in tokens if accepts(token.term)]


def chain_from(first: Token, candidates: Sequence[Sequence[Token]], sought: Sought) -> list[Token]:
    """The tokens of a phrase that begins with `first`; empty if there is none within the slop."""
    chain = [first]
    moves = 0
    for place, tokens in enumerate(candidates[1:], 1):
        wanted = first.position + sought.gaps[place] + (moves if chain[-1].position >= first.position else 0)
        unused = [token for token in tokens if token not in chain]
        nearest = min(unused, key=lambda token: abs(token.position - wanted), default=None)
        if nearest is None:
            return []
        moves += abs(nearest.position - wanted)
        if moves > sought.slop:
            return []
        chain.append(nearest)
    return chain
