"""Keystores that real Elasticsearch wrote (tests/data/keystores/README.md) are read, and nothing else is."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import DataError, IntegrityError, IsthmusError, PasswordError
from isthmus.keystore.elasticsearch import VERSIONS, read_sealed, unseal

KEYSTORES = Path(__file__).parent.parent / "data" / "keystores"
PASSWORD = "test-password"
EXPECTED = {
    "bootstrap.password": b"changeme",
    "xpack.security.transport.ssl.keystore.secure_password": b"test-secret",
    "xpack.security.http.ssl.secure_key_passphrase": "pässwort".encode(),
}


def content(name: str) -> bytes:
    return (KEYSTORES / f"{name}.keystore").read_bytes()


def with_right_checksum(data: bytes) -> bytes:
    return data[:-8] + struct.pack(">Q", zlib.crc32(data[:-8]))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("suffix", "password"), [("", ""), ("-password", PASSWORD)])
def test_a_keystore_of_every_version_gives_its_values(version: int, suffix: str, password: str) -> None:
    sealed = read_sealed(content(f"v{version}{suffix}"), "keystore")
    values = unseal(sealed, password)
    assert (sealed.version, sealed.has_password) == (version, bool(password))
    assert len(values.pop("keystore.seed")) == 20
    assert values == EXPECTED


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_password_is_told_as_such(version: int) -> None:
    with pytest.raises(PasswordError, match="password does not open"):
        unseal(read_sealed(content(f"v{version}-password"), "keystore"), "wrong")


@pytest.mark.parametrize("at", [3, 30, 40, 120, 300, 340])
def test_a_damaged_byte_is_told_as_damage_and_not_as_a_wrong_password(at: int) -> None:
    data = bytearray(content("v7-password"))
    data[at] ^= 1
    with pytest.raises(IntegrityError, match="damaged"):
        unseal(read_sealed(bytes(data), "keystore"), PASSWORD)


def test_an_alteration_with_a_mended_checksum_is_told() -> None:
    data = bytearray(content("v7"))
    data[200] ^= 1
    with pytest.raises(IntegrityError, match="altered"):
        unseal(read_sealed(with_right_checksum(bytes(data)), "keystore"), "")


@pytest.mark.parametrize("version", [1, 2, 8, 2**31])
def test_a_version_that_is_not_read_is_refused_by_its_number(version: int) -> None:
    data = bytearray(content("v7"))
    data[27:31] = struct.pack(">I", version)
    with pytest.raises(DataError, match=f"version {version}"):
        read_sealed(with_right_checksum(bytes(data)), "keystore")


def test_every_cut_is_refused() -> None:
    data = content("v7")
    for size in range(len(data)):
        with pytest.raises(IntegrityError):
            read_sealed(data[:size], "keystore")


@given(st.data())
def test_lengths_that_lie_are_refused_whatever_they_say(data: st.DataObject) -> None:
    whole = bytearray(content("v5"))
    at = data.draw(st.integers(31, len(whole) - 20))
    whole[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    try:
        values = unseal(read_sealed(with_right_checksum(bytes(whole)), "keystore"), "")
    except IsthmusError:
        return
    assert values.keys() >= EXPECTED.keys()


def test_a_file_beyond_the_bound_is_refused() -> None:
    with pytest.raises(DataError, match="larger"):
        read_sealed(content("v7") + b"\0" * (8 << 20), "keystore")
