"""How an API key stands in the cluster's state: `api_key/<id>`, as JSON. Times are milliseconds since 1970."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.security.kept import Kept
from isthmus.security.subject import ApiKeyType, RealmRef, User

NOT_GIVEN: Final = msgspec.Raw(b"null")


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One key. `hash` is `secrets.hash_secret`'s; `creator` is its owner as he was, found in the realm `realm`.

    `role_descriptors` is the JSON object of roles that it was given (empty: all that its owner may), `limited_by` that
    of all that the owner might do when it was made or last changed. A cross-cluster key has `access` as it was given,
    and the one role made of that, and no owner's limit.
    """

    format: int = 1
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
    limited_by: msgspec.Raw = NOT_GIVEN
    access: msgspec.Raw = NOT_GIVEN
    certificate_identity: str | None = None

    def is_active(self, now: int) -> bool:
        """Whether it does at the time `now`."""
        return self.invalidation is None and (self.expiration is None or self.expiration > now)

    def __repr__(self) -> str:
        """The hash stays out of logs."""
        return f"ApiKey(id={self.id!r}, name={self.name!r}, type={self.type!r})"


API_KEYS: Final = Kept("API key", "api_key/", ApiKey)
