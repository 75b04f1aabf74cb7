"""What of API keys, users and roles can be searched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from isthmus.security.api_keys.stored import ApiKey
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.searching import Fields, Value, Values, of_metadata
from isthmus.security.subject import User

_DATES: Final = ("creation", "expiration", "invalidation")
_OF_KEYS: Final[dict[str, Callable[[ApiKey], Value | None]]] = {
    "creation": lambda key: key.creation,
    "expiration": lambda key: key.expiration,
    "invalidated": lambda key: key.invalidation is not None,
    "invalidation": lambda key: key.invalidation,
    "name": lambda key: key.name,
    "realm_name": lambda key: key.realm.name,
    "type": lambda key: key.type,
    "username": lambda key: key.creator.username,
}
_OF_USERS: Final[dict[str, Callable[[User], Sequence[Value]]]] = {
    "email": lambda user: _some(user.email),
    "enabled": lambda user: [user.enabled],
    "full_name": lambda user: _some(user.full_name),
    "roles": lambda user: user.roles,
    "username": lambda user: [user.username],
}
_OF_ROLES: Final[dict[str, Callable[[RoleDescriptor], Sequence[Value]]]] = {
    "applications.application": lambda role: [one.application for one in role.applications],
    "applications.privileges": lambda role: [name for one in role.applications for name in one.privileges],
    "applications.resources": lambda role: [name for one in role.applications for name in one.resources],
    "description": lambda role: _some(role.description),
    "name": lambda role: [role.name],
}


def _key(field: str) -> Values[ApiKey] | None:
    read = _OF_KEYS.get(field)
    return of_metadata(field, lambda key: key.metadata) if read is None else lambda key: _some(read(key))


def _role(field: str) -> Values[RoleDescriptor] | None:
    return _OF_ROLES.get(field) or of_metadata(field, lambda role: role.metadata)


def _some(value: Value | None) -> Sequence[Value]:
    return [] if value is None else [value]


KEYS: Final[Fields[ApiKey]] = Fields(lambda key: key.id, _key, _DATES)
USERS: Final[Fields[User]] = Fields(lambda user: user.username, _OF_USERS.get)
ROLES: Final[Fields[RoleDescriptor]] = Fields(lambda role: role.name, _role)
