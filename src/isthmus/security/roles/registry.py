"""All roles that there are: built in, of the cluster's state, and of `roles.yml` in the configuration folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from isthmus.errors import IsthmusError, UsageError
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
from isthmus.state.errors import CommitBoundsError
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap, check_bounds, in_commits

NAME: Final = "roles.yml"
MAX_BYTES: Final = 8 << 20
MAX_PERMISSIONS: Final = 1_000
AT_A_TIME: Final = 100
"""So many of many roles are read and written before others have their turn: some milliseconds."""

Result = Literal["created", "updated", "noop", "deleted", "not_found"]


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
            return api_key_permission(who.api_key.role_descriptors, who.api_key.limited_by, who.api_key.limits)
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
        done = (await self.put_many({name: body}))[name]
        if isinstance(done, IsthmusError):
            raise done
        return done

    async def put_many(self, bodies: Mapping[str, Any]) -> dict[str, Result | IsthmusError]:
        """Make or change roles of the state, many in one commit; tell what came of each, or what is wrong with it."""
        told: dict[str, Result | IsthmusError] = {}
        for names in _portions(bodies):
            made: dict[str, tuple[RoleDescriptor, Write]] = {}
            for name in names:
                try:
                    made[name] = _new_role(name, bodies[name])
                except (UsageError, CommitBoundsError) as error:
                    told[name] = error
            told |= await self._write(made)
            await asyncio.sleep(0)
        return told

    async def _write(self, made: Mapping[str, tuple[RoleDescriptor, Write]]) -> dict[str, Result]:
        before = {name: self._state.get(write.key) for name, (_, write) in made.items()}
        told: dict[str, Result] = {}
        for name, (_, write) in made.items():
            entry = before[name]
            told[name] = "created" if entry is None else "noop" if entry.value == write.value else "updated"
        for commit in in_commits(write for name, (_, write) in made.items() if told[name] != "noop"):
            await self._state.write(commit)
            for write in commit:
                name = write.key.removeprefix(ROLES.prefix)
                config_changed(*changes.role_put(name, made[name][0]))
        return told

    async def delete(self, name: str) -> bool:
        """Delete a role of the state; tell whether there was one. Raises UsageError for one that is built in."""
        check_not_reserved(name)
        return (await self.delete_many([name]))[name] == "deleted"

    async def delete_many(self, names: Iterable[str]) -> dict[str, Result]:
        """Delete roles of the state, many in one commit; tell for each whether there was one."""
        told: dict[str, Result] = {}
        for portion in _portions(names):
            found = [name for name in dict.fromkeys(portion) if self._state.get(ROLES.key(name)) is not None]
            told |= {name: "deleted" if name in found else "not_found" for name in portion}
            for commit in in_commits(Write(ROLES.key(name), None) for name in found):
                await self._state.write(commit)
            for name in found:
                config_changed(*changes.role_deleted(name))
            await asyncio.sleep(0)
        return told

    def forget(self) -> None:
        """Drop what was compiled."""
        self._permission.cache_clear()

    def _take(self, text: str) -> None:
        self._of_file = parse_roles_yml(text, str(self._path))
        self._permission.cache_clear()

    def _compiled(self, names: tuple[str, ...]) -> Permission:
        return user_permission(role for name in names if (role := self.find(name)) is not None)


def _new_role(name: str, body: Any) -> tuple[RoleDescriptor, Write]:
    check_not_reserved(name)
    role = parse_new_role(name, body)
    write = Write(ROLES.key(name), ROLES.encode(StoredRole(body=render_role(role))))
    check_bounds([write])
    return role, write


def _portions(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while portion := list(islice(rest, AT_A_TIME)):
        yield portion


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
