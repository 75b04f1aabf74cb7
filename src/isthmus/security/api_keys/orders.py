"""What requests to make, change and invalidate API keys say, checked. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-create-api-key.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ValidationError, XContentParseError
from isthmus.security.api_keys.access import Access, parse_access
from isthmus.security.roles.descriptor import encode_roles
from isthmus.security.roles.parsing import parse_new_role
from isthmus.settings.values import time_value

MAX_NAME: Final = 256
MAX_ROLES: Final = 100
MAX_IDS: Final = 10_000
MAX_METADATA: Final = 64 << 10
MAX_IDENTITY: Final = 1024
MAX_DAYS: Final = 36_500
MS: Final = 1000
_time = time_value(0.001, days=MAX_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key to be made. `roles` is a JSON object of roles (`{}`: all that its owner may), `lifetime` is in ms."""

    name: str
    roles: bytes = b"{}"
    lifetime: int | None = None
    metadata: Mapping[str, Any]
    access: Access | None = None
    certificate_identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """What shall be otherwise; what is None stays. `lifetime` counts from now."""

    roles: bytes | None = None
    lifetime: int | None = None
    metadata: Mapping[str, Any] | None = None
    access: Access | None = None
    certificate_identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which keys a request means: each of what is given limits them."""

    ids: tuple[str, ...] | None = None
    name: str | None = None
    username: str | None = None
    realm: str | None = None
    owner: bool = False


def new_key(body: Any) -> NewKey:
    """Return the key that a body asks for. Raises UsageError."""
    given = JsonObject(body, "api_key_request")
    made = NewKey(
        name=_name(given), roles=_roles(given) or b"{}", lifetime=_lifetime(given), metadata=_metadata(given) or {}
    )
    given.end()
    return made


def new_cross_cluster_key(body: Any) -> NewKey:
    """Return the cross-cluster key that a body asks for. Raises UsageError."""
    given = JsonObject(body, "cross_cluster_api_key_request")
    if given.json("access") is None:
        raise UsageError("Required [access]")
    access = _access(given)
    made = NewKey(
        name=_name(given),
        roles=b"{}" if access is None else access.roles,
        lifetime=_lifetime(given),
        metadata=_metadata(given) or {},
        access=access,
        certificate_identity=_identity(given),
    )
    given.end()
    return made


def key_change(body: Any) -> KeyChange:
    """Return what a body changes of a key. Raises UsageError."""
    given = JsonObject(body, "update_api_key_request_payload")
    change = KeyChange(roles=_roles(given), lifetime=_lifetime(given), metadata=_metadata(given))
    given.end()
    return change


def key_changes(body: Any) -> tuple[tuple[str, ...], KeyChange]:
    """Return the ids of the keys that a body changes, and what of them. Raises UsageError."""
    given = JsonObject(body, "bulk_update_api_key_request")
    if given.json("ids") is None:
        raise UsageError("Required [ids]")
    ids = _ids(given)
    if not ids:
        raise ValidationError("Validation Failed: 1: Field [ids] cannot be empty;")
    change = KeyChange(roles=_roles(given), lifetime=_lifetime(given), metadata=_metadata(given))
    given.end()
    return ids, change


def cross_cluster_key_change(body: Any) -> KeyChange:
    """Return what a body changes of a cross-cluster key. Raises UsageError."""
    given = JsonObject(body, "update_cross_cluster_api_key_request_payload")
    access = _access(given)
    change = KeyChange(
        roles=None if access is None else access.roles,
        lifetime=_lifetime(given),
        metadata=_metadata(given),
        access=access,
        certificate_identity=_identity(given),
    )
    given.end()
    if change.access is None and change.metadata is None and change.certificate_identity is None:
        raise ValidationError(
            "Validation Failed: 1: must update either [access] or [metadata] for cross-cluster API keys;"
        )
    return change


def to_invalidate(body: Any) -> Wanted:
    """Return which keys a body invalidates. Raises UsageError."""
    given = JsonObject(body, "invalidate_api_key")
    ids = None if given.json("ids") is None else _ids(given)
    wanted = Wanted(
        ids=ids,
        name=given.text("name"),
        username=given.text("username"),
        realm=given.text("realm_name"),
        owner=given.boolean("owner", default=False),
    )
    given.end()
    if ids == ():
        raise ValidationError("Validation Failed: 1: Field [ids] cannot be an empty array;")
    check_wanted(wanted, "invalidating", "api key id(s)")
    if wanted == Wanted():
        raise ValidationError(
            "Validation Failed: 1: One of [api key id(s), api key name, username, realm name] must be specified if "
            "[owner] flag is false;"
        )
    return wanted


def check_wanted(wanted: Wanted, doing: str, ids: str) -> None:
    """Raise ValidationError for limits that cannot be given together."""
    who = wanted.username is not None or wanted.realm is not None
    if wanted.ids is not None and wanted.name is not None:
        raise ValidationError(f"Validation Failed: 1: only one of [{ids}, api key name] can be specified;")
    if who and (wanted.ids is not None or wanted.name is not None):
        raise ValidationError(
            f"Validation Failed: 1: username or realm name must not be specified when the {ids} or api key name is "
            "specified;"
        )
    if who and wanted.owner:
        raise ValidationError(
            f"Validation Failed: 1: neither username nor realm-name may be specified when {doing} owned API keys;"
        )


def _name(given: JsonObject) -> str:
    if given.json("name") is None:
        raise UsageError("Required [name]")
    name = given.text("name") or ""
    problem = (
        "api key name is required"
        if not name.strip()
        else f"api key name may not be more than {MAX_NAME} characters long"
        if len(name) > MAX_NAME
        else "api key name may not begin or end with whitespace"
        if name != name.strip()
        else "api key name may not begin with an underscore"
        if name.startswith("_")
        else None
    )
    if problem is not None:
        raise ValidationError(f"Validation Failed: 1: {problem};")
    return name


def _roles(given: JsonObject) -> bytes | None:
    value = given.json("role_descriptors")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise XContentParseError(f"[{given.where}] [role_descriptors] is no object of roles by their names")
    if len(value) > MAX_ROLES:
        raise UsageError(f"[role_descriptors] has at most {MAX_ROLES} roles")
    return encode_roles(parse_new_role(name, body) for name, body in value.items())


def _lifetime(given: JsonObject) -> int | None:
    value = given.text("expiration")
    if value is None:
        return None
    try:
        return int(_time.parse(value) * MS)
    except ValueError as cause:
        raise UsageError(
            f"failed to parse setting [expiration] with value [{value[:50]}] as a time value: {cause}"
        ) from cause


def _metadata(given: JsonObject) -> Mapping[str, Any] | None:
    value = given.json("metadata")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise XContentParseError(f"[{given.where}] [metadata] is no object")
    if any(key.startswith("_") for key in value):
        raise ValidationError("Validation Failed: 1: API key metadata keys may not start with [_];")
    if len(msgspec.json.encode(value)) > MAX_METADATA:
        raise UsageError(f"[metadata] has at most {MAX_METADATA} bytes")
    return value


def _access(given: JsonObject) -> Access | None:
    return None if given.json("access") is None else parse_access(given.json("access"))


def _identity(given: JsonObject) -> str | None:
    value = given.text("certificate_identity")
    if value is None:
        return None
    if not 0 < len(value) <= MAX_IDENTITY:
        raise UsageError(f"[certificate_identity] has 1 to {MAX_IDENTITY} characters")
    try:
        re.compile(value)
    except re.error as cause:
        raise UsageError(f"Invalid certificate_identity format: [{value[:100]}]. Must be a valid regex.") from cause
    return value


def _ids(given: JsonObject) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(given.texts("ids")))
    if len(ids) > MAX_IDS:
        raise UsageError(f"[ids] has at most {MAX_IDS} entries")
    return ids
