"""The layout of a keystore: what was sealed comes back, and anything else is refused."""

from __future__ import annotations

import hashlib
import time

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.errors import DataError, IntegrityError
from isthmus.keystore.format import (
    MAX_COST,
    MAX_FILE_BYTES,
    MAX_PASSWORD_BYTES,
    MIN_COST,
    PASSWORD_COST,
    current_cost,
    read_header,
    seal,
    unseal,
)

WHERE = "conf/isthmus.keystore"
SECRET = "Zkq7pL0wXvB2"
VERSION_AT, FLAGS_AT, COST_AT, SIZE_AT, CONTENT_AT = 8, 9, 10, 39, 43


@given(
    values=st.dictionaries(st.text(min_size=1), st.text() | st.binary(), max_size=5),
    password=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
@settings(deadline=None, max_examples=50)
def test_what_was_sealed_comes_back(values: dict[str, str | bytes], password: str) -> None:
    assert unseal(seal(values, password, MIN_COST), password, WHERE) == values


def test_neither_names_nor_values_can_be_read_in_the_file() -> None:
    sealed = seal({"bootstrap.password": SECRET}, "", MIN_COST)
    assert SECRET.encode() not in sealed
    assert b"bootstrap" not in sealed


def test_the_same_content_never_makes_the_same_file() -> None:
    first, second = (seal({"a": "b"}, "pass", MIN_COST) for _ in range(2))
    assert first[VERSION_AT:COST_AT] == second[VERSION_AT:COST_AT]
    assert first[CONTENT_AT:] != second[CONTENT_AT:]


@pytest.mark.parametrize("password", ["", "hunter2"])
def test_every_single_flipped_bit_is_refused(password: str) -> None:
    sealed = seal({"k": SECRET}, password, MIN_COST)
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        # A flipped version cannot be told from a newer program's file, so it is named as one.
        expected = DataError if bit // 8 == VERSION_AT else IntegrityError
        with pytest.raises(expected) as caught:
            unseal(bytes(flipped), password, WHERE)
        assert SECRET not in str(caught.value)


def test_every_truncation_is_an_integrity_error() -> None:
    sealed = seal({"k": SECRET}, "", MIN_COST)
    for length in range(len(sealed)):
        with pytest.raises(IntegrityError):
            unseal(sealed[:length], "", WHERE)


def test_a_byte_too_many_is_an_integrity_error() -> None:
    with pytest.raises(IntegrityError, match="damaged"):
        unseal(seal({}, "", MIN_COST) + b"\0", "", WHERE)


@given(st.binary(max_size=200))
def test_anything_else_is_an_integrity_error(data: bytes) -> None:
    with pytest.raises(IntegrityError, match=WHERE):
        unseal(data, "", WHERE)


@pytest.mark.parametrize("cost", [0, MIN_COST - 1, MAX_COST + 1, 63, 255])
def test_a_cost_out_of_bounds_is_refused_before_it_is_paid(cost: int) -> None:
    sealed = bytearray(seal({}, "", MIN_COST))
    sealed[COST_AT] = cost
    begun = time.process_time()
    with pytest.raises(IntegrityError, match="damaged"):
        unseal(bytes(sealed), "", WHERE)
    assert time.process_time() - begun < 0.05


def test_a_size_that_lies_is_refused_before_the_derivation() -> None:
    sealed = bytearray(seal({}, "", MIN_COST))
    sealed[SIZE_AT:CONTENT_AT] = b"\xff\xff\xff\xff"
    with pytest.raises(IntegrityError, match="cut short"):
        read_header(bytes(sealed), WHERE)


def test_a_newer_format_is_refused_by_its_version() -> None:
    sealed = bytearray(seal({}, "", MIN_COST))
    sealed[VERSION_AT] = 2
    with pytest.raises(DataError, match=r"format version 2.*up to 1") as caught:
        unseal(bytes(sealed), "", WHERE)
    assert not isinstance(caught.value, IntegrityError)


def test_a_wrong_password_is_refused() -> None:
    sealed = seal({"k": SECRET}, "right", MIN_COST)
    for wrong in ("", "Right", "right "):
        with pytest.raises(IntegrityError, match="password is wrong"):
            unseal(sealed, wrong, WHERE)


def test_the_header_tells_whether_there_is_a_password() -> None:
    assert read_header(seal({}, "x", MIN_COST), WHERE).has_password
    assert not read_header(seal({}, "", MIN_COST), WHERE).has_password


def test_a_password_makes_the_derivation_cost_more() -> None:
    assert current_cost("x") == PASSWORD_COST > current_cost("") == MIN_COST


def test_a_keystore_that_would_be_too_large_to_read_is_not_made() -> None:
    with pytest.raises(DataError, match="grow beyond"):
        seal({"file": bytes(MAX_FILE_BYTES)}, "", MIN_COST)


@pytest.mark.parametrize("password", ["x" * (MAX_PASSWORD_BYTES + 1), "\ud800"])
def test_a_password_that_cannot_be_used_is_refused_and_not_told(password: str) -> None:
    with pytest.raises(DataError, match="the password is") as caught:
        seal({}, password, MIN_COST)
    assert password not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_layout_is_the_one_described() -> None:
    sealed = seal({"k": SECRET, "f": b"\xff"}, "pässword", MIN_COST)
    salt, nonce = sealed[11:27], sealed[27:39]
    assert sealed[:11] == b"ISTHMUSK" + bytes([1, 1, MIN_COST])
    assert int.from_bytes(sealed[39:43], "big") == len(sealed) - 43
    key = hashlib.scrypt("pässword".encode(), salt=salt, n=2**MIN_COST, r=8, p=3, dklen=32)
    content = AESGCM(key).decrypt(nonce, sealed[43:], sealed[:43])
    assert content == b"\x92\x81\xa1k\xac" + SECRET.encode() + b"\x81\xa1f\xc4\x01\xff"
