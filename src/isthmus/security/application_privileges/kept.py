"""The privileges of applications in the cluster's state."""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.security.acting import config_changed
from isthmus.security.application_privileges.stored import APPLICATION_PRIVILEGES, ApplicationPrivilege
from isthmus.security.audit import changes
from isthmus.security.patterns import patterns
from isthmus.security.watched import Watched
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

AT_ONCE = 100


class ApplicationPrivileges:
    """The privileges of `state`."""

    def __init__(self, state: ReplicatedMap) -> None:
        self._state = state
        self._kept: Watched[ApplicationPrivilege] = Watched(state, APPLICATION_PRIVILEGES)

    def actions(self, application: str, name: str) -> tuple[str, ...] | None:
        """Return the patterns of actions that a privilege grants, None if there is no such privilege."""
        found = self._kept.get(f"{application}/{name}")
        return None if found is None else found.actions

    def find(self, application: str | None, names: Sequence[str]) -> list[ApplicationPrivilege]:
        """Return the privileges of applications of a name or pattern (None: of all), those of `names` if there are."""
        meant = patterns("*" if application is None else application)
        return [
            one
            for one in self._kept.all().values()
            if meant.matches(one.application) and (not names or one.name in names)
        ]

    async def put(self, privileges: Sequence[ApplicationPrivilege]) -> list[bool]:
        """Make or change privileges; tell of each whether it is new."""
        new = [self._kept.get(f"{one.application}/{one.name}") is None for one in privileges]
        kind = APPLICATION_PRIVILEGES
        writes = [Write(kind.key(f"{one.application}/{one.name}"), kind.encode(one), None) for one in privileges]
        for start in range(0, len(writes), AT_ONCE):
            await self._state.write(writes[start : start + AT_ONCE])
        config_changed(*changes.privileges_put(privileges))
        return new

    async def delete(self, application: str, names: Sequence[str]) -> dict[str, bool]:
        """Delete privileges of an application; tell of each whether it was there."""
        there = {name: self._kept.get(f"{application}/{name}") is not None for name in dict.fromkeys(names)}
        key = APPLICATION_PRIVILEGES.key
        writes = [Write(key(f"{application}/{name}"), None, None) for name, was in there.items() if was]
        if writes:
            await self._state.write(writes)
            config_changed(*changes.privileges_deleted(application, [name for name, was in there.items() if was]))
        return there
