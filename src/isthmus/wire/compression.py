"""Compressed bodies (es-wire §1): four bytes name the scheme, then raw DEFLATE or LZ4-Java blocks.

Expansion is bounded: a body that would become larger than the limit is refused before that memory is spent.
"""

from __future__ import annotations

import struct
import zlib

from isthmus.wire.errors import LimitExceededError, MalformedError

DEFLATE = b"DFL\0"
LZ4 = b"LZ4\0"

_BLOCK = struct.Struct("<8sBiii")
_MAGIC = b"LZ4Block"
_STORED = 0x10
_PACKED = 0x20
_BLOCK_SIZE = 64 * 1024
_LEVEL = 6


def scheme_of(data: bytes | memoryview) -> bytes:
    """Return DEFLATE or LZ4; raises MalformedError for another scheme."""
    scheme = bytes(data[:4])
    if scheme not in (DEFLATE, LZ4):
        raise MalformedError(f"a compressed message has the unknown scheme {scheme!r}")
    return scheme


def compress(data: bytes | memoryview, scheme: bytes) -> bytes:
    """Return the body of a compressed message, scheme tag included."""
    if scheme == DEFLATE:
        squeeze = zlib.compressobj(wbits=-15)
        return DEFLATE + squeeze.compress(data) + squeeze.flush()
    blocks = [_pack(data[at : at + _BLOCK_SIZE]) for at in range(0, len(data), _BLOCK_SIZE)]
    return LZ4 + b"".join(blocks) + _block(_STORED, b"", 0)


def decompress(data: bytes | memoryview, limit: int) -> bytes:
    """Return the plain body. Raises LimitExceededError above `limit` bytes, MalformedError for anything broken."""
    if scheme_of(data) == DEFLATE:
        return _inflate(data[4:], limit)
    return _unpack(data[4:], limit)


def _inflate(data: bytes | memoryview, limit: int) -> bytes:
    stretch = zlib.decompressobj(wbits=-15)
    try:
        plain = stretch.decompress(data, limit + 1)
    except zlib.error as cause:
        raise MalformedError("a DEFLATE message is broken") from cause
    if len(plain) > limit:
        raise _too_large(limit)
    if not stretch.eof or stretch.unused_data:
        raise MalformedError("a DEFLATE message is cut short or goes on after its end")
    return plain


def _pack(chunk: bytes | memoryview) -> bytes:
    import lz4.block  # only peers that compress pay for the import

    packed: bytes = lz4.block.compress(chunk, store_size=False)
    if len(packed) < len(chunk):
        return _block(_PACKED, packed, len(chunk))
    return _block(_STORED, bytes(chunk), len(chunk))


def _block(method: int, stored: bytes, plain_size: int) -> bytes:
    return _BLOCK.pack(_MAGIC, method | _LEVEL, len(stored), plain_size, 0) + stored


def _unpack(data: bytes | memoryview, limit: int) -> bytes:
    plain: list[bytes] = []
    total = at = 0
    while True:
        if len(data) - at < _BLOCK.size:
            raise MalformedError("an LZ4 message is cut short")
        magic, token, packed_size, plain_size, _checksum = _BLOCK.unpack_from(data, at)
        at += _BLOCK.size
        _check_block(magic, token, packed_size, plain_size, len(data) - at)
        if plain_size == 0:
            break
        total += plain_size
        if total > limit:
            raise _too_large(limit)
        plain.append(_unpack_block(data[at : at + packed_size], token & 0xF0, plain_size))
        at += packed_size
    if at != len(data):
        raise MalformedError("an LZ4 message goes on after its end")
    return b"".join(plain)


def _check_block(magic: bytes, token: int, packed_size: int, plain_size: int, left: int) -> None:
    largest = 1 << ((token & 0x0F) + 10)
    sizes_fit = 0 <= packed_size <= left and 0 <= plain_size <= largest and (plain_size == 0) == (packed_size == 0)
    if magic != _MAGIC or token & 0xF0 not in (_STORED, _PACKED) or not sizes_fit:
        raise MalformedError("an LZ4 message holds a broken block")


def _unpack_block(stored: bytes | memoryview, method: int, plain_size: int) -> bytes:
    if method == _STORED:
        if len(stored) != plain_size:
            raise MalformedError("an LZ4 message holds a block of the wrong size")
        return bytes(stored)
    import lz4.block

    try:
        plain: bytes = lz4.block.decompress(stored, uncompressed_size=plain_size)
    except lz4.block.LZ4BlockError as cause:
        raise MalformedError("an LZ4 message holds a broken block") from cause
    if len(plain) != plain_size:
        raise MalformedError("an LZ4 message holds a block of the wrong size")
    return plain


def _too_large(limit: int) -> LimitExceededError:
    return LimitExceededError(f"a compressed message would expand past the limit of {limit} bytes")
