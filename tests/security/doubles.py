"""What stands in for users and for bcrypt."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping

from isthmus.security.subject import RealmRef, User
from isthmus.security.users.account import Account

PASSWORD = "correct horse"


class SomeUsers:
    """Implements `PasswordRealm`: superusers, found in a realm `some`."""

    def __init__(self, hashes: Mapping[str, str], roles: tuple[str, ...] = ("superuser",)) -> None:
        self.hashes = dict(hashes)
        self.roles = roles

    def find(self, username: str) -> Account | None:
        hashed = self.hashes.get(username)
        if hashed is None:
            return None
        return Account(User(username=username, roles=self.roles), RealmRef("some", "native"), hashed)


class SlowCheck:
    """A check that is held back until `release` is called; right is what equals the hash."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.at_once = 0
        self._most_lock = threading.Lock()
        self._running = 0
        self._released = threading.Event()

    def __call__(self, password: bytes, hashed: bytes) -> bool:
        with self._most_lock:
            self.calls.append(password)
            self._running += 1
            self.at_once = max(self.at_once, self._running)
        self._released.wait(10)
        with self._most_lock:
            self._running -= 1
        return password == hashed

    def release(self) -> None:
        self._released.set()


def basic(username: str, password: str) -> str:
    """Return an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
