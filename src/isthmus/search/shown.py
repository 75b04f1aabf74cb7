"""Answers made of sealed results, kept: dashboards get the same result again and again, and what is shown of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

import msgspec

MAX_ANSWERS: Final = 128
MAX_BYTES: Final = 256 << 10


class ShownAnswers:
    """Answers, without `took`, by what they were made of; the least used makes room."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, dict[str, Any]] = OrderedDict()

    def get(self, key: Hashable, took: int) -> dict[str, Any] | None:
        """Return an answer as if it was made now."""
        found = self._answers.get(key)
        if found is None:
            return None
        self._answers.move_to_end(key)
        return {**found, "took": took}

    def keep(self, key: Hashable, answer: dict[str, Any]) -> None:
        """Keep an answer, its aggregations as the JSON that they become."""
        aggregations = msgspec.json.encode(answer.get("aggregations", {}))
        if len(aggregations) > MAX_BYTES:
            return
        kept = dict(answer)
        if "aggregations" in kept:
            kept["aggregations"] = msgspec.Raw(aggregations)
        self._answers[key] = kept
        if len(self._answers) > MAX_ANSWERS:
            self._answers.popitem(last=False)
