"""Numbers, strings and collections: what is written is read, and what is broken or a lie is refused."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.primitives import TIME_UNITS, Reader, Writer

I32 = st.integers(-(2**31), 2**31 - 1)
I64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def written(write: Callable[[Writer], None]) -> bytes:
    writer = Writer()
    write(writer)
    return bytes(writer)


def read(data: bytes, take: Callable[[Reader], object]) -> object:
    reader = Reader(data)
    value = take(reader)
    reader.expect_end()
    return value


@given(I32)
def test_every_32_bit_number_survives_as_a_vint(value: int) -> None:
    assert read(written(lambda w: w.vint(value)), Reader.vint) == value


@given(st.integers(0, 2**63 - 1))
def test_every_positive_number_survives_as_a_vlong(value: int) -> None:
    assert read(written(lambda w: w.vlong(value)), Reader.vlong) == value


@given(I64)
def test_every_64_bit_number_survives_as_a_zlong(value: int) -> None:
    assert read(written(lambda w: w.zlong(value)), Reader.zlong) == value


@given(TEXT)
def test_every_text_survives_as_a_string_and_as_a_text(value: str) -> None:
    assert read(written(lambda w: w.string(value)), Reader.string) == value
    assert read(written(lambda w: w.text(value)), Reader.text) == value


@given(TEXT)
def test_a_string_is_laid_out_as_java_lays_it_out(value: str) -> None:
    units = [int.from_bytes(value.encode("utf-16-be")[at : at + 2], "big") for at in range(0, _units(value) * 2, 2)]
    expected = written(lambda w: w.vint(len(units))) + b"".join(_java_char(unit) for unit in units)
    assert written(lambda w: w.string(value)) == expected


def _units(value: str) -> int:
    return len(value.encode("utf-16-be")) // 2


def _java_char(unit: int) -> bytes:
    if unit < 0x80:
        return bytes([unit])
    if unit < 0x800:
        return bytes([0xC0 | unit >> 6, 0x80 | unit & 0x3F])
    return bytes([0xE0 | unit >> 12, 0x80 | unit >> 6 & 0x3F, 0x80 | unit & 0x3F])


@given(st.floats(allow_nan=False))
def test_every_double_survives(value: float) -> None:
    assert read(written(lambda w: w.f64(value)), Reader.f64) == value


def test_a_missing_score_is_the_float_that_elasticsearch_sends() -> None:
    assert written(lambda w: w.f32(math.nan)).hex() == "7fc00000"


@given(st.binary(max_size=100), st.one_of(st.none(), st.binary(max_size=100)))
def test_bytes_survive_with_and_without_null(value: bytes, optional: bytes | None) -> None:
    assert read(written(lambda w: w.byte_string(value)), Reader.byte_string) == value
    assert read(written(lambda w: w.optional_byte_string(optional)), Reader.optional_byte_string) == optional


@given(st.dictionaries(TEXT, I64))
def test_a_map_survives(value: dict[str, int]) -> None:
    data = written(lambda w: w.map_of(value, w.string, w.i64))
    assert read(data, lambda r: r.map_of(r.string, r.i64)) == value


@given(st.one_of(st.none(), st.booleans()))
def test_an_optional_boolean_is_one_byte(value: bool | None) -> None:
    data = written(lambda w: w.optional_boolean(value))
    assert len(data) == 1
    assert read(data, Reader.optional_boolean) == value


@given(I64, st.sampled_from(TIME_UNITS))
def test_a_time_survives(duration: int, unit: str) -> None:
    assert read(written(lambda w: w.time(duration, unit)), Reader.time) == (duration, unit)


@pytest.mark.parametrize(
    ("value", "hexadecimal"),
    [(-1, "ffffffff0f"), (0, "00"), (127, "7f"), (128, "8001"), (8841064, "e8ce9b04")],
)
def test_known_vints_have_their_bytes(value: int, hexadecimal: str) -> None:
    assert written(lambda w: w.vint(value)).hex() == hexadecimal


def test_thirty_seconds_have_their_bytes() -> None:
    assert written(lambda w: w.time(30, "s")).hex() == "3c03"


@pytest.mark.parametrize(
    ("what", "hexadecimal", "take"),
    [
        ("a boolean of 2", "02", Reader.boolean),
        ("an optional boolean of 3", "03", Reader.optional_boolean),
        ("a vint of six bytes", "ffffffffff01", Reader.vint),
        ("a vint of 35 bits", "ffffffff7f", Reader.vint),
        ("a vlong of ten bytes", "ffffffffffffffffff01", Reader.vlong),
        ("a zlong of 70 bits", "ffffffffffffffffff7f", Reader.zlong),
        ("a number that ends in the middle", "ff", Reader.vint),
        ("a string longer than the message", "0541", Reader.string),
        ("a string of negative length", "ffffffff0f41", Reader.string),
        ("a string with half a character", "01eda080", Reader.string),
        ("a string with an overlong character", "01c080", Reader.string),
        ("a string with a four-byte character", "02f09f9880", Reader.string),
        ("a string that ends in a character", "02c3", Reader.string),
        ("bytes longer than the message", "0241", Reader.byte_string),
        ("optional bytes longer than the message", "0341", Reader.optional_byte_string),
        ("optional bytes of negative length", "ffffffff0f", Reader.optional_byte_string),
        ("a text that is no UTF-8", "00000001ff", Reader.text),
        ("a text of negative length", "ffffffff", Reader.text),
        ("a list of two billion", "ffffffff07", lambda r: r.list_of(r.u8)),
        ("a key that comes twice", "020161000161 00", lambda r: r.map_of(r.string, r.u8)),
        ("an unknown unit of time", "0007", Reader.time),
        ("nothing where a number is due", "", Reader.i64),
    ],
)
def test_broken_bytes_are_refused(what: str, hexadecimal: str, take: Callable[[Reader], object]) -> None:
    with pytest.raises(MalformedError):
        take(Reader(bytes.fromhex(hexadecimal)))


def test_bytes_left_over_are_refused() -> None:
    with pytest.raises(MalformedError, match="1 bytes are left over"):
        read(b"\x00\x00", Reader.u8)


def test_a_map_of_more_than_the_bound_is_refused_before_it_is_built() -> None:
    data = written(lambda w: w.map_of({str(n): "" for n in range(11)}, w.string, w.string))
    with pytest.raises(LimitExceededError, match="11 entries"):
        Reader(data).bounded_map_of(lambda: pytest.fail("an entry was read"), 10)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_a_number_of_more_than_32_bits_cannot_be_written_as_vint(value: int) -> None:
    with pytest.raises(MalformedError):
        Writer().vint(value)


def test_half_a_character_cannot_be_written() -> None:
    with pytest.raises(MalformedError):
        Writer().string("\ud800")


@given(st.binary(max_size=60))
def test_no_bytes_make_a_reader_fail_in_another_way(data: bytes) -> None:
    for take in (Reader.string, Reader.vint, Reader.zlong, Reader.text, Reader.byte_string, Reader.time):
        try:
            take(Reader(data))
        except MalformedError:
            continue
