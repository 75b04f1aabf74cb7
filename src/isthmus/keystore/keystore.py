"""A keystore in memory, between the file it came from and the file it becomes."""

from __future__ import annotations

import secrets
import string
from pathlib import Path

from isthmus.errors import ConfigError, DataError
from isthmus.keystore import storage
from isthmus.keystore.format import FORMAT_VERSION, MAX_FILE_BYTES, Value, current_cost, read_header, seal, unseal
from isthmus.keystore.known import SEED

FILE_NAME = "isthmus.keystore"

_SEED_LETTERS = string.ascii_letters + string.digits + "~!@#$%^&*-_=+?"
_SEED_LENGTH = 20


class Keystore:
    """The secure settings by name, and the password they are kept under. `path` is the file.

    Changes are on disk once `save` has returned. A text is a str, the content of a file is bytes.
    """

    def __init__(self, path: Path, values: dict[str, Value], password: str, origin: bytes | None) -> None:
        self.path = path
        self._values = values
        self._password = password
        self._origin = origin

    @classmethod
    def create(cls, path: Path, password: str = "") -> Keystore:
        """Return a new keystore with its seed; `save` will refuse to write it over a file that is there."""
        return cls(path, {SEED: _new_seed()}, password, None)

    @classmethod
    def load(cls, path: Path, password: str = "") -> Keystore:
        """Open the keystore at `path`.

        Raises DataError (missing, too large, newer format), IntegrityError (altered, or wrong password),
        PermissionDeniedError, StorageError.
        """
        data = _read(path)
        return cls(path, unseal(data, password, str(path)), password, data)

    def save(self) -> None:
        """Write the file whole or not at all, mode 0600, at the current cost.

        Raises CannotCreateError if a file appeared where there was none, UnavailableError if the file changed since it
        was loaded (so a damaged file is never overwritten), PermissionDeniedError, StorageError, DataError (too large).
        """
        data = seal(self._values, self._password, current_cost(self._password))
        storage.write(self.path, data, expected=self._origin)
        self._origin = data

    def names(self) -> list[str]:
        """Return the names that are kept, sorted."""
        return sorted(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> Value:
        """Return the value of `name`; raises ConfigError if it is not kept."""
        try:
            return self._values[name]
        except KeyError as cause:
            raise _not_kept(name, self.path) from cause

    def put(self, name: str, value: Value) -> None:
        """Keep `value` under `name` in place of what was there. Whether the name is known is `check_name`'s to say."""
        self._values[name] = value

    def remove(self, name: str) -> None:
        """Forget `name`; raises ConfigError if it is not kept."""
        if self._values.pop(name, None) is None:
            raise _not_kept(name, self.path)

    def has_password(self) -> bool:
        """Tell whether a password protects it."""
        return bool(self._password)

    def change_password(self, password: str) -> None:
        """Protect it by `password` from the next `save` on; an empty one takes the protection away."""
        self._password = password

    def renew(self) -> None:
        """Forget all that is kept, and the password, and begin with a new seed."""
        self._values = {SEED: _new_seed()}
        self._password = ""

    def upgrade(self) -> bool:
        """Bring it to the current format, cost and content; tell whether there is something to save."""
        had_seed = SEED in self._values
        self._values.setdefault(SEED, _new_seed())
        return not had_seed or self._is_outdated()

    def _is_outdated(self) -> bool:
        if self._origin is None:
            return True
        header = read_header(self._origin, str(self.path))
        return header.version < FORMAT_VERSION or header.cost != current_cost(self._password)

    def __repr__(self) -> str:
        return f"<Keystore {self.path}: {len(self._values)} values>"


def secure_settings(keystore: Keystore) -> dict[str, str]:
    """Return the texts that `isthmus.settings.load` takes as `secure`: all that is kept but the seed.

    Raises DataError for a file among them that is no text.
    """
    return {name: _text(name, keystore) for name in keystore.names() if name != SEED}


def has_password(path: Path) -> bool:
    """Tell whether the keystore at `path` asks for a password; raises as `Keystore.load`, as far as that needs none."""
    return read_header(_read(path), str(path)).has_password


def read_sealed(path: Path) -> bytes | None:
    """Return a keystore's file as it is, encrypted, for a backup; None if there is none. Raises as `Keystore.load`."""
    data = storage.read(path, limit=MAX_FILE_BYTES)
    if data is not None:
        read_header(data, str(path))
    return data


def write_sealed(path: Path, data: bytes) -> None:
    """Put a keystore's file back where none is, or the same.

    Raises CannotCreateError if another one is there, PermissionDeniedError, StorageError.
    """
    if storage.read(path, limit=MAX_FILE_BYTES) != data:
        storage.write(path, data, expected=None)


def _read(path: Path) -> bytes:
    data = storage.read(path, limit=MAX_FILE_BYTES)
    if data is None:
        raise DataError("there is no keystore", hint="make one with 'isthmus keystore create'", where=str(path))
    return data


def _text(name: str, keystore: Keystore) -> str:
    value = keystore.get(name)
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        # The cause would hold the value.
        raise DataError(f"the file kept as [{name}] is no text", where=str(keystore.path)) from None


def _not_kept(name: str, path: Path) -> ConfigError:
    return ConfigError(f"[{name}] is not in the keystore", hint="see 'isthmus keystore list'", where=str(path))


def _new_seed() -> str:
    return "".join(secrets.choice(_SEED_LETTERS) for _ in range(_SEED_LENGTH))
