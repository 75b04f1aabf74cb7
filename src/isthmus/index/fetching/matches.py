"""Where in a text stands what is sought."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from isthmus.index.fetching.sought import Accepts, Sought
from isthmus.index.fetching.tokens import Token

Chain: TypeAlias = tuple[Token, ...]
MOST_TRIED = 5  # terms; of longer phrases only the nearest way is followed, as all ways may be very many


class Found(NamedTuple):
    """A place that is highlighted, and the name of what was sought there."""

    start: int
    end: int
    name: str


def find(tokens: Sequence[Token], sought: Sequence[Sought], *, each_term: bool = False) -> list[Found]:
    """All places of what is sought, by where they begin: a phrase as a whole, or `each_term` of it by itself."""
    places = {place for one in sought for place in places_of(tokens, one, each_term=each_term)}
    return sorted(places)


def places_of(tokens: Sequence[Token], sought: Sought, *, each_term: bool) -> list[Found]:
    if len(sought.terms) == 1:
        return [Found(token.start, token.end, sought.name) for token in positions_of(tokens, sought.terms[0])]
    candidates = [positions_of(tokens, accepts) for accepts in sought.terms]
    chains = [chain for first in candidates[0] for chain in chains_from((first,), candidates, sought, sought.slop)]
    if each_term:
        last = candidates[-1] if sought.prefix_last else []
        return [Found(token.start, token.end, token.term) for chain in (*chains, last) for token in chain]
    return [Found(*extent(chain), sought.name) for chain in shortest(chains)]


def shortest(chains: list[Chain]) -> list[Chain]:
    """The chains that hold no other whole."""
    extents = {extent(chain) for chain in chains}
    return [chain for chain in chains if not any(is_within(other, extent(chain)) for other in extents)]


def is_within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return inner != outer and outer[0] <= inner[0] and inner[1] <= outer[1]


def extent(chain: Chain) -> tuple[int, int]:
    return min(token.start for token in chain), max(token.end for token in chain)


def positions_of(tokens: Sequence[Token], accepts: Accepts) -> list[Token]:
    return [token for token in tokens if accepts(token.term)]


def chains_from(chain: Chain, candidates: Sequence[Sequence[Token]], sought: Sought, moves: int) -> Iterator[Chain]:
    """The phrases that begin with `chain`, their terms at most `moves` away from where they should stand."""
    if len(chain) == len(candidates):
        yield chain
        return
    wanted = chain[-1].position + sought.gaps[len(chain)] - sought.gaps[len(chain) - 1]
    ways = near(candidates[len(chain)], wanted, moves)
    if len(candidates) > MOST_TRIED:
        ways = sorted(ways, key=lambda token: abs(token.position - wanted))[:1]
    for token in ways:
        if token not in chain:
            yield from chains_from((*chain, token), candidates, sought, moves - abs(token.position - wanted))


def near(tokens: Sequence[Token], position: int, moves: int) -> Sequence[Token]:
    first = bisect_left(tokens, position - moves, key=lambda token: token.position)
    last = bisect_right(tokens, position + moves, key=lambda token: token.position)
    return tokens[first:last]
