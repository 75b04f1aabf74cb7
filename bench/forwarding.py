"""Microseconds that a request to another node costs because it says for whom, and is judged where it runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bench.rows import Row
from isthmus.cluster.indices.messages import GET, GetDocuments, IndexName
from isthmus.security.authorization.permission import user_permission
from isthmus.security.forwarding.guard import Guard
from isthmus.security.forwarding.header import HEADER, encode_header
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import Authentication, RealmRef, User

ROLES = 50
COUNT = 5_000
ROUNDS = 9
ACTION = "indices:data/read/get"


def run() -> list[Row]:
    """Measure both sides for a user of many roles, as when he asks again and again; the medians of the rounds."""
    roles = [
        parse_role(f"role{number}", {"indices": [{"names": [f"logs-{number}-*"], "privileges": ["read"]}]})
        for number in range(ROLES)
    ]
    permission = user_permission(roles)
    guard = Guard(lambda _who: permission, lambda _index: ())
    who = Authentication(
        user=User(username="jo", roles=tuple(role.name for role in roles), metadata={"team": "search"}),
        authenticated_by=RealmRef("default_native", "native", "node-1"),
    )
    request = GetDocuments(IndexName("logs-7-2026", "uuid"), ["1"])
    value = encode_header(who, ACTION).encode()
    kinds: dict[str, Callable[[], object]] = {
        "making the header": lambda: encode_header(who, ACTION),
        "reading it and judging": lambda: guard.judge(GET, request, {HEADER: value.decode()}),
    }
    return [
        Row(kind, statistics.median(_each(do) for _ in range(ROUNDS)), "µs", goal="a few µs")
        for kind, do in kinds.items()
    ]


def _each(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(COUNT):
        do()
    return (time.perf_counter() - start) / COUNT * 1e6
