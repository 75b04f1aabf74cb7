"""From the credentials of an API key to an authentication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from isthmus.security.api_keys.access import hides_what_it_copies
from isthmus.security.api_keys.stored import API_KEYS, NOT_GIVEN, ApiKey
from isthmus.security.credentials import ApiKeyCredentials
from isthmus.security.random_secrets import is_secret
from isthmus.security.subject import ApiKeyRef, ApiKeyType, Authentication, RealmRef
from isthmus.security.watched import Watched
from isthmus.state.replicated import ReplicatedMap

REALM: Final = "_es_api_key"


class ApiKeys:
    """The API keys of the cluster's state; `clock` gives the milliseconds since 1970, `node` is this node's name."""

    def __init__(self, state: ReplicatedMap, clock: Callable[[], int], node: str = "") -> None:
        self.keys: Watched[ApiKey] = Watched(state, API_KEYS)
        self._realm = RealmRef(REALM, REALM, node)
        self._clock = clock

    def authenticate(self, credentials: ApiKeyCredentials, expected: ApiKeyType = "rest") -> Authentication | str:
        """Return who came with an API key of the type `expected`, or a sentence that says why it does not do."""
        key = self.keys.get(credentials.id)
        right = is_secret(credentials.secret, None if key is None else key.hash)
        if key is None:
            return f"unable to find apikey with id {credentials.id}"
        if not right:
            return f"invalid credentials for API key [{credentials.id}]"
        refusal = refusal_of(key, self._clock()) or _of_wrong_type(key, expected)
        return refusal or authentication_of(key, self._realm)


def refusal_of(key: ApiKey, now: int) -> str | None:
    """Return why a key with the right secret does not do at the time `now`; None if it does.

    One that hides what it lets be copied is of a time before that was refused.
    """
    if key.invalidation is not None:
        return f"api key [{key.id}] has been invalidated"
    if key.expiration is not None and key.expiration <= now:
        return f"api key [{key.id}] is expired"
    if key.type == "cross_cluster" and hides_what_it_copies(bytes(key.role_descriptors)):
        return f"api key [{key.id}] limits documents or fields of what it replicates, which would copy what it hides"
    return None


def authentication_of(key: ApiKey, realm: RealmRef) -> Authentication:
    """Return as whom somebody acts who came with `key`."""
    ref = ApiKeyRef(
        id=key.id,
        name=key.name,
        type=key.type,
        role_descriptors=bytes(key.role_descriptors),
        limited_by=None if key.limited_by == NOT_GIVEN else bytes(key.limited_by),
        certificate_identity=key.certificate_identity,
    )
    return Authentication(user=key.creator, authenticated_by=realm, type="api_key", api_key=ref)


def _of_wrong_type(key: ApiKey, expected: ApiKeyType) -> str | None:
    if key.type == expected:
        return None
    port = "remote cluster" if key.type == "cross_cluster" else "HTTP"
    return (
        f"authentication expected API key type of [{expected}], but API key [{key.id}] has type [{key.type}]; it is "
        f"for the {port} port of this cluster"
    )
