from __future__ import annotations

import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.cli.certutil.archive import MAX_MEMBER_BYTES, Member, pack, unpack
from isthmus.errors import DataError


def test_files_come_back_with_a_folder_each_and_keys_for_the_owner_only() -> None:
    data = pack([Member("a/a.crt", b"1"), Member("a/a.key", b"2", secret=True), Member("b/b.p12", b"3", secret=True)])
    assert unpack(data, "x") == {"a/a.crt": b"1", "a/a.key": b"2", "b/b.p12": b"3"}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        modes = {entry.filename: stat.filemode(entry.external_attr >> 16) for entry in archive.infolist()}
    assert modes == {
        "a/": "drwxr-xr-x",
        "a/a.crt": "-rw-r--r--",
        "a/a.key": "-rw-------",
        "b/": "drwxr-xr-x",
        "b/b.p12": "-rw-------",
    }


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("path", ["../a", "/etc/passwd", "a/../../b", "..\\a"])
def test_a_path_that_leads_outside_is_refused(path: str) -> None:
    with pytest.raises(DataError, match="leads out"):
        unpack(zipped(path, b""), "x")


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(DataError, match="larger than"):
        unpack(zipped("a", b"\0" * (MAX_MEMBER_BYTES + 1)), "x")


@given(st.binary(max_size=100))
def test_any_bytes_are_no_zip_but_a_data_error(data: bytes) -> None:
    for text in (data, b"PK\x03\x04" + data, zipped("a", b"b")[: -len(data) or None] if data else data):
        with pytest.raises(DataError):
            unpack(text, "x")
