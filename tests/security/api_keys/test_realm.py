"""Who comes with an API key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.api_keys.stored import API_KEYS, ApiKey
from isthmus.security.credentials import ApiKeyCredentials
from isthmus.security.random_secrets import hash_secret, is_secret, new_secret
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.state.replicated import ReplicatedMap
from tests.security.state import own_state

SECRET = new_secret()
NOW = 1_000
KEY = ApiKey(
    id="k1",
    name="nightly",
    hash=hash_secret(SECRET),
    creator=User(username="jo", roles=("a",)),
    realm=RealmRef("default_native", "native"),
    creation=1,
)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ReplicatedMap]:
    with own_state(tmp_path) as state:
        yield state


async def answer(state: ReplicatedMap, key: ApiKey, secret: str = SECRET) -> Authentication | str:
    await state.put(API_KEYS.key(key.id), API_KEYS.encode(key))
    return ApiKeys(state, lambda: NOW, "node-a").authenticate(ApiKeyCredentials("k1", secret))


async def test_the_right_secret_is_its_owner_limited_by_the_key(state: ReplicatedMap) -> None:
    found = await answer(state, KEY)
    assert isinstance(found, Authentication)
    assert (found.user.username, found.type, found.authenticated_by.type) == ("jo", "api_key", "_es_api_key")
    assert found.api_key is not None
    assert (found.api_key.id, found.api_key.name, found.api_key.limited_by) == ("k1", "nightly", None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (replace(KEY, invalidation=5), "api key [k1] has been invalidated"),
        (replace(KEY, expiration=NOW), "api key [k1] is expired"),
        (replace(KEY, type="cross_cluster"), "expected API key type of [rest], but API key [k1] has type [cross_clus"),
        (replace(KEY, id="k2"), "unable to find apikey with id k1"),
    ],
)
async def test_a_key_that_does_not_do_is_refused_with_the_reason(
    state: ReplicatedMap, changed: ApiKey, words: str
) -> None:
    found = await answer(state, changed)
    assert isinstance(found, str)
    assert words in found


async def test_why_a_key_does_not_do_is_told_to_nobody_without_its_secret(state: ReplicatedMap) -> None:
    found = await answer(state, replace(KEY, expiration=NOW), secret="guessed")
    assert found == "invalid credentials for API key [k1]"


def test_a_secret_is_kept_salted() -> None:
    one, other = hash_secret(SECRET), hash_secret(SECRET)
    assert one != other
    assert is_secret(SECRET, one)
    assert is_secret(SECRET, other)
    assert not is_secret(SECRET + "x", one)
    assert not is_secret(SECRET, None)
    assert SECRET not in one
