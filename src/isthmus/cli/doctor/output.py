"""Report files: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from isthmus.errors import CannotCreateError
from isthmus.files import write_beside


def write(path: str, text: str) -> None:
    """Write `text` to `path`, in place of what was there; raises CannotCreateError."""
    target = Path(path).absolute()
    try:
        write_beside(target, text.encode("utf-8", "backslashreplace")).replace(target)
    except OSError as cause:
        raise CannotCreateError(f"the report cannot be written: {cause.strerror}", where=path) from cause
