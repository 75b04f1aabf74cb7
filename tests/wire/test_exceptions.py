"""Errors on the wire: what Elasticsearch sends is understood, and what we send has the proven layout."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.exception_ids import IDS
from isthmus.wire.exceptions import RemoteException, decode_exception, encode_exception
from isthmus.wire.primitives import Writer

FIELDS = (
    *(1, 4, 8, 17, 23, 24, 30, 36, 39, 40, 41, 42, 45, 49, 50, 55, 57, 62, 66, 69, 71, 73, 76, 78, 79, 82, 88),
    *(96, 97, 99, 100, 101, 107, 114, 119, 120, 133, 143, 145, 149, 155, 162, 165, 170, 176, 183),
)
WHERE = "[n][127.0.0.1:9300][a]"


def own(
    number: int, reason: str, *, cause: bytes = b"\0", details: bytes = b"", metadata: dict[str, str] | None = None
) -> bytes:
    writer = Writer()
    writer.raw(b"\x01\x00")
    writer.vint(number)
    writer.optional(reason, writer.string)
    writer.raw(cause)
    writer.raw(b"\0\0\0")
    writer.map_of(metadata or {}, writer.string, lambda value: writer.list_of([value], writer.string))
    writer.raw(details)
    return bytes(writer)


def text(value: str) -> bytes:
    writer = Writer()
    writer.string(value)
    return bytes(writer)


def test_the_smallest_answer_that_elasticsearch_understands_is_read() -> None:
    data = (
        bytes.fromhex("0100")
        + b"\x67\x01"
        + text(WHERE)
        + b"\x01\x06\x01"
        + text("why")
        + b"\0\0\0"
        + b"\0\0"
        + b"\0\0"
    )
    found = decode_exception(data)
    assert (found.type, found.reason) == ("remote_transport_exception", WHERE)
    assert found.true_cause == RemoteException("illegal_argument_exception", "why", 400)


def test_what_we_send_is_the_wrapper_with_any_type_and_status() -> None:
    data = encode_exception(WHERE, "made_up_exception", 429, "slow down", metadata={"es.hint": ["wait"]})
    expected = own(
        103,
        WHERE,
        cause=own(
            62, "slow down", metadata={"es.hint": "wait"}, details=text("made_up_exception") + text("TOO_MANY_REQUESTS")
        ),
    )
    assert data == expected
    cause = decode_exception(data).true_cause
    assert (cause.type, cause.status, cause.reason) == ("made_up_exception", 429, "slow down")
    assert cause.metadata == {"es.hint": ["wait"]}


def test_a_missing_index_is_sent_in_its_own_layout() -> None:
    data = encode_exception(WHERE, "index_not_found_exception", 404, "no such index [x]", metadata={"es.index": ["x"]})
    assert data == own(103, WHERE, cause=own(16, "no such index [x]", metadata={"es.index": "x"}))


def test_a_missing_action_is_sent_in_its_own_layout() -> None:
    data = encode_exception(WHERE, "action_not_found_transport_exception", 400, "no handler", action="do/it")
    assert data == own(103, WHERE, cause=own(101, "no handler", details=b"\x01" + text("do/it")))
    assert decode_exception(data).true_cause.details == {"action": "do/it"}


def test_a_security_exception_has_the_status_it_was_sent_with() -> None:
    found = decode_exception(own(4, "action is unauthorized", details=text("FORBIDDEN")))
    assert (found.type, found.status) == ("security_exception", 403)


def test_a_search_failure_holds_its_shards() -> None:
    shard = b"\x01\x01" + bytes.fromhex("00000002") + b"n1" + text("logs") + text("uuid") + b"\x03\x00"
    failure = shard + text("boom") + text("BAD_REQUEST") + own(141, "bad query")
    found = decode_exception(own(100, "all shards failed", details=b"\x01" + text("query") + b"\x01" + failure))
    (first,) = found.details["failures"]
    assert first["shard"] == {"node": "n1", "index": "logs", "index_uuid": "uuid", "shard": 3, "cluster": None}
    assert (first["status"], first["cause"].type) == (400, "query_shard_exception")


@pytest.mark.parametrize(
    ("number", "details"),
    [
        (24, "0000000000000001" + "0161" + "00"),
        (40, "0000000100000002"),
        (42, "00000001" + "1400"),
        (49, "01" + "05" + "00" + "0161" + "020102" + "0100" + "09464f5242494444454e" + "00"),
        (55, "00"),
        (71, "010161"),
        (73, "010161010162"),
        (79, "0161"),
        (82, "010161"),
        (97, "03"),
        (119, "00"),
        (133, "00000000000000640000000000000032" + "01"),
        (143, "010161" + "0162" + "0163" + "01" + "000000010000000200000003"),
        (149, "00002710"),
        (183, "01"),
    ],
)
def test_fields_of_a_kind_are_read_to_their_end(number: int, details: str) -> None:
    found = decode_exception(own(number, "why", details=bytes.fromhex(details)))
    assert found.reason == "why"
    assert found.details


@pytest.mark.parametrize("number", sorted(set(IDS) - set(FIELDS)))
def test_every_kind_without_fields_of_its_own_is_read(number: int) -> None:
    found = decode_exception(own(number, "why"))
    assert (found.type, found.reason) == (IDS[number], "why")


def test_a_stack_and_what_was_suppressed_are_passed_over() -> None:
    frame = text("Class") + b"\x01" + text("File.java") + text("method") + b"\x2a"
    stack = b"\x01" + frame + b"\x01" + b"\x01\x04\x01" + text("inner") + b"\0\0"
    found = decode_exception(b"\x01\x0e\x01" + text("outer") + b"\0" + stack)
    assert (found.type, found.reason) == ("illegal_state_exception", "outer")


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        (1, b"\x01\x03bad\x01\x01f\0", "bad (resource=f)"),
        (2, b"\x01\x01f" + bytes(12), "version 0 of f is not between 0 and 0"),
        (3, b"\x01\x01f\x01" + bytes(12), "version 0 of f is not between 0 and 0"),
        (3, b"\x01\x01f\x00\x01\x03old", "f: old"),
        (13, b"\0\x01\x01f\0\x01\x04gone\0", "f: gone"),
        (18, b"\x01\x01\x04full", "full"),
    ],
)
def test_kinds_of_the_jdk_with_fields_are_read(kind: int, fields: bytes, reason: str) -> None:
    assert decode_exception(b"\x01" + bytes([kind]) + fields + b"\0\0").reason == reason


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("no exception", b"\0"),
        ("an unknown kind", b"\x01\x13\0\0\0"),
        ("an unknown id", own(1000, "why")),
        ("an id whose layout is not supported", own(17, "why")),
        ("an unknown status", own(4, "why", details=text("TEAPOT"))),
        ("bytes left over", own(68, "why") + b"\0"),
    ],
)
def test_a_broken_error_is_refused(what: str, data: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_exception(data)


def test_a_chain_of_thousands_of_causes_is_refused() -> None:
    with pytest.raises(LimitExceededError, match="causes"):
        decode_exception(b"\x01\x0e\x00" * 50_000 + b"\0")


def test_a_reason_of_megabytes_is_cut() -> None:
    assert len(encode_exception(WHERE, "x", 500, "y" * 10_000_000)) < 20_000


def test_half_a_character_in_a_reason_does_not_hide_the_error() -> None:
    assert decode_exception(encode_exception(WHERE, "x", 500, "bad \ud800")).true_cause.reason == "bad ?"


@given(st.text(max_size=20), st.integers(100, 599), st.text(max_size=200))
def test_every_error_we_send_can_be_read(type_name: str, status: int, reason: str) -> None:
    if type_name.isascii():
        assert decode_exception(encode_exception(WHERE, type_name, status, reason)).true_cause.reason is not None


@given(st.binary(max_size=100), st.sampled_from(sorted(IDS)))
@settings(max_examples=300)
def test_no_bytes_make_it_fail_in_another_way(data: bytes, number: int) -> None:
    for body in (data, own(number, "why", details=data)):
        try:
            decode_exception(body)
        except MalformedError:
            continue
