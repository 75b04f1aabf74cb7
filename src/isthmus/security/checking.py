"""Passwords against hashes: bcrypt in threads, with a bounded crowd before it and a cache before that.

bcrypt is slow on purpose, so it is also a lever against the node itself. Few threads work, few checks wait, and of
those only some for one origin, so that one address that guesses does not keep all others out. Who is in the cache
passes at once, whatever the crowd.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from isthmus.security.errors import OverloadedError
from isthmus.security.passwords import MAX_BYTES

Check = Callable[[bytes, bytes], bool]

MAX_WAITING = 128
MAX_WAITING_OF_ORIGIN = 16
MAX_CACHED = 10_000


class PasswordChecker:
    """Runs `check(password, hash)` (default: bcrypt) in threads. `close` ends them."""

    def __init__(self, check: Check | None = None) -> None:
        self._check = check or _bcrypt
        self._threads = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2), thread_name_prefix="password")
        self._running: dict[bytes, asyncio.Future[bool]] = {}
        self._of_origin: Counter[str] = Counter()

    async def matches(self, password: str, hashed: str, *, digest: bytes, origin: str) -> bool:
        """Tell whether `password` has the hash `hashed`.

        `digest` stands for both: the same question is asked once however many wait for it. `origin` is the client's
        address. Raises OverloadedError if too many different questions wait, in all or of that origin.
        """
        running = self._running.get(digest)
        if running is None:
            running = self._begin(password, hashed, digest, origin)
        # One who goes away must not take the answer from the others.
        return await asyncio.shield(running)

    def close(self) -> None:
        """Let running checks end, drop those that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self, password: str, hashed: str, digest: bytes, origin: str) -> asyncio.Future[bool]:
        if len(self._running) >= MAX_WAITING or self._of_origin[origin] >= MAX_WAITING_OF_ORIGIN:
            raise OverloadedError("too many passwords wait to be checked", hint="try again later")
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, self._compare, password, hashed)
        self._running[digest] = future
        self._of_origin[origin] += 1
        future.add_done_callback(lambda done: self._end(done, digest, origin))
        return future

    def _end(self, done: asyncio.Future[bool], digest: bytes, origin: str) -> None:
        if not done.cancelled():
            done.exception()  # also when everybody who waited for it went away
        del self._running[digest]
        self._of_origin[origin] -= 1
        if not self._of_origin[origin]:
            del self._of_origin[origin]

    def _compare(self, password: str, hashed: str) -> bool:
        raw = password.encode(errors="surrogatepass")
        # A password that cannot have been set costs as much time as any other.
        matches = self._check(raw[:MAX_BYTES], hashed.encode())
        return matches and len(raw) <= MAX_BYTES


class VerifiedCache:
    """Remembers, by user, a keyed digest of the last password that was right, and the hash it was right for."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def digest(self, username: str, password: str, hashed: str) -> bytes:
        """Return what stands for the three together; only this process can make it."""
        message = b"".join(
            len(part).to_bytes(4) + part
            for part in (text.encode(errors="surrogatepass") for text in (username, hashed, password))
        )
        return hmac.digest(self._key, message, hashlib.sha256)

    def holds(self, username: str, hashed: str, digest: bytes) -> bool:
        """Tell whether `digest` was right for the user's present hash; forgets what was right for another one."""
        known = self._known.get(username)
        if known is None:
            return False
        if known[0] != hashed:
            del self._known[username]
            return False
        return hmac.compare_digest(known[1], digest)

    def remember(self, username: str, hashed: str, digest: bytes) -> None:
        """Keep `digest`; the user seen longest ago makes room."""
        self._known[username] = (hashed, digest)
        self._known.move_to_end(username)
        if len(self._known) > MAX_CACHED:
            self._known.popitem(last=False)

    def forget(self, username: str) -> None:
        """Drop a user that is no more."""
        self._known.pop(username, None)

    def clear(self) -> None:
        """Drop all."""
        self._known.clear()


def _bcrypt(password: bytes, hashed: bytes) -> bool:
    import bcrypt

    return bcrypt.checkpw(password, hashed)
