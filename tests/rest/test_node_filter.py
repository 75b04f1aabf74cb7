"""Which members a path means."""

from __future__ import annotations

import pytest

from isthmus.rest.node_filter import select
from tests.rest.node import FIRST, SECOND, member

THIRD = member("other", "CCCC", "10.0.0.3", roles=(), rack="x")
MEMBERS = [FIRST, SECOND, THIRD]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("_all", "node-0001 node-0002 other"),
        ("_local", "node-0002"),
        ("_master", "node-0001"),
        ("_local,_master", "node-0001 node-0002"),
        (FIRST.id, "node-0001"),
        (FIRST.id[:4], ""),
        ("node-0002", "node-0002"),
        ("node-*", "node-0001 node-0002"),
        ("10.0.0.*", "other"),
        ("127.0.0.12", "node-0002"),
        ("rack:r1", "node-0001"),
        ("rack:r*", "node-0001 node-0002"),
        ("master:true", "node-0001"),
        ("_all,master:false", "node-0002 other"),
        ("master:false", ""),
        ("data:true,node-0001", "node-0001 node-0002"),
        ("coordinating_only:true", "other"),
        ("_all,coordinating_only:false", "node-0001 node-0002"),
        ("nobody", ""),
        ("rack:true", ""),
        ("", ""),
    ],
)
def test_an_expression_means_these_members(expression: str, names: str) -> None:
    found = select(expression, MEMBERS, local=SECOND.id, master=FIRST.id)
    assert [one.name for one in found] == names.split()


def test_without_a_master_nobody_is_the_master() -> None:
    assert select("_master", MEMBERS, local=SECOND.id, master=None) == []
