"""Reading the files a person names, within bounds and with errors that name the file."""

from __future__ import annotations

from pathlib import Path

from isthmus.errors import DataError, NoInputError, PermissionDeniedError

MAX_BYTES = 64 * 1024 * 1024


def read_file(path: Path, *, limit: int = MAX_BYTES) -> bytes:
    """Read a whole file of at most `limit` bytes.

    Raises NoInputError (missing, a folder), PermissionDeniedError, DataError (too large).
    """
    where = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except PermissionError as cause:
        raise PermissionDeniedError("may not be read", hint="check its owner and mode", where=where) from cause
    except FileNotFoundError as cause:
        raise NoInputError("does not exist", hint="check the path", where=where) from cause
    except OSError as cause:
        raise NoInputError(f"cannot be read: {cause.strerror}", hint="check the path", where=where) from cause
    if len(data) > limit:
        raise DataError(f"is larger than {limit} bytes", hint="name the right file", where=where)
    return data
