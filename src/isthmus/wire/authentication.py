"""The user that a request is made for, as Elasticsearch's nodes tell it (es-wire §3).

An Elasticsearch with security answers nothing but the tcp handshake without one, also to a peer whose certificate it
trusts. What nodes ask on their own behalf, they ask as the internal user `_system`. Names of nodes, realms, users and
roles in here are free text of whoever sent it: they serve an audit log, and decide nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from isthmus.wire.errors import MalformedError
from isthmus.wire.generic import read_generic, write_generic
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.version import TRANSPORT_VERSION

HEADER: Final = "_xpack_security_authentication"
AuthenticationType = Literal["realm", "api_key", "token", "anonymous", "internal"]

_TYPES: Final[tuple[AuthenticationType, ...]] = get_args(AuthenticationType)
_SYSTEM: Final = "_system"
_ATTACHED: Final = "__attach"
_NESTED: Final = ("_security_cross_cluster_access_authentication", "_security_cross_cluster_access_role_descriptors")
"""Keys whose values have a layout of their own. They tell of a request that came from another cluster already, which
nobody may pass on."""


@dataclass(frozen=True, kw_only=True)
class WireUser:
    """A user. An `internal` one is nothing but a name."""

    username: str
    roles: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    full_name: str | None = None
    email: str | None = None
    enabled: bool = True
    internal: bool = False


@dataclass(frozen=True)
class WireRealm:
    """The realm that knows a user, of the node that found him; `domain` is its name and realms (type, name)."""

    node: str
    name: str
    type: str
    domain: tuple[str, tuple[tuple[str, str], ...]] | None = None


@dataclass(frozen=True, kw_only=True)
class WireAuthentication:
    """Who asks and how that is known; with `run_as`, `authenticating` is who acts as `user`."""

    user: WireUser
    authenticating: WireUser | None = None
    authenticated_by: WireRealm
    looked_up_by: WireRealm | None = None
    type: AuthenticationType
    metadata: Mapping[str, Any] = field(default_factory=dict)


def system_user(node_name: str) -> dict[str, str]:
    """Return the request header by which the node `node_name` asks on its own behalf."""
    writer = Writer()
    writer.vint(TRANSPORT_VERSION)
    write_authentication(writer, system_authentication(node_name))
    return {HEADER: base64.b64encode(bytes(writer)).decode("ascii")}


def system_authentication(node_name: str) -> WireAuthentication:
    """Return the node `node_name` itself, as who asks."""
    return WireAuthentication(
        user=WireUser(username=_SYSTEM, internal=True),
        authenticated_by=WireRealm(node_name, _ATTACHED, _ATTACHED),
        type="internal",
    )


def is_system(authentication: WireAuthentication) -> bool:
    """Tell whether it is a node itself that asks."""
    return authentication.user == WireUser(username=_SYSTEM, internal=True) and authentication.type == "internal"


def read_authentication(reader: Reader) -> WireAuthentication:
    """Read who asks. Raises MalformedError, also for what came from another cluster already."""
    user, authenticating = _read_users(reader)
    authenticated_by = _read_realm(reader)
    looked_up_by = reader.optional(lambda: _read_realm(reader))
    kind = reader.vint()
    if not 0 <= kind < len(_TYPES):
        raise MalformedError(f"an authentication has the unknown type {kind}")
    return WireAuthentication(
        user=user,
        authenticating=authenticating,
        authenticated_by=authenticated_by,
        looked_up_by=looked_up_by,
        type=_TYPES[kind],
        metadata=_read_metadata(reader),
    )


def write_authentication(writer: Writer, authentication: WireAuthentication) -> None:
    """Write who asks. Raises MalformedError for metadata that has no layout."""
    _write_users(writer, authentication.user, authentication.authenticating)
    _write_realm(writer, authentication.authenticated_by)
    writer.optional(authentication.looked_up_by, lambda realm: _write_realm(writer, realm))
    writer.vint(_TYPES.index(authentication.type))
    writer.map_of(authentication.metadata, writer.string, lambda value: write_generic(writer, value))


def _read_users(reader: Reader) -> tuple[WireUser, WireUser | None]:
    """Read the user, and behind him the one who acts as him."""
    user = _read_user(reader)
    if user.internal or not reader.boolean():
        return user, None
    authenticating = _read_user(reader)
    if not authenticating.internal and reader.boolean():
        raise MalformedError("somebody acts as one who acts as another")
    return user, authenticating


def _read_user(reader: Reader) -> WireUser:
    if reader.boolean():
        return WireUser(username=reader.string(), internal=True)
    return WireUser(
        username=reader.string(),
        roles=tuple(reader.list_of(reader.string)),
        metadata=_metadata_of(read_generic(reader)),
        full_name=reader.optional(reader.string),
        email=reader.optional(reader.string),
        enabled=reader.boolean(),
    )


def _write_users(writer: Writer, user: WireUser, authenticating: WireUser | None) -> None:
    _write_user(writer, user)
    if user.internal:
        return
    writer.boolean(authenticating is not None)
    if authenticating is not None:
        _write_users(writer, authenticating, None)


def _write_user(writer: Writer, user: WireUser) -> None:
    writer.boolean(user.internal)
    writer.string(user.username)
    if user.internal:
        return
    writer.list_of(user.roles, writer.string)
    write_generic(writer, dict(user.metadata))
    writer.optional(user.full_name, writer.string)
    writer.optional(user.email, writer.string)
    writer.boolean(user.enabled)


def _read_realm(reader: Reader) -> WireRealm:
    return WireRealm(reader.string(), reader.string(), reader.string(), reader.optional(lambda: _read_domain(reader)))


def _read_domain(reader: Reader) -> tuple[str, tuple[tuple[str, str], ...]]:
    return reader.string(), tuple(reader.list_of(lambda: (reader.string(), reader.string())))


def _write_realm(writer: Writer, realm: WireRealm) -> None:
    for text in (realm.node, realm.name, realm.type):
        writer.string(text)
    writer.optional(realm.domain, lambda domain: _write_domain(writer, domain))


def _write_domain(writer: Writer, domain: tuple[str, tuple[tuple[str, str], ...]]) -> None:
    name, realms = domain
    writer.string(name)
    writer.vint(len(realms))
    for kind, realm in realms:
        writer.string(kind)
        writer.string(realm)


def _read_metadata(reader: Reader) -> dict[str, Any]:
    def key() -> str:
        name = reader.string()
        if name in _NESTED:
            raise MalformedError(f"the metadata [{name}] tells of a request that came from another cluster already")
        return name

    return reader.map_of(key, lambda: read_generic(reader))


def _metadata_of(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise MalformedError("the metadata of a user is no map of names")
    return value
