"""What some roles grant together, compiled: one layer of a permission. Pure.

A group of indices counts for an action only if its privileges grant it: who may read a part of an index, and monitor
all of it, still reads only the part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from isthmus.security.authorization.access import hides_something
from isthmus.security.languages import NONE, Tree
from isthmus.security.patterns import Patterns, contains, language, patterns
from isthmus.security.privileges.actions import cluster_actions, cluster_privilege_grants, index_actions
from isthmus.security.privileges.cluster import MANAGE_OWN_API_KEY, OWN_API_KEY
from isthmus.security.roles.descriptor import FieldSecurity, IndicesPrivileges, RoleDescriptor

ClusterAccess = Literal["none", "own", "all"]

RESTRICTED: Final = (".security*", ".isthmus-*")
"""Indices that only a group that says so grants."""

MAX_DECISIONS: Final = 8_192
MAX_ACTIONS: Final = 1_024
_RESTRICTED: Final = patterns(*RESTRICTED)


class Group:
    """Privileges over indices of some names, compiled."""

    __slots__ = ("actions", "descriptor", "fields", "names", "query", "restricted")

    def __init__(self, descriptor: IndicesPrivileges) -> None:
        self.descriptor = descriptor
        self.names = patterns(*descriptor.names)
        self.actions = patterns(*index_actions(descriptor.privileges))
        self.query = descriptor.query
        self.fields = descriptor.field_security if hides_something(descriptor.field_security) else None
        self.restricted = descriptor.allow_restricted_indices

    def matches(self, name: str) -> bool:
        """Whether it is about the index or alias `name`."""
        return self.names.matches(name) and (self.restricted or not _RESTRICTED.matches(name))

    def language(self) -> Tree:
        """Return the names that it is about."""
        names = language(self.names.given)
        return names if self.restricted else ("and", (names, ("not", language(RESTRICTED))))


@dataclass(frozen=True, slots=True)
class LayerAccess:
    """What one layer shows of an index; None: everything; none of them: nothing."""

    documents: tuple[str, ...] | None
    fields: tuple[FieldSecurity, ...] | None


class _Names:
    """The names that some groups are about, together."""

    __slots__ = ("_everywhere", "_restricted")

    def __init__(self, groups: Iterable[Group]) -> None:
        groups = tuple(groups)
        self._everywhere = Patterns([name for group in groups for name in group.names.given])
        self._restricted = Patterns([name for group in groups if group.restricted for name in group.names.given])

    def matches(self, name: str) -> bool:
        return (self._restricted if _RESTRICTED.matches(name) else self._everywhere).matches(name)

    def match_one_of(self, names: tuple[str, ...]) -> bool:
        return any(map(self.matches, names))


class _Granting:
    """The groups that grant an action; those that limit documents and fields apart from those that do not."""

    __slots__ = ("all_documents", "all_fields", "groups", "names", "some_documents", "some_fields")

    def __init__(self, groups: tuple[Group, ...]) -> None:
        self.groups = groups
        self.names = _Names(groups)
        self.all_documents = _Names(group for group in groups if group.query is None)
        self.all_fields = _Names(group for group in groups if group.fields is None)
        self.some_documents = tuple((group, group.query) for group in groups if group.query is not None)
        self.some_fields = tuple((group, group.fields) for group in groups if group.fields is not None)

    def documents(self, names: tuple[str, ...]) -> tuple[str, ...] | None:
        if self.all_documents.match_one_of(names):
            return None
        return tuple(sorted({query for group, query in self.some_documents if any(map(group.matches, names))}))

    def fields(self, names: tuple[str, ...]) -> tuple[FieldSecurity, ...] | None:
        if self.all_fields.match_one_of(names):
            return None
        found = {fields for group, fields in self.some_fields if any(map(group.matches, names))}
        return tuple(sorted(found, key=repr))


class Role:
    """What roles grant together. Decisions are kept, the least used make room."""

    def __init__(self, descriptors: Iterable[RoleDescriptor]) -> None:
        self.descriptors = tuple(descriptors)
        self.cluster = tuple(dict.fromkeys(name.lower() for one in self.descriptors for name in one.cluster))
        self.groups = tuple(Group(group) for group in dict.fromkeys(g for one in self.descriptors for g in one.indices))
        self._run_as = patterns(*(name for one in self.descriptors for name in one.run_as))
        self.cluster_access = lru_cache(maxsize=MAX_ACTIONS)(self._cluster_access)
        self.allows_index = lru_cache(maxsize=MAX_DECISIONS)(self._allows_index)
        self.access = lru_cache(maxsize=MAX_DECISIONS)(self._access)
        self._granting = lru_cache(maxsize=MAX_ACTIONS)(self._find_granting)

    def allows_run_as(self, username: str) -> bool:
        """Whether one may act as the user `username`."""
        return self._run_as.matches(username)

    def allows_some_index(self, action: str) -> bool:
        """Whether there are names with which an action is granted."""
        return bool(self._granting(action).groups)

    def actions_on(self, name: str) -> tuple[str, ...]:
        """Return the patterns of actions that are granted on the index or alias `name`."""
        return tuple(dict.fromkeys(one for group in self.groups if group.matches(name) for one in group.actions.given))

    @cached_property
    def cluster_language(self) -> Tree:
        """The actions of the cluster that are granted without a condition."""
        return ("or", tuple(cluster_language(name) for name in self.cluster)) if self.cluster else NONE

    def _cluster_access(self, action: str) -> ClusterAccess:
        if any(cluster_privilege_grants(name, action) for name in self.cluster):
            return "all"
        return "own" if MANAGE_OWN_API_KEY in self.cluster and action in OWN_API_KEY else "none"

    def _allows_index(self, action: str, name: str) -> bool:
        return self._granting(action).names.matches(name)

    def _access(self, action: str, names: tuple[str, ...]) -> LayerAccess:
        granting = self._granting(action)
        return LayerAccess(granting.documents(names), granting.fields(names))

    def _find_granting(self, action: str) -> _Granting:
        return _Granting(tuple(group for group in self.groups if group.actions.matches(action)))


def cluster_language(name: str) -> Tree:
    """Return the actions that a privilege over the cluster grants without a condition."""
    granted, excluded = cluster_actions(name)
    if not excluded.given:
        return language(granted.given)
    return ("and", (language(granted.given), ("not", language(excluded.given))))


@lru_cache(maxsize=4_096)
def names_cover(groups: tuple[Group, ...], wanted: Tree) -> bool:
    """Whether groups together are about all names of a language. Raises TooComplexError."""
    return contains(("or", tuple(group.language() for group in groups)) if groups else NONE, wanted)
