"""In which part of several a value falls: by the same hashes as Elasticsearch's, so that pages go on anywhere. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-terms-aggregation.html
https://github.com/aappleby/smhasher/wiki/MurmurHash3
"""

from __future__ import annotations

SEED = 31
_WORD = 0xFFFFFFFF
_LONG = (1 << 64) - 1


def is_in_partition(value: str | int, number: int, of: int) -> bool:
    """Whether a value falls in part `number`."""
    hashed = murmur3(value.encode(), SEED) if isinstance(value, str) else mixed(value)
    return hashed % of == number


def murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3 of 32 bits, as a signed number."""
    state = seed
    for at in range(0, len(data) - 3, 4):
        state ^= _scrambled(int.from_bytes(data[at : at + 4], "little"))
        state = (_turned(state, 13) * 5 + 0xE6546B64) & _WORD
    state ^= _scrambled(int.from_bytes(data[len(data) // 4 * 4 :], "little"))
    state ^= len(data)
    state = ((state ^ state >> 16) * 0x85EBCA6B) & _WORD
    state = ((state ^ state >> 13) * 0xC2B2AE35) & _WORD
    state ^= state >> 16
    return state - (1 << 32) if state >> 31 else state


def _scrambled(word: int) -> int:
    return (_turned(word * 0xCC9E2D51 & _WORD, 15) * 0x1B873593) & _WORD


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & _WORD


def mixed(value: int) -> int:
    """The mixed bits of a long, as a signed number."""
    state = value & _LONG
    state = ((state ^ state >> 32) * 0x4CD6944C5CC20B6D) & _LONG
    state = ((state ^ state >> 29) * 0xFC12C5B19D3259E9) & _LONG
    state ^= state >> 32
    return state - (1 << 64) if state >> 63 else state
