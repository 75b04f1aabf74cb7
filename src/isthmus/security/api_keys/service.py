"""API keys made, changed and invalidated in the cluster's state.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api.html#security-api-keys
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec.structs import replace

from isthmus.errors import DataError, IsthmusError, UsageError
from isthmus.security.api_keys.orders import KeyChange, NewKey, Wanted
from isthmus.security.api_keys.owner import Owner, owner_of
from isthmus.security.api_keys.stored import API_KEYS, NOT_GIVEN, ApiKey
from isthmus.security.random_secrets import hash_secret, new_secret
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import ApiKeyType, Authentication
from isthmus.security.watched import Watched
from isthmus.state.errors import VersionConflictError
from isthmus.state.history import Write
from isthmus.state.replicated import ReplicatedMap

TRIES: Final = 20
# What is over stays for a while, so that its holder is told so rather than that it is not known.
RETENTION_MS: Final = 7 * 24 * 60 * 60 * 1000
_MAX_FORGOTTEN: Final = 1_000
_MADE_BETWEEN: Final = 100
_ID_BYTES: Final = 15

Limit = Callable[[Authentication], bytes]
"""Gives the roles of who asks as a JSON object: a key may never do more than its owner could."""


class ApiKeyNotFoundError(DataError):
    """There is no such key, or it is another's."""

    type = "resource_not_found_exception"
    status = 404


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key; its secret is shown this once."""

    key: ApiKey
    secret: str = field(repr=False)

    @property
    def encoded(self) -> str:
        """What follows `ApiKey` in an Authorization header."""
        return base64.b64encode(f"{self.key.id}:{self.secret}".encode()).decode()


class ApiKeyService:
    """Writes the keys of `state`, which `keys` reads; `clock` gives the milliseconds since 1970."""

    def __init__(self, state: ReplicatedMap, keys: Watched[ApiKey], limit: Limit, clock: Callable[[], int]) -> None:
        self._state = state
        self._keys = keys
        self._limit = limit
        self._clock = clock
        self._made = 0

    def owner(self, who: Authentication) -> Owner:
        """Return whose keys are the own ones of who asks."""
        return owner_of(who, None if who.api_key is None else self._keys.get(who.api_key.id))

    async def create(self, order: NewKey, who: Authentication) -> MadeKey:
        """Make a key of somebody. Raises UsageError where he came with a key himself, and it may not make this one."""
        if who.api_key is not None:
            _check_derived(order)
        secret, now = new_secret(), self._clock()
        key = ApiKey(
            id=secrets.token_urlsafe(_ID_BYTES),
            name=order.name,
            type="rest" if order.access is None else "cross_cluster",
            hash=hash_secret(secret),
            creator=replace(who.user, roles=()),
            realm=who.lookup_by or who.authenticated_by,
            creation=now,
            expiration=None if order.lifetime is None else now + order.lifetime,
            metadata=dict(order.metadata),
            role_descriptors=msgspec.Raw(order.roles),
            limited_by=msgspec.Raw(self._limit(who)) if order.access is None else NOT_GIVEN,
            access=NOT_GIVEN if order.access is None else msgspec.Raw(order.access.given),
            certificate_identity=order.certificate_identity,
        )
        await self._state.write([Write(API_KEYS.key(key.id), API_KEYS.encode(key), 0), *self._forgotten()])
        return MadeKey(key, secret)

    async def update(self, id_: str, change: KeyChange, who: Authentication, kind: ApiKeyType) -> bool:
        """Change a key of who asks; tell whether anything is otherwise now. Raises UsageError, ApiKeyNotFoundError."""
        if who.api_key is not None:
            raise UsageError(
                "authentication via API key not supported: only the owner user can update an API key",
                hint="ask with the owner's own credentials",
            )
        return await self._change(id_, lambda key: self._changed(key, change, who, kind)) is not None

    async def update_many(
        self, ids: Iterable[str], change: KeyChange, who: Authentication
    ) -> dict[str, bool | IsthmusError]:
        """Change some keys; tell of each whether anything is otherwise now, or why it could not be changed."""
        told: dict[str, bool | IsthmusError] = {}
        for id_ in ids:
            try:
                told[id_] = await self.update(id_, change, who, "rest")
            except (UsageError, ApiKeyNotFoundError) as error:
                told[id_] = error
        return told

    def find(self, wanted: Wanted, owner: Owner) -> list[ApiKey]:
        """Return the keys that a request means, in the order in which they were made; `owner` is who asks."""
        if wanted.ids is not None:
            named = (self._keys.get(id_) for id_ in wanted.ids)
            found = [key for key in named if key is not None]
        else:
            found = list(self._keys.all().values())
        return sorted((key for key in found if _is_meant(key, wanted, owner)), key=lambda key: (key.creation, key.id))

    async def invalidate(self, wanted: Wanted, owner: Owner) -> tuple[list[str], list[str]]:
        """Invalidate the keys that a request means; return their ids, and those that had been invalidated before."""
        now = self._clock()
        done: list[str] = []
        before: list[str] = []
        for found in self.find(wanted, owner):
            ended = await self._change(
                found.id, lambda key: None if key.invalidation is not None else replace(key, invalidation=now)
            )
            (before if ended is None else done).append(found.id)
        return done, before

    def _changed(self, key: ApiKey, change: KeyChange, who: Authentication, kind: ApiKeyType) -> ApiKey | None:
        now = self._clock()
        if not self.owner(who).owns(key):
            raise _not_found(key.id)
        if key.invalidation is not None:
            raise UsageError(f"cannot update invalidated API key [{key.id}]")
        if key.expiration is not None and key.expiration <= now:
            raise UsageError(f"cannot update expired API key [{key.id}]")
        if key.type != kind:
            raise UsageError(f"cannot update API key of type [{key.type}] while expected type is [{kind}]")
        changed = replace(
            key,
            creator=replace(who.user, roles=()),
            limited_by=msgspec.Raw(self._limit(who)) if kind == "rest" else NOT_GIVEN,
            role_descriptors=key.role_descriptors if change.roles is None else msgspec.Raw(change.roles),
            metadata=key.metadata if change.metadata is None else dict(change.metadata),
            access=key.access if change.access is None else msgspec.Raw(change.access.given),
            expiration=key.expiration if change.lifetime is None else now + change.lifetime,
            certificate_identity=change.certificate_identity or key.certificate_identity,
        )
        return None if API_KEYS.encode(changed) == API_KEYS.encode(key) else changed

    async def _change(self, id_: str, change: Callable[[ApiKey], ApiKey | None]) -> ApiKey | None:
        """Write what `change` makes of a key (None: it stays), tried again where somebody came between."""
        place = API_KEYS.key(id_)
        for attempt in range(TRIES):
            entry = self._state.get(place)
            if entry is None:
                raise _not_found(id_)
            changed = change(API_KEYS.decode(entry))
            if changed is None:
                return None
            try:
                await self._state.put(place, API_KEYS.encode(changed), expected=entry.revision)
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
                continue
            return changed
        raise AssertionError("the last try returns or raises")

    def _forgotten(self) -> list[Write]:
        """What has been over for long is deleted when others are made."""
        self._made += 1
        if self._made % _MADE_BETWEEN != 1:
            return []
        before = self._clock() - RETENTION_MS
        over = (key.id for key in self._keys.all().values() if _ended(key) < before)
        return [Write(API_KEYS.key(id_), None, None) for id_, _ in zip(over, range(_MAX_FORGOTTEN), strict=False)]


def _check_derived(order: NewKey) -> None:
    if order.access is not None:
        raise UsageError(
            "authentication via API key not supported: An API key cannot be used to create a cross-cluster API key",
            hint="ask with a user's own credentials",
        )
    roles = msgspec.json.decode(order.roles, type=dict[str, msgspec.Raw])
    if not roles or not all(parse_role(name, msgspec.json.decode(role)).grants_nothing for name, role in roles.items()):
        raise UsageError(
            "creating derived api keys requires an explicit role descriptor that is empty (has no privileges)"
        )


def _is_meant(key: ApiKey, wanted: Wanted, owner: Owner) -> bool:
    if wanted.owner and not owner.owns(key):
        return False
    if wanted.username not in (None, key.creator.username) or wanted.realm not in (None, key.realm.name):
        return False
    name = wanted.name
    if name is None or not name.endswith("*"):
        return name in (None, key.name)
    return key.name.startswith(name[:-1])


def _ended(key: ApiKey) -> float:
    return min(key.invalidation or float("inf"), key.expiration or float("inf"))


def _not_found(id_: str) -> ApiKeyNotFoundError:
    return ApiKeyNotFoundError(f"no API key owned by requesting user found for ID [{id_[:100]}]")
