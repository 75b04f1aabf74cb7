"""A role as a value, and as Elasticsearch renders it. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-get-role.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec


class FieldSecurity(msgspec.Struct, frozen=True):
    """The fields that may be seen: those of `grant` (None: all) without those of `excluded`."""

    grant: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()


class IndicesPrivileges(msgspec.Struct, frozen=True, kw_only=True):
    """What may be done with the indices of some names; `query` is JSON, and limits the documents."""

    names: tuple[str, ...]
    privileges: tuple[str, ...]
    field_security: FieldSecurity | None = None
    query: str | None = None
    allow_restricted_indices: bool = False


class RemoteIndicesPrivileges(msgspec.Struct, frozen=True):
    """What may be done with indices of other clusters."""

    clusters: tuple[str, ...]
    indices: IndicesPrivileges


class RemoteClusterPrivileges(msgspec.Struct, frozen=True):
    """What may be done with other clusters."""

    clusters: tuple[str, ...]
    privileges: tuple[str, ...]


class ApplicationPrivileges(msgspec.Struct, frozen=True):
    """What may be done in an application that keeps its privileges here."""

    application: str
    privileges: tuple[str, ...]
    resources: tuple[str, ...]


class RoleDescriptor(msgspec.Struct, frozen=True, kw_only=True):
    """A role. `global_privileges` is the JSON object under `global`: what may be managed of applications.

    `transient_metadata` is what Elasticsearch tells of a role beside what is stored: that it counts.
    """

    name: str
    cluster: tuple[str, ...] = ()
    global_privileges: dict[str, Any] = {}
    indices: tuple[IndicesPrivileges, ...] = ()
    applications: tuple[ApplicationPrivileges, ...] = ()
    run_as: tuple[str, ...] = ()
    metadata: dict[str, Any] = {}
    transient_metadata: dict[str, Any] = msgspec.field(default_factory=lambda: {"enabled": True})
    remote_indices: tuple[RemoteIndicesPrivileges, ...] = ()
    remote_cluster: tuple[RemoteClusterPrivileges, ...] = ()
    description: str | None = None

    @property
    def grants_nothing(self) -> bool:
        """Whether nobody may do anything by this role."""
        granted = (self.cluster, self.global_privileges, self.indices, self.applications, self.run_as)
        return not any((*granted, self.remote_indices, self.remote_cluster))


def render_role(role: RoleDescriptor) -> dict[str, Any]:
    """Return a role as `GET _security/role` shows it, under its name."""
    shown: dict[str, Any] = {"cluster": list(role.cluster)}
    if role.global_privileges:
        shown["global"] = role.global_privileges
    shown["indices"] = [render_indices(one) for one in role.indices]
    shown["applications"] = [render_application(one) for one in role.applications]
    shown |= {"run_as": list(role.run_as), "metadata": role.metadata, "transient_metadata": role.transient_metadata}
    if role.remote_indices:
        shown["remote_indices"] = [
            {**render_indices(one.indices), "clusters": list(one.clusters)} for one in role.remote_indices
        ]
    if role.remote_cluster:
        shown["remote_cluster"] = [
            {"privileges": list(one.privileges), "clusters": list(one.clusters)} for one in role.remote_cluster
        ]
    if role.description is not None:
        shown["description"] = role.description
    return shown


def encode_roles(roles: Iterable[RoleDescriptor]) -> bytes:
    """Return roles as a JSON object by their names."""
    return msgspec.json.encode({role.name: render_role(role) for role in roles})


def render_indices(group: IndicesPrivileges) -> dict[str, Any]:
    """Return what may be done with indices, as JSON."""
    shown: dict[str, Any] = {"names": list(group.names), "privileges": list(group.privileges)}
    if group.field_security is not None:
        shown["field_security"] = render_field_security(group.field_security)
    if group.query is not None:
        shown["query"] = group.query
    shown["allow_restricted_indices"] = group.allow_restricted_indices
    return shown


def render_field_security(fields: FieldSecurity) -> dict[str, Any]:
    """Return which fields may be seen, as JSON."""
    shown: dict[str, Any] = {} if fields.grant is None else {"grant": list(fields.grant)}
    if fields.excluded:
        shown["except"] = list(fields.excluded)
    return shown


def render_application(granted: ApplicationPrivileges) -> dict[str, Any]:
    """Return what may be done in an application, as JSON."""
    return {
        "application": granted.application,
        "privileges": list(granted.privileges),
        "resources": list(granted.resources),
    }
