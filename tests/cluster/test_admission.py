"""Who gets a seat, and what the others are told."""

from __future__ import annotations

import pytest

from isthmus.cluster.admission import JoinRefusedError, Seats, check_roles, judge_join
from isthmus.cluster.messages import JoinRequest, Member
from isthmus.state.history import Position
from tests.cluster.values import member

SEATS = Seats("logs", "u1", 1, [member("a")])
PATTERN = r"(?P<role>\w+)\.roles\.logs\.example\.com"


def request(joiner: Member, *, uuid: str | None = None, term: int = 0) -> JoinRequest:
    return JoinRequest(joiner, uuid, Position(term, 0))


def test_a_blank_node_of_a_new_name_gets_a_seat() -> None:
    judge_join(request(member("b")), SEATS)


def test_a_node_that_held_a_seat_before_gets_one_again() -> None:
    judge_join(request(member("b"), uuid="u1", term=1), SEATS)


@pytest.mark.parametrize(
    ("asked", "seats", "reason"),
    [
        (request(member("a", node_id="other")), SEATS, r"a node named \[a\] is already a member"),
        (request(member("b", node_id="id-a")), SEATS, "same node id"),
        (request(member("b"), uuid="u2"), SEATS, "belongs to another cluster"),
        (request(member("b"), uuid="u1", term=2), SEATS, "is in term 2"),
        (request(member("b")), Seats("logs", "u1", 1, [member("a")], single_node=True), "single-node"),
    ],
    ids=["one name twice", "one data folder twice", "another cluster", "newer term", "single node"],
)
def test_a_joiner_is_refused_by_a_clear_reason_and_a_mend(asked: JoinRequest, seats: Seats, reason: str) -> None:
    with pytest.raises(JoinRefusedError, match=reason) as caught:
        judge_join(asked, seats)
    assert caught.value.hint


def test_a_role_that_the_certificate_does_not_grant_is_refused() -> None:
    granted = ["data.roles.logs.example.com", "b.example.com"]
    check_roles(member("b", roles=("data",)), PATTERN, granted)
    with pytest.raises(JoinRefusedError, match=r"claims the role \[master\]"):
        check_roles(member("b", roles=("data", "master")), PATTERN, granted)


def test_a_node_without_a_certificate_has_no_role_granted() -> None:
    with pytest.raises(JoinRefusedError, match="names: none"):
        check_roles(member("b", roles=("data",)), PATTERN, [])


def test_an_unknown_role_is_refused_also_without_a_pattern() -> None:
    with pytest.raises(JoinRefusedError, match=r"unknown role \[ml\]"):
        check_roles(member("b", roles=("data", "ml")), None, [])
