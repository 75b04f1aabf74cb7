"""Asks both sides everything and judges the answers."""

from __future__ import annotations

import fnmatch
import http.client
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.differential.asked import Asked
from tests.interop.differential.comparing import differences
from tests.interop.differential.families import (
    aggregations,
    documents,
    fulltext,
    mistakes,
    more_aggregations,
    queries,
    searching,
)
from tests.interop.differential.generated import generated
from tests.interop.sides.side import Answer, Line

GENERATED = 150
SEED = 20260101
KNOWN_FILE = Path(__file__).parent / "known.toml"


@dataclass(frozen=True)
class Known:
    """A difference that is known: of requests by a pattern of names, between two engines, and why."""

    request: str
    between: tuple[str, ...]
    reason: str
    may_vanish: bool = False
    saying: str = ""

    def covers(self, asked: Asked, said: Sequence[str]) -> bool:
        """Whether this is why a request's answers differ, in all that is said about them."""
        return fnmatch.fnmatchcase(asked.name, self.request) and all(re.search(self.saying, one) for one in said)


@dataclass(frozen=True)
class Verdict:
    """What came of one request, judged by `judge`."""

    asked: Asked
    judge: str
    said: tuple[str, ...]
    known: Known | None

    @property
    def line(self) -> str:
        """A row of the table."""
        if not self.said:
            return f"{self.asked.name} | {self.judge} | equal"
        because = "UNKNOWN" if self.known is None else self.known.reason
        return f"{self.asked.name} | {self.judge} | differs because {because} | {'; '.join(self.said[:3])}"


def all_requests() -> list[Asked]:
    """Every request, reading ones first, those that write last."""
    families = (queries, fulltext, searching, aggregations, more_aggregations, mistakes)
    asked = [one for family in families for one in family.REQUESTS]
    return [*asked, *generated(GENERATED, SEED), *documents.REQUESTS]


def read_known(between: Sequence[str]) -> list[Known]:
    """The known differences of these two engines; `*` in the file stands for either."""
    entries = tomllib.loads(KNOWN_FILE.read_text())["difference"]
    known = [
        Known(name, tuple(entry["between"]), entry["reason"], entry.get("may_vanish", False), entry.get("saying", ""))
        for entry in entries
        for name in entry["requests"]
    ]
    return [one for one in known if one.between == tuple(between)]


def lacks(asked: Asked, judge: str) -> bool:
    """Whether the published parts of the engine have no code for the request, so that it cannot judge it."""
    entries = tomllib.loads(KNOWN_FILE.read_text())["lacking"]
    return any(fnmatch.fnmatchcase(asked.name, name) for name in entries.get(judge, []))


def judge_all(asked: Iterable[Asked], ours: tuple[str, Line], judges: Sequence[tuple[str, Line]]) -> list[Verdict]:
    """Ask every side everything, in order, and let the first judge that can judge each request."""
    known = {name: read_known((ours[0], name)) for name, _ in judges}
    verdicts: list[Verdict] = []
    for one in asked:
        mine = _ask(ours, one)
        answers = {judge[0]: _ask(judge, one) for judge in judges}
        judge = next((name for name, _ in judges if not lacks(one, name)), None)
        if judge is None:
            continue
        said = tuple(differences(one, mine, answers[judge]))
        why = next((k for k in known[judge] if said and k.covers(one, said)), None)
        verdicts.append(Verdict(one, judge, said, why))
    return verdicts


def _ask(side: tuple[str, Line], one: Asked) -> Answer:
    name, line = side
    try:
        return line.ask(one.method, one.path, one.body)
    except (OSError, http.client.HTTPException) as error:
        raise AssertionError(f"[{name}] gave no answer to [{one.name}]") from error


def stale(verdicts: Sequence[Verdict], ours: str) -> list[Known]:
    """The known differences that nobody saw."""
    seen = {verdict.known for verdict in verdicts}
    judges = {verdict.judge for verdict in verdicts}
    return [
        known for judge in sorted(judges) for known in read_known((ours, judge)) if known not in seen
        if not known.may_vanish
    ]  # fmt: skip
