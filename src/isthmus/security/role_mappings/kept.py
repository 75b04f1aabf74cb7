"""The role mappings of the cluster's state, and the roles that they give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from isthmus.security.acting import config_changed
from isthmus.security.audit import changes
from isthmus.security.role_mappings.rules import Person, Rule, parse_rules
from isthmus.security.role_mappings.stored import ROLE_MAPPINGS, RoleMapping
from isthmus.state.replicated import ReplicatedMap


class RoleMappings:
    """The mappings of `state`; `changed` hears of each change."""

    def __init__(self, state: ReplicatedMap) -> None:
        self._state = state
        self.changed: Callable[[], object] = _nobody
        state.watch(ROLE_MAPPINGS.prefix, self._forget)

    def roles_of(self, person: Person) -> tuple[str, ...]:
        """Return the roles that the enabled mappings whose rules hold give somebody, in order."""
        return tuple(sorted({role for roles, rule in self._enabled if rule.holds(person) for role in roles}))

    def find(self, names: Sequence[str]) -> dict[str, RoleMapping]:
        """Return the mappings of these names, all if there are none."""
        kind = ROLE_MAPPINGS
        if not names:
            return {one.key.removeprefix(kind.prefix): kind.decode(one) for one in self._state.scan(kind.prefix)}
        entries = ((name, self._state.get(kind.key(name))) for name in names)
        return {name: kind.decode(entry) for name, entry in entries if entry is not None}

    async def put(self, name: str, mapping: RoleMapping) -> bool:
        """Make or change a mapping; tell whether it is new."""
        key = ROLE_MAPPINGS.key(name)
        new = self._state.get(key) is None
        await self._state.put(key, ROLE_MAPPINGS.encode(mapping))
        config_changed(*changes.role_mapping_put(name, mapping))
        return new

    async def delete(self, name: str) -> bool:
        """Delete a mapping; tell whether there was one."""
        key = ROLE_MAPPINGS.key(name)
        if self._state.get(key) is None:
            return False
        await self._state.delete(key)
        config_changed(*changes.role_mapping_deleted(name))
        return True

    @cached_property
    def _enabled(self) -> list[tuple[tuple[str, ...], Rule]]:
        return [(one.roles, parse_rules(one.rules, name)) for name, one in self.find(()).items() if one.enabled]

    def _forget(self, _key: str) -> None:
        self.__dict__.pop("_enabled", None)
        self.changed()


def _nobody() -> None:
    """Nobody keeps what was found by the mappings."""
