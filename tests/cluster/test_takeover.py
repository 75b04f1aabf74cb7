"""A copy takes over only when the owner is gone and no better copy is at hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from isthmus.cluster.discovery import Standing
from isthmus.cluster.takeover import TakeOverRefusedError, check_takeover
from isthmus.state.history import Position
from tests.cluster.values import answer, member

ME = Standing("me", "id-me", "logs", "u1", Position(1, 5), "a", owns_term=False, initial_master=False)


def test_the_newest_copy_takes_over_when_the_owner_is_lost() -> None:
    check_takeover(ME, [answer("b", uuid="u1", term=1, revision=5)], force=False)


def test_nobody_takes_over_from_an_owner_that_lives() -> None:
    heard = [answer("b", uuid="u1", term=1, revision=5, owner=member("a"))]
    for force in (False, True):
        with pytest.raises(TakeOverRefusedError, match=r"\[a\] is alive"):
            check_takeover(ME, heard, force=force)


def test_an_older_copy_takes_over_only_by_force() -> None:
    heard = [answer("b", uuid="u1", term=1, revision=6)]
    with pytest.raises(TakeOverRefusedError, match=r"copy of \[b\] is newer") as caught:
        check_takeover(ME, heard, force=False)
    assert "--force" in str(caught.value)
    check_takeover(ME, heard, force=True)


def test_the_copy_of_another_cluster_does_not_count() -> None:
    check_takeover(ME, [answer("x", uuid="u2", term=9, owner=member("x"))], force=False)


def test_a_node_that_never_joined_has_nothing_to_take_over() -> None:
    with pytest.raises(TakeOverRefusedError, match="never joined"):
        check_takeover(replace(ME, cluster_uuid=None), [], force=False)
