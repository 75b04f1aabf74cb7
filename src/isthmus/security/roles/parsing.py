"""JSON to a role, with Elasticsearch's leniencies and everything else refused by name. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-put-role.html
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from typing import Any, Final, TypeVar

import msgspec

from isthmus.errors import UsageError
from isthmus.security.credentials import is_username
from isthmus.security.patterns import covers, patterns
from isthmus.security.privileges.actions import REMOTE_CLUSTER, check_cluster_privilege, check_index_privilege
from isthmus.security.roles.descriptor import (
    ApplicationPrivileges,
    FieldSecurity,
    IndicesPrivileges,
    RemoteClusterPrivileges,
    RemoteIndicesPrivileges,
    RoleDescriptor,
)
from isthmus.security.roles.queries import check_queries

T = TypeVar("T")

MAX_GROUPS: Final = 1_000
MAX_STRINGS: Final = 1_000
MAX_STRING: Final = 1_024
MAX_QUERY: Final = 64 << 10
MAX_DESCRIPTION: Final = 1_000
MAX_METADATA: Final = 64 << 10
METADATA_FIELDS: Final = "_*"
"""Fields that are seen whatever is granted."""

_NAME_RULE: Final = (
    "Role names must be at least [1] and no more than [507] characters. They can contain alphanumeric characters (a-z, "
    "A-Z, 0-9), spaces, punctuation, and printable symbols in the Basic Latin (ASCII) block. Leading or trailing "
    "whitespace is not allowed."
)
_INDICES: Final = ("names", "privileges", "field_security", "query", "allow_restricted_indices")
_MANAGED: Final = ("names", "privileges")
_GLOBAL: Final = {"application": "manage", "profile": "write", "role": "manage"}
_ROLE: Final = (
    "applications", "cluster", "description", "global", "index", "indices", "metadata", "remote_cluster",
    "remote_indices", "run_as", "transient_metadata",
)  # fmt: skip


class RoleParseError(UsageError):
    """A body that does not describe a role."""

    type = "parse_exception"


class RoleValidationError(UsageError):
    """A role that is well formed and cannot be."""

    type = "action_request_validation_exception"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Validation Failed: 1: {problem};")


def check_role_name(name: str) -> None:
    """Raise RoleValidationError for what cannot name a role."""
    if not is_username(name):
        raise RoleValidationError(_NAME_RULE)


def parse_new_role(name: str, body: Any) -> RoleDescriptor:
    """Return the role that somebody wants to be put.

    Raises UsageError as `parse_role`, for a query that cannot limit documents, and for reserved metadata.
    """
    check_role_name(name)
    role = parse_role(name, body)
    check_queries(role)
    if any(key.startswith("_") for key in role.metadata):
        raise RoleValidationError("role descriptor metadata keys may not start with [_]")
    return role


def parse_role(name: str, body: Any) -> RoleDescriptor:
    """Return the role `name` that JSON describes.

    Raises RoleParseError, UnknownPrivilegeError and what a pattern may raise, each a UsageError.
    """
    return _Parsing(name).role(body)


class _Parsing:
    def __init__(self, name: str) -> None:
        self._name = name[:100]
        self._what = "role"
        self._role = name

    def role(self, body: Any) -> RoleDescriptor:
        given = self._object(body, _ROLE)
        cluster = self._strings(given, "cluster")
        if "index" in given and "indices" in given:
            raise self._wrong("[index] and [indices] are the same, and cannot both be given")
        run_as = self._strings(given, "run_as")
        patterns(*run_as)
        for privilege in cluster:
            check_cluster_privilege(privilege)
        return RoleDescriptor(
            name=self._role,
            cluster=cluster,
            global_privileges=self._global(given),
            indices=self._groups(
                given, "indices" if "index" not in given else "index", "indices privileges", self._indices
            ),
            applications=self._groups(given, "applications", "application privileges", self._application),
            run_as=run_as,
            metadata=self._metadata(given),
            transient_metadata=self._transient_metadata(given),
            remote_indices=self._groups(given, "remote_indices", "remote indices privileges", self._remote_indices),
            remote_cluster=self._groups(given, "remote_cluster", "remote cluster privileges", self._remote_cluster),
            description=self._description(given),
        )

    def _groups(self, given: dict[str, Any], field: str, what: str, parse: Callable[[Any], T]) -> tuple[T, ...]:
        value = given.get(field)
        if value is None:
            return ()
        self._what = what
        if not isinstance(value, list):
            raise self._wrong(f"expected field [{field}] value to be an array")
        if len(value) > MAX_GROUPS:
            raise self._wrong(f"[{field}] has at most {MAX_GROUPS} entries")
        groups = tuple(parse(one) for one in value)
        self._what = "role"
        return groups

    def _remote_indices(self, body: Any) -> RemoteIndicesPrivileges:
        given = dict(self._object(body, (*_INDICES, "clusters")))
        clusters = self._required(given, "clusters")
        given.pop("clusters")
        return RemoteIndicesPrivileges(clusters, self._indices(given))

    def _remote_cluster(self, body: Any) -> RemoteClusterPrivileges:
        given = self._object(body, ("clusters", "privileges"))
        privileges = self._required(given, "privileges")
        for privilege in privileges:
            if privilege not in REMOTE_CLUSTER:
                raise self._wrong(f"[{privilege[:100]}] is not one of [{','.join(REMOTE_CLUSTER)}]")
        return RemoteClusterPrivileges(self._required(given, "clusters"), privileges)

    def _indices(self, body: Any) -> IndicesPrivileges:
        given = self._object(body, _INDICES)
        names = self._required(given, "names")
        patterns(*names)
        privileges = self._required(given, "privileges")
        for privilege in privileges:
            check_index_privilege(privilege)
        return IndicesPrivileges(
            names=names,
            privileges=privileges,
            field_security=self._field_security(given.get("field_security")),
            query=self._query(given.get("query")),
            allow_restricted_indices=self._boolean(given, "allow_restricted_indices"),
        )

    def _field_security(self, value: Any) -> FieldSecurity | None:
        if value is None:
            return None
        given = self._object(value, ("grant", "except"))
        grant = self._strings(given, "grant") if given.get("grant") is not None else None
        excluded = self._strings(given, "except")
        if grant is None and not excluded:
            return None
        patterns(*(grant or ()), *excluded)
        if grant is not None and not covers((*grant, METADATA_FIELDS), excluded):
            raise self._wrong(
                "Exceptions for field permissions must be a subset of the granted fields but "
                f"{','.join(excluded)[:200]} is not a subset of {','.join(grant)[:200]}"
            )
        return FieldSecurity(grant, excluded)

    def _query(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if isinstance(value, dict):
            value = msgspec.json.encode(value).decode()
        if not isinstance(value, str):
            raise self._wrong("expected field [query] value to be a string or an object")
        if len(value) > MAX_QUERY:
            raise self._wrong(f"[query] has at most {MAX_QUERY} characters")
        return value

    def _application(self, body: Any) -> ApplicationPrivileges:
        given = self._object(body, ("application", "privileges", "resources"))
        application = given.get("application")
        if not isinstance(application, str) or not 0 < len(application) <= MAX_STRING:
            raise self._wrong("missing required [application] field")
        resources = self._required(given, "resources")
        patterns(application, *resources)
        return ApplicationPrivileges(application, self._required(given, "privileges"), resources)

    def _global(self, given: dict[str, Any]) -> dict[str, Any]:
        value = self._object(self._optional_object(given, "global"), _GLOBAL)
        for category, body in value.items():
            order = _GLOBAL[category]
            if not self._object(body, (order,)):
                continue  # as Elasticsearch shows a category of which nothing is granted
            inner = body[order]
            if category == "role":
                self._managed_roles(inner)
            else:
                patterns(*self._required(self._object(inner, ("applications",)), "applications"))
        return value

    def _managed_roles(self, body: Any) -> None:
        given = self._object(body, ("indices",))
        for group in self._groups(given, "indices", "global role privileges", lambda one: self._object(one, _MANAGED)):
            patterns(*self._required(group, "names"))
            for privilege in self._required(group, "privileges"):
                check_index_privilege(privilege)

    def _metadata(self, given: dict[str, Any]) -> dict[str, Any]:
        value = self._optional_object(given, "metadata")
        if len(msgspec.json.encode(value)) > MAX_METADATA:
            raise self._wrong(f"[metadata] has at most {MAX_METADATA} bytes")
        return value

    def _transient_metadata(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("transient_metadata") is None:
            return {"enabled": True}
        value = self._object(given["transient_metadata"], ("enabled",))
        if value.get("enabled", True) is not True:
            raise self._wrong("[transient_metadata] tells that a role counts, and cannot be changed")
        return value

    def _description(self, given: dict[str, Any]) -> str | None:
        value = given.get("description")
        if value is not None and not isinstance(value, str):
            raise self._wrong("expected field [description] value to be a string")
        if value is not None and len(value) > MAX_DESCRIPTION:
            raise RoleValidationError(f"Role description must be less than {MAX_DESCRIPTION} characters.")
        return value

    def _boolean(self, given: dict[str, Any], field: str) -> bool:
        value = given.get(field, False)
        if value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            raise self._wrong(f"expected field [{field}] value to be true or false")
        return value

    def _optional_object(self, given: dict[str, Any], field: str) -> dict[str, Any]:
        value = given.get(field)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(f"expected field [{field}] value to be an object")
        return value

    def _required(self, given: dict[str, Any], field: str) -> tuple[str, ...]:
        if given.get(field) is None:
            raise self._wrong(f"missing required [{field}] field")
        values = self._strings(given, field)
        if not values:
            raise self._wrong(f"[{field}] cannot be an empty array")
        return values

    def _strings(self, given: dict[str, Any], field: str) -> tuple[str, ...]:
        value = given.get(field)
        if value is None:
            return ()
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise self._wrong(f"expected field [{field}] value to be a string or an array of strings")
        if len(values) > MAX_STRINGS or any(not 0 < len(one) <= MAX_STRING for one in values):
            raise self._wrong(f"[{field}] has at most {MAX_STRINGS} texts of 1 to {MAX_STRING} characters")
        return tuple(dict.fromkeys(values))

    def _object(self, body: Any, known: Collection[str]) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise self._wrong("expected an object")
        for field in body:
            if field not in known:
                near = difflib.get_close_matches(str(field)[:100], known, 1)
                hint = f"did you mean [{near[0]}]?" if near else f"known are {', '.join(known)}"
                raise self._wrong(f"unexpected field [{str(field)[:100]}]", hint)
        return body

    def _wrong(self, what: str, hint: str | None = None) -> RoleParseError:
        of = "role" if self._what == "role" else f"{self._what} for role"
        return RoleParseError(f"failed to parse {of} [{self._name}]. {what}", hint=hint)
