"""Who is asking, as a value: what authentication finds out, and what everything after it works with. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-authenticate.html
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

AuthenticationType = Literal["realm", "api_key", "token", "anonymous", "internal"]
ApiKeyType = Literal["rest", "cross_cluster"]


class User(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A user; `roles` are names. A service account is one too, with a `/` in its name and no roles."""

    username: str
    roles: tuple[str, ...] = ()
    full_name: str | None = None
    email: str | None = None
    metadata: dict[str, Any] = {}
    enabled: bool = True


class RealmRef(msgspec.Struct, frozen=True):
    """Where a user was found, and the name of the node that found it."""

    name: str
    type: str
    node: str = ""


class ApiKeyRef(msgspec.Struct, frozen=True, kw_only=True):
    """The API key that somebody came with.

    `role_descriptors` is what it was given (JSON, `{}`: all that its owner may), `limited_by` what its owner might do
    when it was made. A cross-cluster key has no owner's limit; `limits` are what another cluster leaves to who came
    with it there, each a JSON object of roles.
    """

    id: str
    name: str
    type: ApiKeyType = "rest"
    role_descriptors: bytes = b"{}"
    limited_by: bytes | None = None
    certificate_identity: str | None = None
    limits: tuple[bytes, ...] = ()


class Authentication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is asking and how it is known.

    `user` is whom everything is done as. When somebody acts as another (`run_as`), `authenticating` is that somebody,
    `lookup_by` the realm in which `user` was found; `authenticated_by` is always the realm of the credentials.
    `service_token` names the token of a service account.
    """

    user: User
    authenticated_by: RealmRef
    type: AuthenticationType = "realm"
    lookup_by: RealmRef | None = None
    authenticating: User | None = None
    api_key: ApiKeyRef | None = None
    service_token: str | None = None

    @property
    def by_himself(self) -> Authentication:
        """Who authenticated, acting as nobody else."""
        if self.authenticating is None:
            return self
        return msgspec.structs.replace(self, user=self.authenticating, lookup_by=None, authenticating=None)


def is_same(one: Authentication, other: Authentication) -> bool:
    """Whether what one began is the other's to go on with: the same user of the same realm, or the same API key."""
    return _identity(one) == _identity(other)


def _identity(who: Authentication) -> tuple[str, ...]:
    if who.api_key is not None and who.api_key.type == "rest":
        return ("api_key", who.api_key.id)
    key = "" if who.api_key is None else who.api_key.id
    realm = who.lookup_by or who.authenticated_by
    return ("user", who.user.username, realm.name, realm.type, key)
