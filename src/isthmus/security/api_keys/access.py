"""What a cross-cluster API key may reach, as it is given, and the one role that comes of it. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-create-cross-cluster-api-key.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import XContentParseError
from isthmus.security.roles.descriptor import IndicesPrivileges, RoleDescriptor, encode_roles, render_indices
from isthmus.security.roles.parsing import RoleParseError, parse_role
from isthmus.security.roles.queries import check_queries

ROLE: Final = "cross_cluster"
MAX_BYTES: Final = 256 << 10
_SEARCH: Final = ("read", "read_cross_cluster", "view_index_metadata")
_SEARCH_CLUSTER: Final = ("cross_cluster_search", "monitor_enrich")
_REPLICATION: Final = ("cross_cluster_replication", "cross_cluster_replication_internal")
_REPLICATION_CLUSTER: Final = ("cross_cluster_replication",)


class Access(msgspec.Struct, frozen=True):
    """`given` is what is shown of it, `roles` the role that it makes: both are JSON objects."""

    given: bytes
    roles: bytes


def parse_access(body: Any) -> Access:
    """Return what an `access` says. Raises UsageError."""
    given = JsonObject(body, "cross_cluster_api_key_request_access")
    search = _groups(given.json("search"), _SEARCH)
    replication = _groups(given.json("replication"), _REPLICATION)
    given.end()
    if not search and not replication:
        raise UsageError("must specify non-empty access for either [search] or [replication]")
    if replication and any(map(is_limited, search)):
        raise UsageError("search does not support document or field level security if replication is assigned")
    role = RoleDescriptor(
        name=ROLE,
        cluster=(*(_SEARCH_CLUSTER if search else ()), *(_REPLICATION_CLUSTER if replication else ())),
        indices=(*search, *replication),
    )
    check_queries(role)
    shown = {"search": [_shown(one) for one in search], "replication": [_shown(one) for one in replication]}
    access = Access(
        msgspec.json.encode({name: groups for name, groups in shown.items() if groups}),
        encode_roles([role]),
    )
    if len(access.roles) > MAX_BYTES:
        raise UsageError(f"[access] has at most {MAX_BYTES} bytes")
    return access


def hides_what_it_copies(roles: bytes) -> bool:
    """Whether a key's role limits documents or fields, and replicates: a copy would hold what is hidden."""
    groups = parse_role(ROLE, msgspec.json.decode(roles).get(ROLE, {})).indices
    return any(map(is_limited, groups)) and any(set(one.privileges) & set(_REPLICATION) for one in groups)


def is_limited(group: IndicesPrivileges) -> bool:
    """Whether documents or fields are hidden."""
    return group.query is not None or group.field_security is not None


def _groups(value: Any, privileges: tuple[str, ...]) -> tuple[IndicesPrivileges, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise XContentParseError("[cross_cluster_api_key_request_access] expects arrays of index privileges")
    for one in value:
        if isinstance(one, dict) and "privileges" in one:
            raise RoleParseError(
                f"failed to parse indices privileges for role [{ROLE}]. field [privileges] must not present"
            )
    groups = [{**one, "privileges": list(privileges)} if isinstance(one, dict) else one for one in value]
    return parse_role(ROLE, {"indices": groups}).indices


def _shown(group: IndicesPrivileges) -> dict[str, Any]:
    return {name: value for name, value in render_indices(group).items() if name != "privileges"}
