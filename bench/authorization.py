"""Microseconds for a decision whether an action is granted on an index: 50 roles, 1,000 indices."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bench.rows import Row
from isthmus.security.authorization.permission import Permission, user_permission
from isthmus.security.roles.parsing import parse_role

ROLES = 50
INDICES = 1_000
ROUNDS = 9
SEARCH = "indices:data/read/search"


def run() -> list[Row]:
    """Measure each kind of decision on all indices in turn; the medians of the rounds."""
    names = [f"logs-{number % ROLES}-2026.{number}" for number in range(INDICES)]
    kinds: dict[str, tuple[Callable[[Permission, str], object], str]] = {
        "allows_index": (lambda permission, name: permission.allows_index(SEARCH, name), "at most 5 cached, 20 not"),
        "access": (lambda permission, name: permission.access((name,)), ""),
    }
    rows = []
    for kind, (decide, goal) in kinds.items():
        cold, warm = zip(*(_round(decide, names) for _ in range(ROUNDS)), strict=True)
        rows.append(Row(f"{kind}, not cached", statistics.median(cold), "µs", goal=goal or None))
        rows.append(Row(f"{kind}, cached", statistics.median(warm), "µs", goal=goal or None))
    return rows


def _round(decide: Callable[[Permission, str], object], names: list[str]) -> tuple[float, float]:
    permission = _permission()
    decide(permission, "first")  # what is compiled once per action
    return _each(decide, permission, names), _each(decide, permission, names)


def _each(decide: Callable[[Permission, str], object], permission: Permission, names: list[str]) -> float:
    start = time.perf_counter()
    for name in names:
        decide(permission, name)
    return (time.perf_counter() - start) / len(names) * 1e6


def _permission() -> Permission:
    return user_permission(
        parse_role(
            f"role{number}",
            {
                "cluster": ["monitor"],
                "indices": [
                    {"names": [f"logs-{number}-*", f"one-{number}"], "privileges": ["read", "view_index_metadata"]},
                    {"names": [f"*-{number}-*.0"], "privileges": ["read"], "query": {"term": {"team": number}}},
                    {"names": [f"app-{number}-*"], "privileges": ["write", "monitor"]},
                ],
            },
        )
        for number in range(ROLES)
    )
