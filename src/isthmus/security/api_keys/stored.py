"""How an API key stands in the cluster's state: `api_key/<id>`, as JSON. Times are milliseconds since 1970."""

from __future__ import annotations

from typing import Any

import msgspec

from isthmus.errors import DataError
from isthmus.security.subject import ApiKeyType, RealmRef, User
from isthmus.state.history import StoredEntry

FORMAT = 1
PREFIX = "api_key/"


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key. `hash` is `secrets.hash_secret`'s; `creator` is its owner as he was, found in the realm `realm`.

    `role_descriptors` is the JSON object of roles that it was given (empty: all that its owner may), `limited_by` that
    of all that the owner might do when it was made or last changed. A cross-cluster key has `access` as it was given,
    and the one role made of that.
    """

    format: int = FORMAT
    id: str
    name: str
    type: ApiKeyType = "rest"
    hash: str
    creator: User
    realm: RealmRef
    creation: int
    expiration: int | None = None
    invalidation: int | None = None
    metadata: dict[str, Any] = {}
    role_descriptors: msgspec.Raw = msgspec.Raw(b"{}")
    limited_by: msgspec.Raw | None = None
    access: msgspec.Raw | None = None
    certificate_identity: str | None = None

    def __repr__(self) -> str:
        """The hash stays out of logs."""
        return f"ApiKey(id={self.id!r}, name={self.name!r}, type={self.type!r})"


class NewerApiKeyError(DataError):
    """A key was written by a newer version."""


def api_key_key(id: str) -> str:  # noqa: A002
    """Return the key of the state under which an API key stands."""
    return PREFIX + id


def encode_api_key(key: ApiKey) -> bytes:
    """Return a key as it is written."""
    return msgspec.json.encode(key)


def decode_api_key(entry: StoredEntry) -> ApiKey:
    """Return a key as it was written. Raises NewerApiKeyError."""
    key = msgspec.json.decode(entry.value, type=ApiKey)
    if key.format > FORMAT:
        raise NewerApiKeyError(f"the API key is written in the newer format {key.format}", where=entry.key)
    return key
