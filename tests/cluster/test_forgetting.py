"""What nodes keep of those who ask is dropped on all of them, by each as it knows its realms."""

from __future__ import annotations

import pytest

from isthmus.node.forgetting import Forgetting
from isthmus.security.acting import Acting, acting_as
from isthmus.security.roles.registry import built_in_permission
from isthmus.security.subject import Authentication, RealmRef, User
from tests.cluster.conftest import LocalNode, Network

NODES = ["id-first", "id-second"]


class Counted:
    """What a node keeps, and how often it was dropped."""

    def __init__(self, node: LocalNode, *realms: str) -> None:
        self.times = 0
        self.forgetting = Forgetting(node.cluster, self._forget, realms)
        self.forgetting.register(node.registry)

    def _forget(self) -> None:
        self.times += 1


def acting(role: str) -> Acting:
    user = User(username="jo", roles=(role,))
    who = Authentication(user=user, authenticated_by=RealmRef("default_native", "native"))
    return Acting(who, built_in_permission(who), "cluster:admin/xpack/security/realm/cache/clear")


@pytest.fixture
async def two(network: Network) -> tuple[LocalNode, LocalNode]:
    first = await network.start("first", initial=True)
    second = await network.start("second", first)
    await first.sees("first", "second")
    return first, second


@pytest.mark.parametrize("realms", [["*"], ["_all"], ["native"]])
async def test_every_node_drops_what_it_keeps(two: tuple[LocalNode, LocalNode], realms: list[str]) -> None:
    here, there = (Counted(node, "native") for node in two)
    with acting_as(acting("superuser")):
        told = await here.forgetting.clear(NODES, realms)
    assert told == {"id-first": "", "id-second": ""}
    assert (here.times, there.times) == (1, 1)


async def test_a_node_without_the_realm_says_so_and_keeps_all(two: tuple[LocalNode, LocalNode]) -> None:
    here, there = Counted(two[0], "native"), Counted(two[1], "native", "pki1")
    with acting_as(acting("superuser")):
        told = await here.forgetting.clear(NODES, ["native", "pki1"])
    assert told == {"id-first": "could not find active realm [pki1]", "id-second": ""}
    assert (here.times, there.times) == (0, 1)


async def test_another_node_judges_again_who_asks(two: tuple[LocalNode, LocalNode]) -> None:
    here, there = (Counted(node) for node in two)
    with acting_as(acting("viewer")):
        told = await here.forgetting.clear(NODES, ["*"])
    assert "is unauthorized for user [jo]" in str(told["id-second"])
    assert there.times == 0
