"""API keys as they are told."""

from __future__ import annotations

from typing import Any

from isthmus.security.api_keys.service import MadeKey
from isthmus.security.api_keys.stored import NOT_GIVEN, ApiKey


def made_json(made: MadeKey) -> dict[str, Any]:
    """Return a new key, with its secret."""
    told: dict[str, Any] = {"id": made.key.id, "name": made.key.name}
    if made.key.expiration is not None:
        told["expiration"] = made.key.expiration
    return {**told, "api_key": made.secret, "encoded": made.encoded}


def key_json(key: ApiKey, *, limited: bool) -> dict[str, Any]:
    """Return what is told of a key, with what its owner might do if `limited`."""
    told: dict[str, Any] = {"id": key.id, "name": key.name, "type": key.type, "creation": key.creation}
    if key.expiration is not None:
        told["expiration"] = key.expiration
    told["invalidated"] = key.invalidation is not None
    if key.invalidation is not None:
        told["invalidation"] = key.invalidation
    told |= {"username": key.creator.username, "realm": key.realm.name, "realm_type": key.realm.type}
    told |= {"metadata": key.metadata, "role_descriptors": key.role_descriptors}
    if limited and key.limited_by != NOT_GIVEN:
        told["limited_by"] = [key.limited_by]
    if key.access != NOT_GIVEN:
        told["access"] = key.access
    if key.certificate_identity is not None:
        told["certificate_identity"] = key.certificate_identity
    return told
