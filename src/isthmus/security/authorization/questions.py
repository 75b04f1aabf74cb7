"""What somebody may do, as he is answered. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-has-privileges.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-get-user-privileges.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.security.authorization.permission import Permission
from isthmus.security.authorization.role import RESTRICTED, Role, cluster_language, names_cover
from isthmus.security.languages import Tree
from isthmus.security.patterns import contains, covers, language
from isthmus.security.privileges.actions import check_cluster_privilege, check_index_privilege, index_actions
from isthmus.security.privileges.cluster import MANAGE_OWN_API_KEY, OWN_API_KEY
from isthmus.security.roles.descriptor import (
    ApplicationPrivileges,
    FieldSecurity,
    render_application,
    render_field_security,
)
from isthmus.security.roles.parsing import RoleParseError, RoleValidationError

MAX_CHECKS: Final = 10_000

ApplicationActions = Callable[[str, str], tuple[str, ...] | None]
"""Gives the patterns of actions that a privilege of an application grants; None: there is no such privilege."""


class IndexQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Privileges asked about, over indices of some names."""

    names: list[str] | str
    privileges: list[str] | str
    allow_restricted_indices: bool = False


class ApplicationQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Privileges asked about, in an application."""

    application: str
    privileges: list[str] | str
    resources: list[str] | str


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of `_has_privileges`."""

    cluster: list[str] | str = []
    index: list[IndexQuestion] = []
    application: list[ApplicationQuestion] = []


def has_privileges(permission: Permission, username: str, body: Any, actions: ApplicationActions) -> dict[str, Any]:
    """Answer which privileges one has. Raises UsageError for a question that cannot be read."""
    question = _question(body)
    cluster = {name: _has_cluster(permission, name) for name in sorted(_listed(question.cluster))}
    index: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for asked in question.index:
        for name in _listed(asked.names):
            for privilege in _listed(asked.privileges):
                has = _has_index(permission, name, privilege, restricted=asked.allow_restricted_indices)
                index[name][privilege] = index[name].get(privilege, True) and has
    application: dict[str, dict[str, dict[str, bool]]] = {}
    for wanted in question.application:
        resources = application.setdefault(wanted.application, {})
        for resource in _listed(wanted.resources):
            for privilege in _listed(wanted.privileges):
                has = all(
                    _has_application(layer, wanted.application, privilege, resource, actions)
                    for layer in permission.layers
                )
                resources.setdefault(resource, {})[privilege] = has
    answers = [*cluster.values(), *(one for found in index.values() for one in found.values())]
    answers += [one for found in application.values() for checks in found.values() for one in checks.values()]
    return {
        "username": username,
        "has_all_requested": all(answers),
        "cluster": cluster,
        "index": {name: _ordered(found) for name, found in sorted(index.items())},
        "application": {
            name: {resource: _ordered(checks) for resource, checks in sorted(found.items())}
            for name, found in sorted(application.items())
        },
    }


def user_privileges(permission: Permission) -> dict[str, Any]:
    """Return all that one may. Raises UsageError for an API key with roles of its own: two lists tell nothing."""
    if len(permission.layers) != 1:
        raise UsageError(
            "Cannot retrieve privileges for API keys with assigned role descriptors. Please use the Get API key "
            "information API"
        )
    (role,) = permission.layers
    applications = dict.fromkeys(one for descriptor in role.descriptors for one in descriptor.applications)
    return {
        "cluster": sorted(role.cluster),
        "global": [one.global_privileges for one in role.descriptors if one.global_privileges],
        "indices": _indices(role),
        "applications": [render_application(one) for one in applications],
        "run_as": sorted({name for descriptor in role.descriptors for name in descriptor.run_as}),
    }


def _question(body: Any) -> Question:
    try:
        question = msgspec.convert(body, Question)
    except msgspec.ValidationError as cause:
        raise RoleParseError(f"failed to parse privileges check. {cause}") from cause
    checks = len(_listed(question.cluster)) + sum(
        len(_listed(one.names)) * len(_listed(one.privileges)) for one in question.index
    )
    checks += sum(len(_listed(one.privileges)) * len(_listed(one.resources)) for one in question.application)
    if checks == 0:
        raise RoleValidationError("must specify at least one privilege")
    if checks > MAX_CHECKS:
        raise UsageError(f"at most {MAX_CHECKS} privileges can be asked about at once")
    for privilege in _listed(question.cluster):
        check_cluster_privilege(privilege)
    for one in question.index:
        for privilege in _listed(one.privileges):
            check_index_privilege(privilege)
    return question


def _has_cluster(permission: Permission, name: str) -> bool:
    name = name.lower()
    return bool(permission.layers) and all(_layer_has_cluster(layer, name) for layer in permission.layers)


def _layer_has_cluster(role: Role, name: str) -> bool:
    if name in role.cluster or "all" in role.cluster:
        return True
    if name == MANAGE_OWN_API_KEY:
        return all(role.cluster_access(action) == "all" for action in OWN_API_KEY)
    return contains(role.cluster_language, cluster_language(name))


def _has_index(permission: Permission, name: str, privilege: str, *, restricted: bool) -> bool:
    wanted: Tree = language((name,))
    if not restricted:
        if covers(RESTRICTED, (name,)):
            return False
        wanted = ("and", (wanted, ("not", language(RESTRICTED))))
    actions = index_actions([privilege])
    return bool(permission.layers) and all(_layer_has_index(layer, wanted, actions) for layer in permission.layers)


def _layer_has_index(role: Role, wanted: Tree, actions: tuple[str, ...]) -> bool:
    granting = tuple(group for group in role.groups if covers(group.actions.given, actions))
    if names_cover(granting, wanted):
        return True
    about = [group for group in role.groups if names_cover((group,), wanted)]
    return bool(about) and covers(tuple(one for group in about for one in group.actions.given), actions)


def _has_application(role: Role, application: str, privilege: str, resource: str, actions: ApplicationActions) -> bool:
    return any(
        _grants(granted, application, privilege, resource, actions)
        for descriptor in role.descriptors
        for granted in descriptor.applications
    )


def _grants(
    granted: ApplicationPrivileges, application: str, privilege: str, resource: str, actions: ApplicationActions
) -> bool:
    if not covers((granted.application,), (application,)) or not covers(granted.resources, (resource,)):
        return False
    if "*" in granted.privileges or privilege in granted.privileges:
        return True
    given = tuple(one for name in granted.privileges for one in _application_actions(application, name, actions))
    wanted = _application_actions(application, privilege, actions)
    return bool(given) and bool(wanted) and covers(given, wanted)


def _application_actions(application: str, name: str, actions: ApplicationActions) -> tuple[str, ...]:
    """What a name of a privilege stands for; what is no name is a pattern of actions itself."""
    found = actions(application, name)
    if found is not None:
        return found
    return (name,) if set(name) & set("/*:") else ()


def _indices(role: Role) -> list[dict[str, Any]]:
    """Return the groups, those alike but for documents and fields as one."""
    merged: dict[tuple[Any, ...], tuple[list[FieldSecurity], list[str]]] = {}
    limits: dict[tuple[Any, ...], list[bool]] = defaultdict(lambda: [True, True])
    for group in (one.descriptor for one in role.groups):
        key = (tuple(sorted(group.names)), tuple(sorted(group.privileges)), group.allow_restricted_indices)
        fields, queries = merged.setdefault(key, ([], []))
        limits[key][0] &= group.field_security is not None
        limits[key][1] &= group.query is not None
        fields += [group.field_security] if group.field_security else []
        queries += [group.query] if group.query else []
    shown = []
    for (names, privileges, restricted), (fields, queries) in merged.items():
        one: dict[str, Any] = {"names": list(names), "privileges": list(privileges)}
        limited = limits[names, privileges, restricted]
        if limited[0]:
            one["field_security"] = [render_field_security(field) for field in dict.fromkeys(fields)]
        if limited[1]:
            one["query"] = list(dict.fromkeys(queries))
        shown.append({**one, "allow_restricted_indices": restricted})
    return shown


def _listed(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) else value


def _ordered(checks: Mapping[str, bool]) -> dict[str, bool]:
    return dict(sorted(checks.items()))
