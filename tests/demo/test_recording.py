"""What the demo shows of the wire must be true: the look at the bytes, and the relay that takes them."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.demo.recording import TLS_CONTENT_TYPES, TLS_MAX_RECORD, Recording, Relay, tls_records
from tests.certificates import make_ca

RECORDS = st.builds(
    lambda kind, minor, body: bytes([kind, 3, minor]) + len(body).to_bytes(2) + body,
    st.sampled_from(sorted(TLS_CONTENT_TYPES)),
    st.integers(1, 4),
    st.binary(max_size=40),
)
JUNK = st.one_of(
    st.binary(min_size=1).filter(lambda junk: junk[0] not in TLS_CONTENT_TYPES),
    st.builds(lambda major, record: record[:1] + bytes([major]) + record[2:], st.sampled_from([0, 2, 4, 255]), RECORDS),
)


# Records


@given(st.lists(RECORDS, min_size=1, max_size=8))
def test_whole_records_are_counted(records: list[bytes]) -> None:
    assert tls_records(b"".join(records)) == len(records)


@given(st.lists(RECORDS, max_size=4), RECORDS, st.data())
def test_a_record_that_is_cut_short_is_no_tls(records: list[bytes], last: bytes, data: st.DataObject) -> None:
    kept = data.draw(st.integers(1, len(last) - 1))
    assert tls_records(b"".join(records) + last[:kept]) is None


@given(st.lists(RECORDS, max_size=4), JUNK)
def test_anything_else_among_records_is_no_tls(records: list[bytes], junk: bytes) -> None:
    assert tls_records(b"".join(records) + junk) is None


def test_nothing_is_no_tls() -> None:
    assert tls_records(b"") is None


@pytest.mark.parametrize(("length", "count"), [(TLS_MAX_RECORD, 1), (TLS_MAX_RECORD + 1, None)])
def test_a_record_has_a_greatest_length(length: int, count: int | None) -> None:
    assert tls_records(b"\x17\x03\x03" + length.to_bytes(2) + bytes(length)) == count


def test_what_openssl_writes_is_tls_and_hides_what_is_sent(tmp_path: Path) -> None:
    recording = _openssl_conversation(tmp_path, b"marker")
    assert recording.is_tls
    assert not recording.holds(b"marker")
    spoilt = Recording(recording.to_server, recording.to_client + b"marker")
    assert not spoilt.is_tls
    assert spoilt.holds(b"marker")


def _openssl_conversation(folder: Path, text: bytes) -> Recording:
    ca = make_ca()
    client = ssl.create_default_context(cadata=ca.certificate_pem.decode())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*ca.issue().write(folder))
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    recording = Recording()
    near_in, far_in = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(near_in, up, server_hostname="localhost")
    far = server.wrap_bio(far_in, down, server_side=True)
    for _ in range(3):
        for side in (near, far):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
            _carry(up, far_in, recording.to_server)
            _carry(down, near_in, recording.to_client)
    near.write(text)
    _carry(up, far_in, recording.to_server)
    assert far.read() == text
    return recording


def _carry(source: ssl.MemoryBIO, target: ssl.MemoryBIO, copy: bytearray) -> None:
    data = source.read()
    copy += data
    target.write(data)


# The relay


async def test_the_relay_carries_and_records_both_ways() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read(100)).upper())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    relay = Relay(*server.sockets[0].getsockname())
    reader, writer = await asyncio.open_connection(*await relay.start())
    writer.write(b"hello")
    assert await reader.read() == b"HELLO"
    writer.close()
    await writer.wait_closed()
    await relay.stop()
    server.close()
    assert (bytes(relay.recording.to_server), bytes(relay.recording.to_client)) == (b"hello", b"HELLO")
    assert len(relay.recording) == 10


async def test_the_relay_takes_connections_one_after_another_and_together() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(1))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    relay = Relay(*server.sockets[0].getsockname())
    address = await relay.start()

    async def ask(letter: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(letter)
        answer = await reader.read()
        writer.close()
        return answer

    assert await asyncio.gather(*(ask(letter) for letter in (b"a", b"b", b"c"))) == [b"a", b"b", b"c"]
    await relay.stop()
    server.close()
    assert sorted(relay.recording.to_client) == sorted(b"abc")
