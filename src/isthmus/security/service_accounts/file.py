"""The tokens of the file `service_tokens` in the configuration folder, one `account/name:hash` a line."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from isthmus.security.random_secrets import is_hash
from isthmus.security.service_accounts.accounts import ACCOUNTS
from isthmus.security.watched_files import WatchedFiles

log = logging.getLogger(__name__)

NAME: Final = "service_tokens"
MAX_BYTES: Final = 1 << 20


class FileTokens:
    """The tokens of the file in `folder`, as it is by now."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._hashes: Mapping[str, str] = {}
        self.files = WatchedFiles((self._path,), "tokens", MAX_BYTES, self._take)
        self.files.read()

    def hash_of(self, full_name: str) -> str | None:
        """See Tokens."""
        return self._hashes.get(full_name)

    def names_of(self, account: str) -> list[str]:
        """Return the names of an account's tokens, in order."""
        return sorted(name.removeprefix(f"{account}/") for name in self._hashes if name.startswith(f"{account}/"))

    def _take(self, text: str) -> None:
        self._hashes = parse_service_tokens(text, str(self._path))


def parse_service_tokens(text: str, where: str) -> dict[str, str]:
    """Return the hashes by full name; a line that is wrong is left out and told to the log."""
    hashes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        full_name, _, hashed = line.strip().partition(":")
        if not full_name or full_name.startswith("#"):
            continue
        if full_name.rpartition("/")[0] not in ACCOUNTS:
            log.error("%s:%d: no token of a service account, the line is left out", where, number)
        elif not is_hash(hashed):
            log.error(
                "%s:%d: the hash of [%s] is not of the form SSHA256, the line is left out: "
                "make the token anew by 'isthmus service-tokens create'",
                where,
                number,
                full_name,
            )
        else:
            hashes[full_name] = hashed
    return hashes
