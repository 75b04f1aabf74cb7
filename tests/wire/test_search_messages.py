"""What clusters ask each other about searches: recorded messages are read whole, and written as they were."""

from __future__ import annotations

import random
from typing import Any

import pytest

from isthmus.wire.errors import LimitExceededError, MalformedError
from isthmus.wire.layouts import MAX_DEPTH, Named, UnsupportedError
from isthmus.wire.primitives import Writer
from isthmus.wire.search.queries import QUERY
from isthmus.wire.search.requests import SEARCH_REQUEST
from isthmus.wire.search.responses import SEARCH_RESPONSE
from tests.wire.search_messages import RECORDED, layout_of

EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: f"{one['rid']}{one['dir']}")
MUTATIONS_OF_EACH = 150


@EACH
def test_a_recorded_message_is_read_to_its_last_byte_and_written_as_it_was(recorded: dict[str, Any]) -> None:
    body = bytes.fromhex(recorded["body"])
    layout = layout_of(recorded)
    written = layout.encode(layout.decode(body))
    if b"java" in body:  # an exception's stack is not kept
        assert layout.encode(layout.decode(written)) == written
    else:
        assert written == body


@EACH
def test_a_mutated_message_is_read_or_refused(recorded: dict[str, Any]) -> None:
    body = bytes.fromhex(recorded["body"])
    layout = layout_of(recorded)
    chance = random.Random(recorded["rid"])
    for _ in range(MUTATIONS_OF_EACH):
        try:
            written = layout.encode(layout.decode(_mutated(body, chance)))
        except MalformedError:
            continue
        assert layout.encode(layout.decode(written)) == written


def _mutated(body: bytes, chance: random.Random) -> bytes:
    mutated = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(mutated))
        what = chance.randrange(4)
        if what == 0:
            mutated[place] ^= 1 << chance.randrange(8)
        elif what == 1:
            mutated[place] = chance.choice((0, 1, 2, 0x7F, 0x80, 0xFF))
        elif what == 2:
            del mutated[place : place + chance.randint(1, 8)]
        else:
            mutated[place:place] = chance.randbytes(chance.randint(1, 8))
        if not mutated:
            return b""
    return bytes(mutated)


def test_a_query_that_is_not_known_is_told_by_name() -> None:
    writer = Writer()
    writer.string("span_term")
    writer.f32(1.0)
    with pytest.raises(UnsupportedError, match=r"the query \[span_term\] is not supported by this cluster") as caught:
        QUERY.decode(bytes(writer))
    assert (caught.value.type, caught.value.status) == ("illegal_argument_exception", 400)


def test_queries_nested_without_end_are_refused() -> None:
    query = Named("match_all", {"boost": 1.0, "_name": None})
    for _ in range(MAX_DEPTH):
        query = Named("constant_score", {"boost": 1.0, "_name": None, "filter": query})
    with pytest.raises(LimitExceededError, match="levels deep"):
        QUERY.decode(QUERY.encode(query))


def test_bytes_that_are_left_over_are_refused() -> None:
    recorded = next(one for one in RECORDED if one["action"] == "indices:data/read/search")
    with pytest.raises(MalformedError, match="left over"):
        SEARCH_REQUEST.decode(bytes.fromhex(recorded["body"]) + b"\0")


def test_an_answer_cannot_announce_more_hits_than_it_has_bytes() -> None:
    with pytest.raises(MalformedError, match="announces"):
        SEARCH_RESPONSE.decode(bytes.fromhex("007fc00000ffffff7f"))
