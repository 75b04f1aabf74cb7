"""Every action between nodes says for whom it is asked, and what a user needs for it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from isthmus.security.patterns import patterns
from isthmus.security.privileges.actions import (
    cluster_privileges_granting,
    index_privileges_granting,
    is_cluster_action,
)
from isthmus.transport.handshakes import register_handshakes
from isthmus.transport.messages import Action, ForNodes, ForUsers
from isthmus.transport.registry import ActionRegistry
from tests.transport.stage import discovery_node

SOURCE = Path(__file__).parents[3] / "src" / "isthmus"
ONLY_NODES = {
    *(f"internal:isthmus/cluster/{name}" for name in ("peers", "join", "leave", "check", "publish")),
    "internal:isthmus/state/write",
    *(f"internal:isthmus/index/move/{name}" for name in ("begin", "part", "sent", "operations", "take", "drop")),
}
NODES_TOO = {"internal:isthmus/nodes/report", "internal:isthmus/search/context/keep"}


def _actions() -> Iterator[Action[Any, Any]]:
    for file in SOURCE.rglob("messages.py"):
        yield from _defined(file)
    for file in (SOURCE / "node").glob("*.py"):
        yield from _defined(file)


def _defined(file: Path) -> Iterator[Action[Any, Any]]:
    module = importlib.import_module(".".join(("isthmus", *file.relative_to(SOURCE).with_suffix("").parts)))
    return (value for value in vars(module).values() if isinstance(value, Action))


def test_actions_are_defined_where_they_are_looked_for() -> None:
    found = {file for file in SOURCE.rglob("*.py") if re.search(r"^[A-Z_]+ = Action\(", file.read_text(), re.MULTILINE)}
    assert {file for file in found if file.name != "messages.py" and file.parent.name != "node"} == set()


ACTIONS = {action.name: action for action in _actions()}
FOR_USERS = [(action, action.asked) for action in ACTIONS.values() if isinstance(action.asked, ForUsers)]
for_users = pytest.mark.parametrize(("action", "asked"), FOR_USERS, ids=[action.name for action, _ in FOR_USERS])


def test_what_only_nodes_ask_for_is_known() -> None:
    assert {name for name, action in ACTIONS.items() if isinstance(action.asked, ForNodes)} == ONLY_NODES
    assert {action.name for action, asked in FOR_USERS if asked.nodes} == NODES_TOO


@for_users
def test_what_is_asked_for_users_is_granted_by_privileges(action: Action[Any, Any], asked: ForUsers) -> None:
    assert asked.actions
    for pattern in asked.actions:
        name = pattern.replace("*", "")
        granting = cluster_privileges_granting if is_cluster_action(name) else index_privileges_granting
        assert len(granting(name)) > 1, name


@for_users
def test_what_names_indices_is_judged_by_them(action: Action[Any, Any], asked: ForUsers) -> None:
    fields = {field.name for field in msgspec.structs.fields(action.request)}
    assert (asked.indices is not ForUsers(()).indices) == bool(fields & {"index", "indices"}) or _moves(action)


def _moves(action: Action[Any, Any]) -> bool:
    """A move is no action on the index, but one of the cluster."""
    return action.name == "internal:isthmus/index/move"


def test_what_no_guard_stands_before_are_the_handshakes() -> None:
    registry = ActionRegistry()
    register_handshakes(registry, lambda: discovery_node("a"), "test")
    assert {name for name, entry in registry.entries.items() if entry.action is None} == {
        "internal:tcp/handshake",
        "internal:transport/handshake",
    }
    assert all(entry.anonymous for entry in registry.entries.values())


def test_a_pattern_of_user_actions_covers_no_other_kind() -> None:
    assert not any(patterns(*asked.actions).matches("internal:anything") for _, asked in FOR_USERS)
