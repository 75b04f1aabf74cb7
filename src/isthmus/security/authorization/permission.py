"""What somebody may do: what every layer grants. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/authorization.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache
from typing import Any, Final

import msgspec

from isthmus.security.authorization.access import IndexAccess
from isthmus.security.authorization.role import MAX_DECISIONS, ClusterAccess, Role
from isthmus.security.languages import TooComplexError
from isthmus.security.patterns import covers
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.roles.parsing import parse_role

MAX_KEPT: Final = 1_000
_SEARCH: Final = "indices:data/read/search"
NO_DESCRIPTORS: Final = b"{}"
"""Of an API key that was given no roles."""


class Permission:
    """What is granted by each of some layers; `roles` are the names of the roles that were found.

    A user has one layer; an API key has its own and that of its owner, and never more than either.
    """

    def __init__(self, layers: Iterable[Role], roles: Iterable[str] = ()) -> None:
        self.layers = tuple(layers)
        self.roles = tuple(sorted(roles))
        self._access = lru_cache(maxsize=MAX_DECISIONS)(self._find_access)

    @cached_property
    def is_limited(self) -> bool:
        """Whether of some index only some documents or fields are granted."""
        return any(one.query is not None or one.fields is not None for layer in self.layers for one in layer.groups)

    def allows_cluster(self, action: str) -> bool:
        """Whether an action of the cluster is granted, be it only for one's own API keys: see `cluster_access`."""
        return self.cluster_access(action) != "none"

    def cluster_access(self, action: str) -> ClusterAccess:
        """Return whether an action of the cluster is granted: not at all, only for one's own API keys, or for all."""
        found = {layer.cluster_access(action) for layer in self.layers}
        if "none" in found or not found:
            return "none"
        return "own" if "own" in found else "all"

    def allows_run_as(self, username: str) -> bool:
        """Whether one may act as the user `username`."""
        return bool(self.layers) and all(layer.allows_run_as(username) for layer in self.layers)

    def allows_index(self, action: str, name: str) -> bool:
        """Whether an action is granted on the index or alias `name`."""
        return bool(self.layers) and all(layer.allows_index(action, name) for layer in self.layers)

    def allows_as_much(self, name: str, other: str) -> bool:
        """Whether every action that is granted on the index or alias `other` is on `name`."""
        try:
            return all(covers(layer.actions_on(name), layer.actions_on(other)) for layer in self.layers)
        except TooComplexError:
            return False

    def allows_some_index(self, action: str) -> bool:
        """Whether an action may be granted on some index: if not, no name need be looked at."""
        return bool(self.layers) and all(layer.allows_some_index(action) for layer in self.layers)

    def access(self, names: Collection[str], action: str = _SEARCH) -> IndexAccess:
        """Return what `action` may see of an index that was asked for by `names`: its own, an alias of it, or both."""
        return self._access(tuple(names), action)

    def _find_access(self, names: tuple[str, ...], action: str) -> IndexAccess:
        found = [layer.access(action, names) for layer in self.layers]
        if not found:
            return IndexAccess(((),), ((),))
        return IndexAccess(
            documents=tuple(dict.fromkeys(one.documents for one in found if one.documents is not None)),
            fields=tuple(dict.fromkeys(one.fields for one in found if one.fields is not None)),
        )


def user_permission(descriptors: Iterable[RoleDescriptor]) -> Permission:
    """Return what a user with these roles may do."""
    role = Role(descriptors)
    return Permission((role,), (one.name for one in role.descriptors))


@lru_cache(maxsize=MAX_KEPT)
def api_key_permission(role_descriptors: bytes, limited_by: bytes | None, limits: tuple[bytes, ...] = ()) -> Permission:
    """Return what an API key may do: what it was given (`{}`: all of its owner's), and its owner might.

    Without `limited_by` there is no owner's limit. Each of `limits` is one more.

    Raises UsageError for descriptors that cannot be read.
    """
    given = () if role_descriptors == NO_DESCRIPTORS and limited_by is not None else (role_descriptors,)
    return Permission(layer(raw) for raw in (*given, *(() if limited_by is None else (limited_by,)), *limits))


@lru_cache(maxsize=MAX_KEPT)
def layer(role_descriptors: bytes) -> Role:
    """Return what the roles of a JSON object grant together, compiled once. Raises UsageError."""
    bodies: dict[str, Any] = msgspec.json.decode(role_descriptors, type=dict[str, Any])
    return Role(parse_role(name, body) for name, body in bodies.items())
