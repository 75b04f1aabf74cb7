"""Generic values: every type survives, and hostile ones are bounded."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.generic import (
    MAX_DEPTH,
    BytesRef,
    Date,
    Duration,
    GeoPoint,
    OffsetTime,
    Period,
    Text,
    ZonedDateTime,
    read_generic,
    write_generic,
)
from isthmus.wire.primitives import Reader, Writer

I32 = st.integers(-(2**31), 2**31 - 1)
I64 = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(allow_nan=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    FLOAT,
    TEXT,
    st.binary(max_size=20),
    st.builds(Date, I64),
    st.builds(GeoPoint, FLOAT, FLOAT),
    st.builds(ZonedDateTime, TEXT, I64, I32),
    st.builds(OffsetTime, TEXT, I64),
    st.builds(Duration, I64, I64),
    st.builds(Period, I32, I32, I32),
    st.builds(Text, TEXT),
    st.builds(BytesRef, st.binary(max_size=20)),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4))
)


def written(value: Any) -> bytes:
    writer = Writer()
    write_generic(writer, value)
    return bytes(writer)


def read(data: bytes) -> Any:
    reader = Reader(data)
    value = read_generic(reader)
    reader.expect_end()
    return value


@given(VALUES)
def test_every_value_survives_with_its_type(value: Any) -> None:
    assert repr(read(written(value))) == repr(value)


@given(st.sets(st.one_of(I64, TEXT), max_size=5))
def test_a_set_survives(value: set[Any]) -> None:
    assert read(written(value)) == value


@pytest.mark.parametrize(
    ("hexadecimal", "value"),
    [
        ("ff", None),
        ("0a00", {}),
        ("0900", {}),
        ("0a01000161010000002a", {"a": 42}),
        ("080201000000010200000000000000ff", [1, 255]),
        ("0b07", 7),
        ("10ffff", -1),
        ("110200000001ffffffff", [1, -1]),
        ("12010000000000000005", [5]),
        ("13013f800000", [1.0]),
        ("14013ff0000000000000", [1.0]),
        ("033f800000", 1.0),
        ("0e0141", b"A"),
        ("1801000161", {"a"}),
    ],
)
def test_types_that_only_elasticsearch_sends_are_read(hexadecimal: str, value: Any) -> None:
    assert read(bytes.fromhex(hexadecimal)) == value


@pytest.mark.parametrize("kind", [13, 30, 31, 200])
def test_an_unsupported_type_is_refused_by_its_number(kind: int) -> None:
    with pytest.raises(MalformedError, match=f"type {kind}"):
        read(bytes([kind, 0]))


def test_a_collection_as_a_key_is_refused() -> None:
    with pytest.raises(MalformedError, match="as a key"):
        read(bytes.fromhex("0a010700ff"))


@pytest.mark.parametrize("level", ["0701", "0801", "0a01ff", "1901"])
def test_deep_nesting_is_refused_before_the_stack_ends(level: str) -> None:
    with pytest.raises(LimitExceededError, match="nested"):
        read(bytes.fromhex(level) * 100_000 + b"\xff")


def test_deep_nesting_cannot_be_written() -> None:
    value: list[Any] = []
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(LimitExceededError):
        written(value)


@pytest.mark.parametrize("digits", ["1" * 1001, "1e5", "٣" * 1001, ""])
def test_a_big_integer_that_is_none_or_too_big_is_refused(digits: str) -> None:
    writer = Writer()
    writer.u8(26)
    writer.string(digits)
    with pytest.raises(MalformedError):
        read(bytes(writer))


def test_a_value_without_a_layout_cannot_be_written() -> None:
    with pytest.raises(MalformedError, match="complex"):
        written(1j)


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_fail_in_another_way(data: bytes) -> None:
    try:
        read(data)
    except MalformedError:
        return
