"""Asynchronous searches: what is done in time is answered, the rest is kept and fetched later."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from isthmus.search.asynchronous import AsyncSearchMissingError
from isthmus.search.call import SearchCall
from isthmus.search.messages import AskAsync
from isthmus.security.acting import Acting, acting_as
from isthmus.security.roles.registry import built_in_permission
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.transport.errors import RemoteError
from tests.rest.search.conftest import Searching
from tests.search.site import ids, sequence

CLIENT = Authentication(
    user=User(username="elastic", roles=("superuser",)), authenticated_by=RealmRef("some", "native")
)
AS_CLIENT = Acting(CLIENT, built_in_permission(CLIENT), "indices:data/read/async_search/get")


@pytest.fixture
async def numbers(searching: Searching) -> Searching:
    await searching.site.index("here", sequence(4), node="one")
    return searching


@pytest.fixture
def gate(numbers: Searching, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Searches of the first node wait until it is opened."""
    opened = asyncio.Event()
    search = numbers.site.one.search.search

    async def later(call: SearchCall) -> dict[str, Any]:
        await opened.wait()
        return await search(call)

    monkeypatch.setattr(numbers.site.one.search, "search", later)
    return opened


async def test_a_search_that_is_done_in_time_is_answered_and_forgotten(numbers: Searching) -> None:
    told = (await numbers.ask("POST", "/here/_async_search?sort=n", {"size": 2})).json
    assert "id" not in told
    assert (told["is_running"], told["is_partial"], ids(told["response"])) == (False, False, ["000", "001"])


async def test_a_search_that_takes_longer_is_fetched_later(numbers: Searching, gate: asyncio.Event) -> None:
    first = (await numbers.ask("POST", "/here/_async_search?wait_for_completion_timeout=1ms", {})).json
    assert (first["is_running"], first["is_partial"]) == (True, True)
    assert (await numbers.ask("GET", f"/_async_search/status/{first['id']}")).json["is_running"] is True
    gate.set()
    done = (await numbers.ask("GET", f"/_async_search/{first['id']}?wait_for_completion_timeout=30s")).json
    assert (done["is_running"], done["response"]["hits"]["total"]["value"]) == (False, 4)
    with acting_as(AS_CLIENT):
        elsewhere = await numbers.site.two.later.ask(first["id"], AskAsync("", "status"))
    with pytest.raises(RemoteError, match="is not kept"):
        await numbers.site.two.later.ask(first["id"], AskAsync("", "status"))  # as somebody else
    assert msgspec.json.decode(elsewhere.body)["completion_status"] == 200
    assert (await numbers.ask("DELETE", f"/_async_search/{first['id']}")).json == {"acknowledged": True}
    gone = await numbers.ask("GET", f"/_async_search/{first['id']}")
    assert (gone.status, gone.type) == (404, "resource_not_found_exception")


async def test_a_search_that_failed_has_the_status_of_its_error(numbers: Searching) -> None:
    kept = await numbers.ask("POST", "/nowhere/_async_search?keep_on_completion=true", {})
    assert (kept.status, kept.json["error"]["type"]) == (404, "index_not_found_exception")
    again = await numbers.ask("GET", f"/_async_search/{kept.json['id']}")
    assert (again.status, again.json["is_partial"]) == (404, True)


async def test_who_waits_for_a_search_that_is_deleted_is_told_that_it_is_gone(
    numbers: Searching, gate: asyncio.Event
) -> None:
    first = (await numbers.ask("POST", "/here/_async_search?wait_for_completion_timeout=1ms", {})).json
    with acting_as(AS_CLIENT):
        waiting = asyncio.create_task(numbers.site.one.later.ask(first["id"], AskAsync("", "get", wait=30.0)))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert (await numbers.ask("DELETE", f"/_async_search/{first['id']}")).json == {"acknowledged": True}
    with pytest.raises(AsyncSearchMissingError):
        await waiting


async def test_a_search_that_is_not_kept_as_long_as_it_is_waited_for_is_answered_as_gone(
    numbers: Searching, gate: asyncio.Event
) -> None:
    path = "/here/_async_search?wait_for_completion_timeout="
    long = asyncio.create_task(numbers.ask("POST", f"{path}30s&keep_alive=1ms", {}))
    while not long.done():  # each of these ends what is over
        brief = (await numbers.ask("POST", f"{path}1ms", {})).json
        await numbers.ask("DELETE", f"/_async_search/{brief['id']}")
    assert (long.result().status, long.result().type) == (404, "resource_not_found_exception")


async def test_parts_of_an_answer_can_be_asked_for_wherever_they_lie(numbers: Searching) -> None:
    path = "/here/_async_search?filter_path=response.hits.hits._source.n&size=1&sort=n"
    assert (await numbers.ask("POST", path, {})).json == {"response": {"hits": {"hits": [{"_source": {"n": 0}}]}}}


@pytest.mark.parametrize("body", [{"query": {"nonsense": {}}}, {"size": -1}, []])
async def test_a_request_that_is_wrong_begins_no_search(numbers: Searching, body: object) -> None:
    answer = await numbers.ask("POST", "/here/_async_search?keep_on_completion=true", body)
    assert (answer.status, set(answer.json)) == (400, {"error", "status"})
