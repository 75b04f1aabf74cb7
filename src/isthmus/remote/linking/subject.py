"""What another cluster is told of who asks there: who he is, and what this cluster's roles grant him over there. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/remote-clusters-api-key.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from isthmus.security.authorization.permission import NO_DESCRIPTORS
from isthmus.security.patterns import patterns
from isthmus.security.roles.descriptor import RoleDescriptor, render_indices
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.wire.authentication import WireAuthentication, WireRealm, WireUser, system_authentication
from isthmus.wire.cross_cluster_access import CREDENTIALS, SUBJECT_INFO, SubjectInfo, encode_subject_info

REMOTE_USER: Final = "_remote_user"
_ANYTHING: Final = msgspec.json.encode(
    {REMOTE_USER: {"cluster": [], "indices": [{"names": ["*"], "privileges": ["all"]}]}}
)
_API_KEY_METADATA: Final = "_security_api_key_{}"


def headers_of(credentials: str, subject: SubjectInfo) -> dict[str, str]:
    """Return the headers of a request to another cluster. Raises LimitExceededError, MalformedError."""
    return {CREDENTIALS: f"ApiKey {credentials}", SUBJECT_INFO: encode_subject_info(subject)}


def system_subject(node_name: str) -> SubjectInfo:
    """Return the node `node_name` itself, as who asks."""
    return SubjectInfo(system_authentication(node_name))


def unlimited_subject(node_name: str) -> SubjectInfo:
    """Return somebody who asks by the node `node_name`, and whom nothing but the API key limits."""
    user = WireAuthentication(
        user=WireUser(username="probe"), authenticated_by=WireRealm(node_name, "probe", "file"), type="realm"
    )
    return SubjectInfo(user, (_ANYTHING,))


def subject_of(who: Authentication, layers: Sequence[bytes], node_name: str) -> SubjectInfo:
    """Return who asks, limited to `layers`, which `remote_layers` gives."""
    return SubjectInfo(_wire(who, node_name), tuple(layers))


def remote_layers(alias: str, sets: Iterable[Sequence[RoleDescriptor]]) -> list[bytes] | None:
    """Return what each set of roles grants on the cluster `alias`, as JSON; None if one of them grants nothing."""
    layers = []
    for roles in sets:
        granted = _granted(alias, roles)
        if not granted["cluster"] and not granted["indices"]:
            return None
        layers.append(msgspec.json.encode({REMOTE_USER: granted}))
    return layers


def descriptors_in(role_descriptors: bytes) -> list[RoleDescriptor]:
    """Return the roles of a JSON object by their names. Raises UsageError."""
    bodies: dict[str, Any] = msgspec.json.decode(role_descriptors, type=dict[str, Any])
    return [parse_role(name, body) for name, body in bodies.items()]


def api_key_sets(role_descriptors: bytes, limited_by: bytes | None) -> list[list[RoleDescriptor]]:
    """Return the sets of roles that limit an API key: its own, if it was given some, and its owner's."""
    own = [] if role_descriptors == NO_DESCRIPTORS and limited_by is not None else [descriptors_in(role_descriptors)]
    return own if limited_by is None else [*own, descriptors_in(limited_by)]


def _granted(alias: str, roles: Sequence[RoleDescriptor]) -> dict[str, Any]:
    indices = [
        render_indices(group.indices)
        for role in roles
        for group in role.remote_indices
        if patterns(*group.clusters).matches(alias)
    ]
    cluster = [
        privilege
        for role in roles
        for group in role.remote_cluster
        if patterns(*group.clusters).matches(alias)
        for privilege in group.privileges
    ]
    return {"cluster": sorted(set(cluster)), "indices": indices}


def _wire(who: Authentication, node_name: str) -> WireAuthentication:
    return WireAuthentication(
        user=_user(who.user),
        authenticating=None if who.authenticating is None else _user(who.authenticating),
        authenticated_by=_realm(who.authenticated_by, node_name),
        looked_up_by=None if who.lookup_by is None else _realm(who.lookup_by, node_name),
        type=who.type,
        metadata=_metadata(who),
    )


def _user(user: User) -> WireUser:
    return WireUser(
        username=user.username,
        roles=user.roles,
        metadata=user.metadata,
        full_name=user.full_name,
        email=user.email,
        enabled=user.enabled,
    )


def _realm(realm: RealmRef, node_name: str) -> WireRealm:
    return WireRealm(realm.node or node_name, realm.name, realm.type)


def _metadata(who: Authentication) -> dict[str, Any]:
    key = who.api_key
    if key is None:
        return {}
    told = {"id": key.id, "name": key.name, "type": key.type, "creator_realm_name": who.authenticated_by.name}
    return {_API_KEY_METADATA.format(name): value for name, value in told.items()}
