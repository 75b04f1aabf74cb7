"""What of security was changed, as Elasticsearch's audit log tells it: the name of the event and what was done. Pure.

No password, hash or secret is in any of them: where there was one, that there was one is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from isthmus.security.api_keys.orders import KeyChange, NewKey, Wanted
from isthmus.security.api_keys.stored import ApiKey
from isthmus.security.application_privileges.stored import ApplicationPrivilege
from isthmus.security.role_mappings.stored import RoleMapping
from isthmus.security.roles.descriptor import RoleDescriptor, render_role
from isthmus.security.subject import ApiKeyType
from isthmus.security.users.orders import PutUser

Change = tuple[str, dict[str, Any]]


def user_put(order: PutUser) -> Change:
    """A user was made or changed."""
    user = {
        "name": order.username,
        "enabled": order.enabled,
        "roles": list(order.roles),
        "full_name": order.full_name,
        "email": order.email,
        "has_password": order.password is not None or order.password_hash is not None,
        "metadata": dict(order.metadata) or None,
    }
    return "put_user", {"put": {"user": _given(user)}}


def user_deleted(name: str) -> Change:
    """A user was deleted."""
    return "delete_user", {"delete": {"user": {"name": name}}}


def password_changed(name: str) -> Change:
    """A user has another password."""
    return "change_password", {"change": {"password": {"user": {"name": name}}}}


def user_enabled(name: str, *, enabled: bool) -> Change:
    """A user may come in again, or no more."""
    what = "enable" if enabled else "disable"
    return f"change_{what}_user", {"change": {what: {"user": {"name": name}}}}


def role_put(name: str, role: RoleDescriptor) -> Change:
    """A role was made or changed."""
    return "put_role", {"put": {"role": {"name": name, "role_descriptor": _role(render_role(role))}}}


def role_deleted(name: str) -> Change:
    """A role was deleted."""
    return "delete_role", {"delete": {"role": {"name": name}}}


def role_mapping_put(name: str, mapping: RoleMapping) -> Change:
    """A role mapping was made or changed."""
    told = {"name": name, "roles": list(mapping.roles), "rules": mapping.rules, "enabled": mapping.enabled}
    return "put_role_mapping", {"put": {"role_mapping": {**told, **_metadata(mapping.metadata)}}}


def role_mapping_deleted(name: str) -> Change:
    """A role mapping was deleted."""
    return "delete_role_mapping", {"delete": {"role_mapping": {"name": name}}}


def api_key_created(key: ApiKey, order: NewKey) -> Change:
    """An API key was made."""
    roles = msgspec.json.decode(key.role_descriptors)
    apikey = {
        "id": key.id,
        "name": key.name,
        "type": key.type,
        "expiration": _lifetime(order.lifetime),
        "role_descriptors": [_role(role) for role in roles.values()],
        **_metadata(order.metadata),
    }
    return "create_apikey", {"create": {"apikey": apikey}}


def api_key_changed(id_: str, kind: ApiKeyType, change: KeyChange) -> Change:
    """An API key was changed."""
    return "change_apikey", {"change": {"apikey": {"id": id_, "type": kind, **_key_change(change)}}}


def api_keys_changed(ids: Iterable[str], change: KeyChange) -> Change:
    """Several API keys were changed alike."""
    return "change_apikeys", {"change": {"apikeys": {"ids": list(ids), "type": "rest", **_key_change(change)}}}


def api_keys_invalidated(wanted: Wanted) -> Change:
    """The API keys that were meant do no more."""
    told: dict[str, Any] = {} if wanted.ids is None else {"ids": list(wanted.ids)}
    if wanted.name is not None:
        told["name"] = wanted.name
    told["owned_by_authenticated_user"] = wanted.owner
    if wanted.username is not None or wanted.realm is not None:
        told["user"] = {"name": wanted.username, "realm": wanted.realm}
    return "invalidate_apikeys", {"invalidate": {"apikeys": told}}


def service_token_created(account: str, name: str) -> Change:
    """A service account has one more token."""
    return "create_service_token", {"create": {"service_token": _service_token(account, name)}}


def service_token_deleted(account: str, name: str) -> Change:
    """A token of a service account does no more."""
    return "delete_service_token", {"delete": {"service_token": _service_token(account, name)}}


def privileges_put(privileges: Iterable[ApplicationPrivilege]) -> Change:
    """Privileges of applications were made or changed."""
    told = [
        {"application": one.application, "name": one.name, "actions": list(one.actions), **_metadata(one.metadata)}
        for one in privileges
    ]
    return "put_privileges", {"put": {"privileges": told}}


def privileges_deleted(application: str, names: Iterable[str]) -> Change:
    """Privileges of an application were deleted."""
    return "delete_privileges", {"delete": {"privileges": {"application": application, "privileges": list(names)}}}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _metadata(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"metadata": dict(metadata)} if metadata else {}


def _key_change(change: KeyChange) -> dict[str, Any]:
    roles = None if change.roles is None else msgspec.json.decode(change.roles)
    return {
        **({} if roles is None else {"role_descriptors": [_role(role) for role in roles.values()]}),
        **_metadata(change.metadata),
        "expiration": _lifetime(change.lifetime),
    }


def _lifetime(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    units = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
    unit = next(unit for unit, size in units.items() if milliseconds % size == 0)
    return f"{milliseconds // units[unit]}{unit}"


def _role(role: Mapping[str, Any]) -> dict[str, Any]:
    """Only a part of a role is always told; of the rest what says something."""
    always = {name: role.get(name) or [] for name in ("cluster", "indices", "applications", "run_as")}
    more = ("global", "remote_indices", "remote_cluster", "metadata", "description")
    told = {**always, **{name: role[name] for name in more if role.get(name)}}
    told["indices"] = [_indices(one) for one in told["indices"]]
    return told


def _indices(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "allow_restricted_indices" or value}


def _service_token(account: str, name: str) -> dict[str, str]:
    namespace, _, service = account.partition("/")
    return {"namespace": namespace, "service": service, "name": name}
