"""Answers without hits are remembered for as long as their view is the newest: dashboards ask the same again and again.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/shard-request-cache.html
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from isthmus.index.shard.views import View
from isthmus.query.partial import PartialResult, sealed
from isthmus.query.search_request import SearchRequest
from isthmus.search.parsing import Parsed
from isthmus.search.part import SearchPart

MAX_ANSWERS: Final = 256
MAX_BYTES: Final = 64 << 10


def key_of(part: SearchPart, parsed: Parsed, request: SearchRequest) -> Hashable | None:
    """Return what an answer to `part` is remembered by; None if it may not be.

    Not remembered is what shows hits or times, what reads other documents, and what means another moment each time.
    """
    shows = request.size > 0 or request.profile or request.explain or part.context is not None or part.page is not None
    if shows or parsed.lookups or b"now" in part.body or any("now" in one for one in part.parameters.values()):
        return None
    return part.body, tuple(sorted(part.parameters.items()))


def remembered(view: View, key: Hashable) -> PartialResult | None:
    """Return the answer that this view gave before, sealed."""
    found = view.answers.get(key)
    return None if found is None else PartialResult(sealed=found)


def remember(view: View, key: Hashable, result: PartialResult) -> None:
    """Remember a whole answer; the oldest makes room."""
    if result.timed_out or result.failures:
        return
    encoded = sealed(result)
    if len(encoded) > MAX_BYTES:
        return
    answers = view.answers
    while len(answers) >= MAX_ANSWERS:
        answers.pop(next(iter(answers)), None)
    answers[key] = encoded
