"""Which privileges grant which actions, judged by what Elasticsearch 8.19.0 says of each of its own actions."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from isthmus.security.privileges.actions import (
    UnknownPrivilegeError,
    check_cluster_privilege,
    check_index_privilege,
    cluster_privileges_granting,
    index_actions,
    index_privileges_granting,
    is_cluster_action,
)
from isthmus.security.privileges.cluster import ALWAYS_OWN_API_KEY, MANAGE_OWN_API_KEY

# From IndexPrivilege and ClusterPrivilegeResolver of x-pack-core 8.19.0, asked about each action that it names.
REAL = json.loads((Path(__file__).parent / "elasticsearch-8.19.json").read_text())
API_PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def test_each_action_is_granted_by_the_privileges_over_indices_that_elasticsearch_names() -> None:
    ours = {action: list(index_privileges_granting(action)) for action in REAL}
    assert ours == {action: real.get("index", []) for action, real in REAL.items()}


def test_each_action_is_granted_by_the_privileges_over_the_cluster_that_elasticsearch_names() -> None:
    ours = {action: list(cluster_privileges_granting(action)) for action in REAL if action not in ALWAYS_OWN_API_KEY}
    assert ours == {action: REAL[action].get("cluster", []) for action in ours}


def test_whoever_manages_his_own_keys_makes_and_changes_keys() -> None:
    assert all(MANAGE_OWN_API_KEY in cluster_privileges_granting(action) for action in ALWAYS_OWN_API_KEY)
    assert MANAGE_OWN_API_KEY not in cluster_privileges_granting("cluster:admin/xpack/security/api_key/grant")


def served_actions() -> list[str]:
    rows = (line.split(" | ") for line in API_PAGE.read_text().splitlines() if re.match(r"\| `[A-Z]+ /", line))
    return sorted({row[2].strip("` ") for row in rows})


@pytest.mark.parametrize("action", served_actions())
def test_what_a_route_asks_for_is_granted_by_more_than_one_privilege(action: str) -> None:
    granting = cluster_privileges_granting(action) if is_cluster_action(action) else index_privileges_granting(action)
    assert len(granting) > 1
    assert granting[-1] == "all"


def test_our_own_actions_are_managed_or_monitored() -> None:
    assert cluster_privileges_granting("cluster:admin/isthmus/reload_certificates") == ("manage", "all")
    assert cluster_privileges_granting("cluster:monitor/isthmus/peers") == ("monitor", "manage", "all")


def test_an_unknown_privilege_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownPrivilegeError, match=r"unknown cluster privilege \[mange\].*did you mean \[manage\]"):
        check_cluster_privilege("mange")
    with pytest.raises(UnknownPrivilegeError, match=r"unknown index privilege \[raed\].*did you mean \[read\]"):
        check_index_privilege("raed")


def test_actions_and_patterns_of_actions_are_privileges() -> None:
    check_cluster_privilege("cluster:monitor/*")
    check_index_privilege("indices:data/read/search")
    assert index_actions(["READ", "indices:data/write/delete"])[-1] == "indices:data/write/delete*"
    with pytest.raises(UnknownPrivilegeError):
        check_index_privilege("cluster:monitor/main")
