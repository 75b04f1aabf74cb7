"""Zip files: one folder per instance, key files for their owner's eyes only; read back within bounds."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from isthmus.errors import DataError

MAX_MEMBERS = 50_000
MAX_TOTAL_BYTES = 512 * 1024 * 1024
MAX_MEMBER_BYTES = 16 * 1024 * 1024

_UNIX = 3
_DIRECTORY_ATTRIBUTE = 0x10
_REGULAR_FILE, _DIRECTORY = 0o100000, 0o040000


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a zip: its path (`node1/node1.key`), its content, and whether only the owner may read it."""

    path: str
    data: bytes = field(repr=False)
    secret: bool = False


def pack(members: Iterable[Member]) -> bytes:
    """Write a zip with a folder entry before the first file of each folder; secret files get mode 0600, others 0644."""
    buffer, folders = io.BytesIO(), set[str]()
    now = time.localtime()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            folder = str(PurePosixPath(member.path).parent)
            if folder != "." and folder not in folders:
                folders.add(folder)
                archive.writestr(_entry(f"{folder}/", _DIRECTORY | 0o755, now), b"")
            mode = _REGULAR_FILE | (0o600 if member.secret else 0o644)
            archive.writestr(_entry(member.path, mode, now), member.data)
    return buffer.getvalue()


def unpack(data: bytes, where: str) -> dict[str, bytes]:
    """Read the files of a zip by path; raises DataError for a broken or oversized one, or a path that leads outside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_bounds(entries, where)
            return {entry.filename: _content(archive, entry, where) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as cause:
        raise DataError("this is no zip file, or a broken one", hint="make it anew", where=where) from cause


def _entry(path: str, mode: int, now: tuple[int, ...]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, (now[0], now[1], now[2], now[3], now[4], now[5]))
    entry.create_system = _UNIX
    entry.compress_type = zipfile.ZIP_STORED if path.endswith("/") else zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16 | (_DIRECTORY_ATTRIBUTE if path.endswith("/") else 0)
    return entry


def _check_bounds(entries: list[zipfile.ZipInfo], where: str) -> None:
    if len(entries) > MAX_MEMBERS or sum(entry.file_size for entry in entries) > MAX_TOTAL_BYTES:
        raise DataError("the zip file holds too much", hint="split it", where=where)
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            raise DataError(f"the path [{entry.filename}] leads out of the zip file", where=where)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str) -> bytes:
    # The size an entry claims is only a claim: no more than the limit is ever unpacked.
    with archive.open(entry) as stream:
        data = stream.read(MAX_MEMBER_BYTES + 1)
    if len(data) > MAX_MEMBER_BYTES:
        raise DataError(f"[{entry.filename}] is larger than {MAX_MEMBER_BYTES} bytes", where=where)
    return data
