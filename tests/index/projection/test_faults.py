"""A projection that cannot take something in has no hole afterwards: the next refresh shows every document once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import IsthmusError
from isthmus.index.projection import projection
from isthmus.search.call import SearchCall
from tests.search.site import Site, ids, sequence


class PanicError(BaseException):
    """As the engine's panics, no Exception."""


class Faults:
    """Makes a function of the projection fail at the calls of these numbers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, failing: range, error: BaseException) -> None:
        self._function: Callable[..., Any] = getattr(projection, name)
        self._failing = failing
        self._error = error
        self.calls = 0
        monkeypatch.setattr(projection, name, self)

    def __call__(self, *given: Any) -> Any:
        self.calls += 1
        if self.calls in self._failing:
            raise self._error
        return self._function(*given)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    await site.index("logs", sequence(10))
    yield site
    await site.close()


async def shown(site: Site) -> list[str]:
    await site.refresh([site.catalogue.indices["logs"]])
    return sorted(ids(await site.one.search.search(SearchCall(indices="logs", body=b'{"size": 1000}'))))


@pytest.mark.parametrize("error", [OSError("no room"), ValueError("no"), PanicError("a panic")])
@pytest.mark.parametrize("at", [1, 5, 20])
async def test_a_document_that_could_not_be_fed_is_fed_with_all_after_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException, at: int
) -> None:
    Faults(monkeypatch, "_encode", range(at, at + 1), error)
    for start in (10, 20, 30):
        await site.put("logs", sequence(10, start))
    assert await shown(site) == sorted(sequence(40))
    await site.put("logs", sequence(5, 38))
    assert await shown(site) == sorted(sequence(43))


@pytest.mark.parametrize("error", [OSError("no room"), PanicError("a panic")])
async def test_a_commit_that_fails_is_made_up_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    await site.put("logs", sequence(10, 5))
    faults = Faults(monkeypatch, "save_checkpoint", range(1, 3), error)
    for _ in range(2):
        with pytest.raises((IsthmusError, OSError, PanicError)):
            await (await site.one.holdings.shard(site.name("logs"))).refresh()
        await site.put("logs", sequence(10, 12))
    assert faults.calls == 2
    assert await shown(site) == sorted(sequence(22))


async def test_a_projection_that_fails_again_and_again_shows_what_it_showed_before(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(monkeypatch, "_encode", range(1, 1000), OSError("no room"))
    await site.put("logs", sequence(10, 10))
    for _ in range(3):
        with pytest.raises(OSError, match="no room"):
            await (await site.one.holdings.shard(site.name("logs"))).refresh()
    answer = await site.one.search.search(SearchCall(indices="logs", body=b'{"size": 1000}'))
    assert sorted(ids(answer)) == sorted(sequence(10))
    monkeypatch.setattr(faults, "_failing", range(0))
    assert await shown(site) == sorted(sequence(20))
