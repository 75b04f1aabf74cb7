"""The realm of two files in the configuration folder: `users` (name and hash) and `users_roles` (role and names).

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/file-realm.html
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from isthmus.security.credentials import is_username
from isthmus.security.passwords import HASH_PREFIXES
from isthmus.security.subject import RealmRef, User
from isthmus.security.users.account import Account
from isthmus.security.watched_files import WatchedFiles

log = logging.getLogger(__name__)

REALM: Final = "default_file"
USERS: Final = "users"
ROLES: Final = "users_roles"
MAX_BYTES: Final = 8 << 20


class FileUsers:
    """The users of the files in `folder`, as they are by now."""

    def __init__(self, folder: Path, node: str = "") -> None:
        self._users = folder / USERS
        self._roles = folder / ROLES
        self._realm = RealmRef(REALM, "file", node)
        self._accounts: Mapping[str, Account] = {}
        self.files = WatchedFiles((self._users, self._roles), "users", MAX_BYTES, self._take)
        self.files.read()

    def find(self, username: str) -> Account | None:
        """See PasswordRealm."""
        return self._accounts.get(username)

    def _take(self, users: str, users_roles: str) -> None:
        hashes = parse_users(users, str(self._users))
        roles = parse_users_roles(users_roles, str(self._roles))
        for name in sorted(roles.keys() - hashes.keys()):
            log.warning("%s: user [%s] has roles but is not in [%s]", self._roles, name, self._users.name)
        self._accounts = {
            name: Account(User(username=name, roles=tuple(sorted(roles.get(name, ())))), self._realm, hashed)
            for name, hashed in hashes.items()
        }


def parse_users(text: str, where: str) -> dict[str, str]:
    """Return the hashes by name of lines `name:hash`; a line that is wrong is left out and told to the log."""
    hashes: dict[str, str] = {}
    for number, line in _lines(text):
        name, colon, hashed = line.partition(":")
        if not colon or not is_username(name):
            log.error("%s:%d: not of the form name:hash, the line is left out", where, number)
        elif not hashed.startswith(HASH_PREFIXES):
            log.error("%s:%d: the hash of user [%s] is not bcrypt's, the line is left out", where, number, name)
        elif name in hashes:
            log.error("%s:%d: user [%s] stands here twice, the first line counts", where, number, name)
        else:
            hashes[name] = hashed
    return hashes


def parse_users_roles(text: str, where: str) -> dict[str, set[str]]:
    """Return the roles by user of lines `role:name,name`; a line that is wrong is left out and told to the log."""
    roles: defaultdict[str, set[str]] = defaultdict(set)
    for number, line in _lines(text):
        role, colon, names = line.partition(":")
        if not colon or not role.strip():
            log.error("%s:%d: not of the form role:user,user, the line is left out", where, number)
            continue
        for name in filter(None, (one.strip() for one in names.split(","))):
            roles[name].add(role.strip())
    return dict(roles)


def _lines(text: str) -> list[tuple[int, str]]:
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in lines if line and not line.startswith("#")]
