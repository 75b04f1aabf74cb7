"""Hashes are those that were published with MurmurHash3."""

from __future__ import annotations

import pytest

from isthmus.index.aggregating.partitions import murmur3


@pytest.mark.parametrize(
    ("text", "seed", "hashed"),
    [("", 0, 0), ("", 1, 0x514E28B7), ("test", 0, 0xBA6BD213), ("Hello, world!", 0, 0xC0363E43),
     ("The quick brown fox jumps over the lazy dog", 0, 0x2E4FF723)],
)  # fmt: skip
def test_a_text_has_its_published_hash(text: str, seed: int, hashed: int) -> None:
    assert murmur3(text.encode(), seed) & 0xFFFFFFFF == hashed
