"""From the names of privileges to the actions that they grant, and back. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-privileges.html
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from isthmus.errors import UsageError
from isthmus.security.patterns import Patterns, patterns
from isthmus.security.privileges.cluster import ALWAYS_OWN_API_KEY, CLUSTER, EXCLUDED, MANAGE_OWN_API_KEY
from isthmus.security.privileges.index import INDEX

REMOTE_CLUSTER: Final = ("monitor_enrich", "monitor_stats")
"""The privileges over the cluster that a role may have in another one."""


class UnknownPrivilegeError(UsageError):
    """There is no privilege of this name; the hint has the nearest."""

    type = "action_request_validation_exception"

    def __init__(self, problem: str, name: str, known: Collection[str]) -> None:
        near = difflib.get_close_matches(name[:100].lower(), known, 1)
        super().__init__(f"Validation Failed: 1: {problem};", hint=f"did you mean [{near[0]}]?" if near else None)


def is_cluster_action(action: str) -> bool:
    """Whether an action is of the cluster (templates of indices are)."""
    return action.startswith(("cluster:", "indices:admin/template/", "indices:admin/index_template/"))


def is_index_action(action: str) -> bool:
    """Whether an action is of indices."""
    return action.startswith(("indices:", "internal:transport/proxy/indices:"))


def check_cluster_privilege(name: str) -> None:
    """Raise UnknownPrivilegeError unless there is such a privilege over the cluster."""
    if name.lower() not in CLUSTER and not is_cluster_action(name.lower()):
        raise UnknownPrivilegeError(
            f"unknown cluster privilege [{name[:100].lower()}]. a privilege must be either one of the predefined "
            f"cluster privilege names [{','.join(CLUSTER)}] or a pattern over one of the available cluster actions",
            name,
            CLUSTER,
        )


def check_index_privilege(name: str) -> None:
    """Raise UnknownPrivilegeError unless there is such a privilege over indices."""
    if name.lower() not in INDEX and not is_index_action(name.lower()):
        raise UnknownPrivilegeError(
            f"unknown index privilege [{name[:100].lower()}]. a privilege must be either one of the predefined fixed "
            f"indices privileges [{','.join(INDEX)}] or a pattern over one of the available index actions",
            name,
            INDEX,
        )


def index_actions(names: Collection[str]) -> tuple[str, ...]:
    """Return the patterns of the actions that privileges over indices grant together."""
    return tuple(dict.fromkeys(action for name in names for action in _index_actions(name.lower())))


def cluster_actions(name: str) -> tuple[Patterns, Patterns]:
    """Return which actions a privilege over the cluster grants, and which of them it does not."""
    name = name.lower()
    if name in CLUSTER:
        return patterns(*CLUSTER[name]), patterns(*EXCLUDED.get(name, ()))
    return patterns(f"{name}*"), patterns()


def cluster_privilege_grants(name: str, action: str) -> bool:
    """Whether a privilege over the cluster grants an action without a condition."""
    granted, excluded = cluster_actions(name)
    return granted.matches(action) and not excluded.matches(action)


@lru_cache(maxsize=1024)
def index_privileges_granting(action: str) -> tuple[str, ...]:
    """Return the names of the privileges over indices that grant an action, from least to most."""
    return tuple(name for name, granted in INDEX.items() if patterns(*granted).matches(action))


@lru_cache(maxsize=1024)
def cluster_privileges_granting(action: str) -> tuple[str, ...]:
    """Return the names of the privileges over the cluster that grant an action, from least to most."""
    return tuple(
        name
        for name in CLUSTER
        if cluster_privilege_grants(name, action) or (name == MANAGE_OWN_API_KEY and action in ALWAYS_OWN_API_KEY)
    )


def _index_actions(name: str) -> tuple[str, ...]:
    return INDEX.get(name, (f"{name}*",))
