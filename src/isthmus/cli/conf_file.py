"""A small text file of the configuration folder, read and written whole; what others wrote meanwhile is never lost."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from isthmus.errors import DataError
from isthmus.keystore import storage
from isthmus.settings import find_conf_dir

MAX_BYTES: Final = 8 << 20


class ConfFile:
    """The file `name` of the configuration folder as it was read. Raises ConfigError, DataError, StorageError."""

    def __init__(self, name: str) -> None:
        self.path: Path = find_conf_dir(os.environ) / name
        self._read = storage.read(self.path, limit=MAX_BYTES)
        try:
            self.text = (self._read or b"").decode()
        except UnicodeDecodeError:
            raise DataError("the file is no UTF-8 text", where=str(self.path)) from None

    def write(self, text: str) -> None:
        """Put `text` in place of what was read, mode 0600. Raises UnavailableError if the file changed meanwhile."""
        data = text.encode()
        if data != self._read:
            storage.write(self.path, data, expected=self._read)
            self._read, self.text = data, text
