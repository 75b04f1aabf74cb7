"""What a node does next follows from what it holds and what it hears."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from isthmus.cluster.discovery import Join, Lead, Refused, Standing, Wait, decide, strangers
from isthmus.cluster.messages import PeerStanding
from isthmus.state.history import Position
from tests.cluster.values import answer, member

BLANK = Standing("me", "id-me", "logs", None, Position(0, 0), None, owns_term=False, initial_master=False)
FIRST = replace(BLANK, initial_master=True)
MEMBER = Standing("me", "id-me", "logs", "u1", Position(1, 5), "a", owns_term=False, initial_master=False)
OWNER = Standing("me", "id-me", "logs", "u1", Position(1, 5), "me", owns_term=True, initial_master=True)


def test_the_initial_master_makes_a_cluster_when_there_is_none() -> None:
    assert decide(FIRST, []) == Lead(bootstrap=True)
    assert decide(FIRST, [answer("b")]) == Lead(bootstrap=True)


def test_any_other_blank_node_waits_until_there_is_a_cluster() -> None:
    assert isinstance(decide(BLANK, [answer("b")]), Wait)


def test_a_blank_node_joins_the_owner_that_a_peer_names() -> None:
    owner = member("a")
    assert decide(BLANK, [answer("b", uuid="u1", term=1, owner=owner)]) == Join(owner)


def test_a_second_initial_master_is_refused_where_a_cluster_exists() -> None:
    decision = decide(FIRST, [answer("a", uuid="u1", term=1, owner=member("a"))])
    assert isinstance(decision, Refused)
    assert "cluster [logs] exists already" in decision.reason
    assert "cluster.initial_master_nodes" in decision.hint


def test_a_blank_node_does_not_choose_between_two_clusters_of_one_name() -> None:
    decision = decide(BLANK, [answer("a", uuid="u1", term=1), answer("b", uuid="u2", term=1)])
    assert isinstance(decision, Refused)
    assert "[a]" in decision.reason
    assert "[b]" in decision.reason


def test_a_member_waits_for_its_owner_and_never_leads() -> None:
    decision = decide(replace(MEMBER, initial_master=True), [answer("b", uuid="u1", term=1)])
    assert isinstance(decision, Wait)
    assert "[a]" in decision.reason


def test_a_member_follows_the_owner_of_the_newest_term() -> None:
    old, new = member("a"), member("b")
    heard = [answer("a", uuid="u1", term=1, owner=old), answer("b", uuid="u1", term=2, owner=new)]
    assert decide(MEMBER, heard) == Join(new)


def test_a_member_does_not_go_back_to_an_owner_whose_term_is_over() -> None:
    standing = replace(MEMBER, position=Position(2, 5))
    assert isinstance(decide(standing, [answer("a", uuid="u1", term=1, owner=member("a"))]), Wait)


def test_the_owner_leads_again_after_a_restart() -> None:
    assert decide(OWNER, [answer("b", uuid="u1", term=1)]) == Lead(bootstrap=False)


def test_an_owner_that_was_taken_over_is_refused() -> None:
    decision = decide(OWNER, [answer("b", uuid="u1", term=2)])
    assert isinstance(decision, Refused)
    assert "[b] is in term 2" in decision.reason


def test_nodes_of_another_cluster_of_the_same_name_are_warned_of_and_not_joined() -> None:
    other = answer("x", uuid="u2", term=9, owner=member("x"))
    assert strangers(OWNER, [other]) == [other.member]
    assert decide(OWNER, [other]) == Lead(bootstrap=False)
    assert isinstance(decide(MEMBER, [other]), Wait)


answers = st.lists(
    st.builds(
        answer,
        st.sampled_from("abc"),
        uuid=st.sampled_from([None, "u1", "u2"]),
        term=st.integers(0, 4),
        owner=st.none() | st.sampled_from("abc").map(member),
    ),
    max_size=4,
)


@given(answers, st.sampled_from([BLANK, FIRST, MEMBER, OWNER]))
def test_no_node_ever_makes_a_second_cluster_or_leads_in_a_term_that_is_over(
    heard: list[PeerStanding], me: Standing
) -> None:
    decision = decide(me, heard)
    if decision == Lead(bootstrap=True):
        assert me.cluster_uuid is None
        assert all(a.cluster_uuid is None for a in heard)
    if decision == Lead(bootstrap=False):
        assert me.owns_term
        assert all(a.position.term <= me.position.term for a in heard if a.cluster_uuid == me.cluster_uuid)
    if isinstance(decision, Join) and me.cluster_uuid is not None:
        assert any(a.owner == decision.owner and a.cluster_uuid == me.cluster_uuid for a in heard)
