"""All roles that there are: built in, of the cluster's state, and of `roles.yml` in the configuration folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from isthmus.security.acting import config_changed
from isthmus.security.audit import changes
from isthmus.security.authorization.permission import (
    NO_DESCRIPTORS,
    Permission,
    api_key_permission,
    user_permission,
)
from isthmus.security.roles.descriptor import RoleDescriptor, encode_roles, render_role
from isthmus.security.roles.file import parse_roles_yml
from isthmus.security.roles.parsing import parse_new_role, parse_role
from isthmus.security.roles.reserved import check_not_reserved, reserved_roles, service_account_roles
from isthmus.security.roles.stored import ROLES, StoredRole
from isthmus.security.subject import Authentication
from isthmus.security.watched_files import WatchedFiles
from isthmus.state.replicated import ReplicatedMap

NAME: Final = "roles.yml"
MAX_BYTES: Final = 8 << 20
MAX_PERMISSIONS: Final = 1_000

Result = Literal["created", "updated", "noop"]


class Roles:
    """The roles of `state`, and of the file in `folder`, as it is by now; `anonymous` are the names of those of all."""

    def __init__(self, state: ReplicatedMap, folder: Path, anonymous: tuple[str, ...] = ()) -> None:
        self._state = state
        self._anonymous = anonymous
        self._path = folder / NAME
        self._of_file: Mapping[str, RoleDescriptor] = {}
        self._permission = lru_cache(maxsize=MAX_PERMISSIONS)(self._compiled)
        state.watch(ROLES.prefix, lambda _: self._permission.cache_clear())
        self.files = WatchedFiles((self._path,), "roles", MAX_BYTES, self._take)
        self.files.read()

    def permission_of(self, who: Authentication) -> Permission:
        """Return what somebody may do."""
        if who.type == "internal":
            return self._permission(("superuser",))
        if who.api_key is not None:
            return api_key_permission(who.api_key.role_descriptors, who.api_key.limited_by)
        if who.service_token is not None:
            return _of_service_account(who.user.username)
        return self._permission(self._names(who))

    def _names(self, who: Authentication) -> tuple[str, ...]:
        """What anybody may who does not say who he is, those may who do."""
        return tuple(dict.fromkeys((*who.user.roles, *self._anonymous)))

    def descriptors_of(self, who: Authentication) -> bytes:
        """Return the roles that somebody has now, as a JSON object: what an API key that he makes may do at most."""
        if who.api_key is not None:
            given = who.api_key.role_descriptors
            return given if who.api_key.limited_by is None or given != NO_DESCRIPTORS else who.api_key.limited_by
        if who.service_token is not None:
            return encode_roles([service_account_roles()[who.user.username]])
        names = ("superuser",) if who.type == "internal" else self._names(who)
        return encode_roles(role for name in names if (role := self.find(name)) is not None)

    def find(self, name: str) -> RoleDescriptor | None:
        """Return a role; that of the file comes before that of the state, and what is built in before both."""
        found = reserved_roles().get(name) or self._of_file.get(name)
        if found is not None:
            return found
        entry = self._state.get(ROLES.key(name))
        return None if entry is None else parse_role(name, ROLES.decode(entry).body)

    def all(self) -> dict[str, RoleDescriptor]:
        """Return the roles that are built in and those of the state, by name."""
        stored = (entry.key.removeprefix(ROLES.prefix) for entry in self._state.scan(ROLES.prefix))
        names = sorted({*reserved_roles(), *stored})
        return {name: role for name in names if (role := self.find(name)) is not None}

    async def put(self, name: str, body: Any) -> Result:
        """Make or change a role of the state. Raises UsageError for one that cannot be."""
        check_not_reserved(name)
        role = parse_new_role(name, body)
        written = ROLES.encode(StoredRole(body=render_role(role)))
        before = self._state.get(ROLES.key(name))
        if before is not None and before.value == written:
            return "noop"
        await self._state.put(ROLES.key(name), written)
        config_changed(*changes.role_put(name, role))
        return "created" if before is None else "updated"

    async def delete(self, name: str) -> bool:
        """Delete a role of the state; tell whether there was one."""
        check_not_reserved(name)
        if self._state.get(ROLES.key(name)) is None:
            return False
        await self._state.delete(ROLES.key(name))
        config_changed(*changes.role_deleted(name))
        return True

    def forget(self) -> None:
        """Drop what was compiled."""
        self._permission.cache_clear()

    def _take(self, text: str) -> None:
        self._of_file = parse_roles_yml(text, str(self._path))
        self._permission.cache_clear()

    def _compiled(self, names: tuple[str, ...]) -> Permission:
        return user_permission(role for name in names if (role := self.find(name)) is not None)


def built_in_permission(who: Authentication) -> Permission:
    """Return what somebody may do by the roles that are built in."""
    names = ("superuser",) if who.type == "internal" else who.user.roles
    return _of_built_in(names)


@lru_cache(maxsize=MAX_PERMISSIONS)
def _of_built_in(names: tuple[str, ...]) -> Permission:
    return user_permission(role for name in names if (role := reserved_roles().get(name)) is not None)


@cache
def _of_service_account(name: str) -> Permission:
    return user_permission([service_account_roles()[name]])
