"""Checking passwords: few threads, bounded crowds, one answer for one question, a cache that forgets in time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import bcrypt
import pytest

from isthmus.security import checking
from isthmus.security.checking import MAX_WAITING, MAX_WAITING_OF_ORIGIN, PasswordChecker, VerifiedCache
from isthmus.security.errors import OverloadedError
from tests.security.doubles import SlowCheck


@pytest.fixture
def slow() -> Iterator[SlowCheck]:
    slow = SlowCheck()
    yield slow
    slow.release()


@pytest.fixture
def held_back(slow: SlowCheck) -> Iterator[PasswordChecker]:
    checker = PasswordChecker(slow)
    yield checker
    slow.release()
    checker.close()


def ask(checker: PasswordChecker, password: str, *, origin: str = "127.0.0.1") -> asyncio.Task[bool]:
    question = checker.matches(password, "right", digest=password.encode(), origin=origin)
    return asyncio.get_running_loop().create_task(question)


async def begun(tasks: int, checker: PasswordChecker) -> list[asyncio.Task[bool]]:
    asked = [ask(checker, f"wrong-{at}", origin=f"10.0.0.{at // MAX_WAITING_OF_ORIGIN}") for at in range(tasks)]
    await asyncio.sleep(0)
    return asked


async def test_bcrypt_decides_by_default(checker: PasswordChecker) -> None:
    hashed = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    assert await checker.matches("right", hashed, digest=b"1", origin="")
    assert not await checker.matches("wrong", hashed, digest=b"2", origin="")


async def test_a_password_longer_than_bcrypt_reads_is_wrong_even_if_its_beginning_is_right(
    checker: PasswordChecker,
) -> None:
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert await checker.matches("x" * 72, hashed, digest=b"1", origin="")
    assert not await checker.matches("x" * 73, hashed, digest=b"2", origin="")


async def test_a_flood_never_runs_in_more_threads_than_half_the_processors(
    held_back: PasswordChecker, slow: SlowCheck
) -> None:
    asked = await begun(MAX_WAITING, held_back)
    slow.release()
    assert not any(await asyncio.gather(*asked))
    assert 1 <= slow.at_once <= max(1, (os.cpu_count() or 1) // 2)


async def test_when_too_many_wait_the_next_is_turned_away_and_later_served(
    held_back: PasswordChecker, slow: SlowCheck
) -> None:
    asked = await begun(MAX_WAITING, held_back)
    with pytest.raises(OverloadedError) as refused:
        await ask(held_back, "one more", origin="10.9.9.9")
    assert refused.value.status == 429
    slow.release()
    await asyncio.gather(*asked)
    assert await ask(held_back, "right")


async def test_one_address_that_guesses_does_not_keep_others_out(held_back: PasswordChecker, slow: SlowCheck) -> None:
    asked = [ask(held_back, f"guess-{at}", origin="10.0.0.1") for at in range(MAX_WAITING_OF_ORIGIN)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await ask(held_back, "another guess", origin="10.0.0.1")
    other = ask(held_back, "right", origin="10.0.0.2")
    slow.release()
    assert await other
    await asyncio.gather(*asked)


async def test_the_same_question_is_computed_once_for_all_who_ask_it(
    held_back: PasswordChecker, slow: SlowCheck
) -> None:
    asked = [ask(held_back, "right") for _ in range(1000)]
    await asyncio.sleep(0)
    slow.release()
    assert all(await asyncio.gather(*asked))
    assert slow.calls == [b"right"]


async def test_who_goes_away_does_not_take_the_answer_from_others(held_back: PasswordChecker, slow: SlowCheck) -> None:
    leaving, staying = ask(held_back, "right"), ask(held_back, "right")
    await asyncio.sleep(0)
    leaving.cancel()
    slow.release()
    assert await staying


def test_the_cache_knows_only_the_last_right_password_of_the_present_hash() -> None:
    cache = VerifiedCache()
    digest = cache.digest("elastic", "right", "hash-1")
    assert not cache.holds("elastic", "hash-1", digest)
    cache.remember("elastic", "hash-1", digest)
    assert cache.holds("elastic", "hash-1", digest)
    assert not cache.holds("elastic", "hash-1", cache.digest("elastic", "wrong", "hash-1"))
    assert not cache.holds("other", "hash-1", digest)


def test_a_changed_hash_clears_the_cache_of_its_user_for_good() -> None:
    cache = VerifiedCache()
    digest = cache.digest("elastic", "right", "hash-1")
    cache.remember("elastic", "hash-1", digest)
    assert not cache.holds("elastic", "hash-2", cache.digest("elastic", "right", "hash-2"))
    assert not cache.holds("elastic", "hash-1", digest)


def test_parts_that_join_to_the_same_text_have_different_digests_and_no_two_caches_agree() -> None:
    cache = VerifiedCache()
    assert cache.digest("ab", "c", "h") != cache.digest("a", "bc", "h")
    assert cache.digest("a", "b", "h") != VerifiedCache().digest("a", "b", "h")


def test_the_cache_is_bounded_and_the_oldest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MAX_CACHED", 2)
    cache = VerifiedCache()
    for name in ("a", "b", "c"):
        cache.remember(name, "hash", name.encode())
    assert [cache.holds(name, "hash", name.encode()) for name in ("a", "b", "c")] == [False, True, True]
