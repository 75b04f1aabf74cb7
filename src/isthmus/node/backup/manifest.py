"""`manifest.json` of a backup: what it holds, and the digest of each file. Pure."""

from __future__ import annotations

import re

import msgspec

from isthmus.errors import ConfigError, DataError
from isthmus.index.ledger import schema
from isthmus.keystore import FILE_NAME as KEYSTORE

FORMAT = 1
FILE = "manifest.json"
MAX_BYTES = 64 << 20
STATE = "state.sqlite"
INDICES = "indices"
_UUID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class CopiedIndex(msgspec.Struct, frozen=True, kw_only=True):
    """The index of a ledger: what the copy holds of it (`seq_no` is the newest, -1: none)."""

    name: str
    uuid: str
    seq_no: int
    documents: int


class CopiedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file of a backup; `path` is relative to the backup's folder."""

    path: str
    sha256: str
    bytes: int
    index: CopiedIndex | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A whole backup. `made` is the moment in ISO 8601, `term` and `revision` where the state's copy stands."""

    format: int = FORMAT
    made: str
    version: str
    node_id: str
    node_name: str
    cluster_uuid: str | None
    term: int
    revision: int
    files: list[CopiedFile]


class _Format(msgspec.Struct):
    format: int


def ledger_path(uuid: str) -> str:
    """Where a backup holds the ledger of the index of this uuid; in a data folder it lies there too."""
    return f"{INDICES}/{uuid}/{schema.FILE}"


def encode(manifest: Manifest) -> bytes:
    """Return the file's content."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def summary(manifest: Manifest) -> dict[str, object]:
    """Return what a person is told of a backup."""
    indices = [file.index for file in manifest.files if file.index is not None]
    return {
        "node": manifest.node_name,
        "made": manifest.made,
        "indices": len(indices),
        "documents": sum(index.documents for index in indices),
        "bytes": sum(file.bytes for file in manifest.files),
        "keystore": any(file.path == KEYSTORE for file in manifest.files),
    }


def decode(data: bytes, where: str) -> Manifest:
    """Read a manifest. Raises ConfigError for a newer format, DataError for what is no manifest of ours."""
    try:
        version = msgspec.json.decode(data, type=_Format).format
        if version > FORMAT:
            raise ConfigError(
                f"the backup has format {version}, this release reads up to {FORMAT}",
                where=where,
                hint="restore it with the newer release that made it",
            )
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
        raise DataError(f"the manifest cannot be read: {cause}", where=where) from cause
    _check_files(manifest, where)
    return manifest


def _check_files(manifest: Manifest, where: str) -> None:
    paths = [file.path for file in manifest.files]
    if paths.count(STATE) != 1 or len(set(paths)) != len(paths):
        raise DataError("the manifest does not name each file once, the state among them", where=where)
    for file in manifest.files:
        if not _is_expected(file):
            raise DataError(f"the manifest names [{file.path[:100]}], which no backup holds", where=where)


def _is_expected(file: CopiedFile) -> bool:
    if file.index is None:
        return file.path in (STATE, KEYSTORE)
    return _UUID.fullmatch(file.index.uuid) is not None and file.path == ledger_path(file.index.uuid)
