"""Frames: cut out of any stream of pieces, bounded before they are complete, and foreign speech recognised."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.wire.compression import DEFLATE, LZ4
from isthmus.wire.decoder import FrameDecoder
from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.foreign import ForeignProtocolError, recognise
from isthmus.wire.frames import (
    COMPRESSED,
    ERROR,
    HANDSHAKE,
    PING,
    PING_BYTES,
    RESPONSE,
    Frame,
    FrameLimits,
    encode_handshake_request,
    encode_request,
    encode_response,
)
from isthmus.wire.version import TRANSPORT_VERSION
from tests.wire.memory import tracked_memory

LIMITS = FrameLimits(max_message=1024 * 1024, max_header=1024, max_header_entries=8)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEADERS = st.dictionaries(TEXT, TEXT, max_size=8)
BODIES = st.one_of(st.binary(max_size=100), st.integers(0, 90_000).map(lambda size: b"\xab" * size))
ID = st.integers(1, 2**63 - 1)


def request(
    request_id: int, action: str, body: bytes, headers: Mapping[str, str] | None = None, scheme: bytes | None = None
) -> bytes:
    return b"".join(encode_request(request_id, action, body, headers=headers or {}, scheme=scheme))


def frames(pieces: Iterable[bytes], limits: FrameLimits = LIMITS) -> list[Frame]:
    decoder = FrameDecoder(limits)
    return [frame for piece in pieces for frame in decoder.feed(piece)]


def fixed(length: int, *, status: int = 0, version: int = TRANSPORT_VERSION, header: int = 4) -> bytes:
    return struct.pack(">2siqBii", b"ES", length, 1, status, version, header)


@given(ID, TEXT, HEADERS, BODIES, st.sampled_from([None, DEFLATE, LZ4]))
@settings(max_examples=60)
def test_a_request_survives(
    request_id: int, action: str, headers: dict[str, str], body: bytes, scheme: bytes | None
) -> None:
    (frame,) = frames([request(request_id, action, body, headers, scheme)])
    assert (frame.request_id, frame.action, dict(frame.headers)) == (request_id, action, headers)
    assert bool(frame.status & COMPRESSED) == (scheme is not None)
    assert frame.plain_body(LIMITS) == body


@given(ID, st.dictionaries(TEXT, st.lists(TEXT, max_size=3), max_size=8), BODIES)
@settings(max_examples=40)
def test_a_response_survives(request_id: int, headers: dict[str, list[str]], body: bytes) -> None:
    (frame,) = frames([b"".join(encode_response(request_id, body, headers=headers))])
    assert (frame.request_id, frame.status, frame.action) == (request_id, RESPONSE, "")
    assert dict(frame.response_headers) == headers
    assert frame.body == body


@given(st.lists(st.tuples(ID, TEXT, BODIES), max_size=6), st.lists(st.integers(1, 200_000), min_size=1, max_size=50))
@settings(max_examples=60)
def test_frames_come_out_of_a_stream_however_it_is_cut(sent: list[tuple[int, str, bytes]], sizes: list[int]) -> None:
    stream = b"".join(request(*one) + PING_BYTES for one in sent)
    found = frames(_pieces(stream, sizes))
    assert [(f.request_id, f.action, bytes(f.body)) for f in found if f is not PING] == sent
    assert sum(frame is PING for frame in found) == len(sent)


def _pieces(stream: bytes, sizes: list[int]) -> Iterable[bytes]:
    at = 0
    while at < len(stream):
        for size in sizes:
            yield stream[at : at + size]
            at += size


def test_a_stream_may_come_byte_by_byte() -> None:
    stream = request(1, "a", b"x" * 100) + PING_BYTES + request(2, "b", b"")
    assert [frame.request_id for frame in frames(stream[at : at + 1] for at in range(len(stream)))] == [1, 0, 2]


def test_memory_grows_with_what_has_come_and_not_with_what_is_announced() -> None:
    limits = FrameLimits(max_message=1 << 30)
    with tracked_memory() as memory:
        decoders = [FrameDecoder(limits) for _ in range(20)]
        for decoder in decoders:
            assert list(decoder.feed(fixed(900_000_000) + b"\0\0\x01a" + b"x" * 100_000)) == []
    assert memory.peak < 20 * 500_000


def test_an_idle_decoder_takes_little_memory() -> None:
    with tracked_memory() as memory:
        decoders = [FrameDecoder(FrameLimits()) for _ in range(100)]
    assert memory.peak < len(decoders) * 20_000


def test_frames_that_nobody_asked_for_are_kept() -> None:
    decoder = FrameDecoder(LIMITS)
    sent = 0
    while sent < 300_000:
        data = request(sent + 1, "action", b"x" * 1000)
        room = decoder.get_buffer()
        assert room
        taken = min(len(room), len(data))
        room[:taken] = data[:taken]
        decoder.received(taken)
        if taken < len(data):
            rest = decoder.get_buffer()
            rest[: len(data) - taken] = data[taken:]
            decoder.received(len(data) - taken)
        sent += len(data)
    count = 0
    while (frame := decoder.next_frame()) is not None:
        assert frame.body == b"x" * 1000
        count += 1
    assert count == sent // len(data)
    assert not decoder.in_frame


def test_a_large_body_is_handed_over_without_a_copy_and_cannot_be_changed() -> None:
    (frame,) = frames([request(1, "a", b"x" * 500_000)])
    assert isinstance(frame.body, memoryview)
    assert frame.body.readonly


def test_the_tcp_handshake_request_has_the_recorded_header() -> None:
    frame = encode_handshake_request(1, "internal:tcp/handshake", bytes.fromhex("0004e8ce9b04"), 7170099)
    assert frame[23:46] == b"\0\0\0\x16internal:tcp/handshake"[:23]
    assert frame.hex().endswith("0004e8ce9b04")
    (decoded,) = frames([frame])
    assert (decoded.action, decoded.status, decoded.version) == ("internal:tcp/handshake", HANDSHAKE, 7170099)


def test_an_error_is_never_compressed() -> None:
    (frame,) = frames([b"".join(encode_response(1, b"why" * 100, status=ERROR, scheme=DEFLATE))])
    assert frame.status == RESPONSE | ERROR
    assert frame.body == b"why" * 100


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("a message of more than the limit", fixed(LIMITS.max_message + 1)),
        ("the same, seen after six bytes", fixed(LIMITS.max_message + 1)[:6]),
        ("a message of two gigabytes", fixed(2**31 - 1)),
        ("a header of more than the limit", fixed(100_000, header=LIMITS.max_header + 1)),
        (
            "a header map of thousands",
            request(1, "a", b"", {f"{n:x}": "" for n in range(200)}),
        ),
        (
            "a header map of thousands before a large body",
            request(1, "a", b"x" * 900_000, dict.fromkeys("abcdefghi", ""))[:400],
        ),
    ],
)
def test_what_is_too_large_is_refused_before_it_has_come(what: str, data: bytes) -> None:
    with pytest.raises(LimitExceededError):
        frames([data])


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("length 0", fixed(0)),
        ("length -2", fixed(-2)),
        ("a length too small for a header", fixed(16)),
        ("a header longer than the message", fixed(20, header=4)),
        ("a header of negative size", fixed(100, header=-1)),
        ("an unknown status bit", fixed(17, status=16, header=0)),
        ("a version that is not ours", fixed(17, version=8500061, header=0)),
        ("an old version without the handshake bit", fixed(17, version=7170099, header=0)),
        ("a handshake of an unknown header version", fixed(17, status=HANDSHAKE, version=8841063, header=0)),
        ("a header that ends early", fixed(18, header=1) + b"\0"),
        ("a header that goes on after its end", fixed(21, header=4) + b"\0\0\0\0"),
        ("garbage after a frame", PING_BYTES + b"GET / HTTP/1.1\r\n\r\n" + b"x" * 20),
    ],
)
def test_what_is_no_frame_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        frames([data])


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", "HTTP"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP"),
        (bytes.fromhex("160301020001000102030303") + b"\0" * 20, "TLS"),
        (bytes.fromhex("15030300020228"), "TLS"),
        (b"SSH-2.0-OpenSSH_9\r\n", "SSH"),
        (b"hello\r\n", "unknown"),
        (b"\0" * 30, "unknown"),
        (b"EX", "unknown"),
    ],
)
def test_another_protocol_is_recognised_however_it_is_cut(data: bytes, protocol: str) -> None:
    for pieces in ([data], [data[at : at + 1] for at in range(len(data))]):
        with pytest.raises(ForeignProtocolError) as caught:
            frames(pieces)
        assert caught.value.protocol == protocol


def test_too_few_bytes_are_not_judged() -> None:
    assert recognise(b"") is None
    assert recognise(b"GE") is None
    assert recognise(b"E") is None


@given(st.binary(min_size=1, max_size=200), st.integers(0, 200))
@settings(max_examples=300)
def test_no_bytes_make_the_decoder_fail_in_another_way(noise: bytes, at: int) -> None:
    good = bytearray(request(7, "internal:tcp/handshake", b"body", {"a": "b"}))
    good[at % len(good) : at % len(good) + len(noise)] = noise
    for data in (noise, bytes(good)):
        try:
            for frame in frames([data]):
                frame.plain_body(LIMITS)
        except MalformedError:
            continue
