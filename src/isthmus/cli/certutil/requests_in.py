"""Signing requests as they come in: a file, a folder or a zip, read and judged before one of them is signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from isthmus.cli.certutil.archive import unpack
from isthmus.cli.certutil.input import read_file
from isthmus.cli.certutil.instances import MAX_INSTANCES, is_safe_filename
from isthmus.cli.certutil.readable import readable
from isthmus.errors import DataError, PermissionDeniedError
from isthmus.pki.authority import Authority
from isthmus.pki.keys import public_der
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.requests import MAX_REQUEST_BYTES, Request, read_request

SUFFIX = ".csr"
MAX_FILES = 100_000

_ZIP_MAGIC = b"PK"
_RESERVED = "ca"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request that may be signed: the name of its file without extension, which its certificate's folder gets."""

    name: str
    where: str
    request: Request


@dataclass(frozen=True, slots=True)
class Mail:
    """What came in: the requests in the order of their names, and where private keys lay beside them."""

    requests: tuple[Incoming, ...]
    private_keys: tuple[str, ...]


def read_requests(path: Path, authority: Authority) -> Mail:
    """Read the requests in `path` and refuse whatever `authority` must not sign.

    Raises NoInputError, PermissionDeniedError, or DataError that names the file: unsafe or double name, a request
    that breaks a rule, one key in two requests, the CA's own key or name, no request, too many.
    """
    files, keys = _files(path)
    if not files:
        raise DataError(f"holds no {SUFFIX} file", hint="name a folder or zip with requests", where=str(path))
    if len(files) > MAX_INSTANCES:
        raise DataError(f"holds more than {MAX_INSTANCES} requests", hint="split them", where=str(path))
    incoming = tuple(_incoming(at, files[at], path) for at in sorted(files, key=lambda at: PurePosixPath(at).parts))
    _check_names(incoming)
    _check_keys(incoming, authority)
    return Mail(incoming, tuple(keys))


def _files(path: Path) -> tuple[dict[str, bytes], list[str]]:
    if path.is_dir():
        return _folder_files(path)
    data = read_file(path)
    if not data.startswith(_ZIP_MAGIC):
        return {f"{path.stem}{SUFFIX}": data}, []
    files = unpack(data, str(path))
    return {at: content for at, content in files.items() if _is_request(at)}, [at for at in files if _is_key(at)]


def _folder_files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    paths = {file.relative_to(folder).as_posix(): file for file in islice(_walk(folder), MAX_FILES + 1)}
    if len(paths) > MAX_FILES:
        raise DataError(f"holds more than {MAX_FILES} files", hint="name the folder of requests", where=str(folder))
    requests = {at: read_file(file, limit=MAX_REQUEST_BYTES) for at, file in paths.items() if _is_request(at)}
    return requests, [at for at in paths if _is_key(at)]


def _is_request(at: str) -> bool:
    return at.lower().endswith(SUFFIX)


def _is_key(at: str) -> bool:
    return at.lower().endswith(".key")


def _walk(folder: Path) -> Iterator[Path]:
    # Symbolic links are not followed: a request is a file that was put here.
    try:
        children = sorted(folder.iterdir())
    except PermissionError as cause:
        raise PermissionDeniedError("may not be read", hint="check its owner and mode", where=str(folder)) from cause
    for child in children:
        if child.is_symlink():
            continue
        if child.is_dir():
            yield from _walk(child)
        elif child.is_file():
            yield child


def _incoming(at: str, data: bytes, source: Path) -> Incoming:
    where = str(source) if at == f"{source.stem}{SUFFIX}" and not source.is_dir() else f"{source}: {at}"
    name = PurePosixPath(at).name[: -len(SUFFIX)]
    if not is_safe_filename(name) or name.casefold() == _RESERVED:
        raise DataError(
            f"{name[:300]!r} is no name for a folder of certificates",
            hint="rename the file: letters, digits, hyphens and dots; 'ca' is kept for the CA",
            where=where,
        )
    with readable(where):
        return Incoming(name, where, read_request(data, where))


def _check_names(incoming: tuple[Incoming, ...]) -> None:
    taken: dict[str, Incoming] = {}
    for one in incoming:
        other = taken.setdefault(one.name.casefold(), one)
        if other is not one:
            raise DataError(
                f"the name [{one.name}] is already that of {other.where}", hint="rename one of them", where=one.where
            )


def _check_keys(incoming: tuple[Incoming, ...], authority: Authority) -> None:
    holders: dict[bytes, str] = {public_der(authority.key.public_key()): "the CA"}
    for one in incoming:
        holder = holders.setdefault(public_der(one.request.public_key), one.where)
        if holder != one.where:
            raise DataError(
                f"its key is already that of {holder}", hint="each node makes a key of its own", where=one.where
            )
        if one.request.names.subject == authority.certificate.subject:
            raise DataError(
                f"it asks for the name of the CA itself, [{distinguished_name_text(authority.certificate.subject)}]",
                hint="make it anew under the node's name",
                where=one.where,
            )
