"""Compressed bodies: read as Elasticsearch writes them, never expanded past the limit."""

from __future__ import annotations

import struct
import zlib

import lz4.block
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.wire.compression import DEFLATE, LZ4, compress, decompress
from isthmus.wire.errors import LimitExceededError, MalformedError
from tests.wire.memory import tracked_memory

MIB = 1024 * 1024
SCHEMES = pytest.mark.parametrize("scheme", [DEFLATE, LZ4])


def block(token: int, packed: bytes, plain_size: int, packed_size: int | None = None) -> bytes:
    size = len(packed) if packed_size is None else packed_size
    return struct.pack("<8sBiii", b"LZ4Block", token, size, plain_size, 0) + packed


END = block(0x16, b"", 0)


@given(
    st.one_of(st.binary(max_size=300), st.integers(0, 300_000).map(lambda n: b"abc" * n)),
    st.sampled_from([DEFLATE, LZ4]),
)
def test_every_body_survives(body: bytes, scheme: bytes) -> None:
    assert decompress(compress(body, scheme), MIB) == body


def test_an_lz4_stream_of_stored_and_packed_blocks_is_read() -> None:
    packed = lz4.block.compress(b"x" * 1000, store_size=False)
    stream = LZ4 + block(0x16, b"plain", 5) + block(0x26, packed, 1000) + END
    assert decompress(stream, MIB) == b"plain" + b"x" * 1000


def test_what_we_pack_another_lz4_reads() -> None:
    stream = compress(b"y" * 5000, LZ4)
    _, token, packed_size, plain_size, _ = struct.unpack_from("<8sBiii", stream, 4)
    assert token == 0x26
    assert lz4.block.decompress(stream[25 : 25 + packed_size], uncompressed_size=plain_size) == b"y" * 5000
    assert stream.endswith(END)


@SCHEMES
def test_a_body_of_exactly_the_limit_is_read(scheme: bytes) -> None:
    assert len(decompress(compress(b"z" * MIB, scheme), MIB)) == MIB


@SCHEMES
def test_a_bomb_is_refused_without_being_expanded(scheme: bytes) -> None:
    bomb = compress(b"\0" * (64 * MIB), scheme)
    assert len(bomb) < MIB
    with tracked_memory() as memory, pytest.raises(LimitExceededError, match="expand past"):
        decompress(bomb, MIB)
    assert memory.peak < 4 * MIB


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("an unknown scheme", b"ZST\0data"),
        ("no scheme", b"DF"),
        ("broken DEFLATE", DEFLATE + b"\xff\xff\xff"),
        ("DEFLATE cut short", compress(b"hello" * 100, DEFLATE)[:-3]),
        ("DEFLATE that goes on", compress(b"hello", DEFLATE) + b"more"),
        ("zlib in place of DEFLATE", DEFLATE + zlib.compress(b"hello")),
        ("LZ4 without its end", LZ4 + block(0x16, b"plain", 5)),
        ("LZ4 that goes on", LZ4 + END + b"more"),
        ("an LZ4 block of negative size", LZ4 + block(0x16, b"", -1)),
        ("an LZ4 block longer than the message", LZ4 + block(0x26, b"abc", 100, packed_size=1000)),
        ("an LZ4 block larger than its token says", LZ4 + block(0x10, b"x" * 2000, 2000) + END),
        ("a stored LZ4 block of two sizes", LZ4 + block(0x16, b"plain", 6) + END),
        ("a broken LZ4 block", LZ4 + block(0x26, b"\xff\xff\xff\xff", 500) + END),
        (
            "an LZ4 block that expands to less",
            LZ4 + block(0x26, lz4.block.compress(b"x" * 9, store_size=False), 10) + END,
        ),
        ("an LZ4 block of another method", LZ4 + block(0x36, b"abc", 3) + END),
        ("LZ4 with another magic", LZ4 + b"LZ4Bl0ck" + END[8:]),
    ],
)
def test_a_broken_body_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        decompress(data, MIB)


@given(st.binary(max_size=200), st.sampled_from([DEFLATE, LZ4, LZ4 + b"LZ4Block"]))
def test_no_bytes_make_it_fail_in_another_way(data: bytes, head: bytes) -> None:
    try:
        decompress(head + data, MIB)
    except MalformedError:
        return
