"""What a port answers to the keys of a rotation tells which holding its node is in, and why it is not in another."""

from __future__ import annotations

from isthmus.lifecycle.rotation.proving import Answer, state_of
from isthmus.pki.rotation import Holding, Party

OLD, NEW = frozenset({"old CA"}), frozenset({"new CA"})
BEFORE, WIDE, AFTER = Holding(OLD, "a old"), Holding(OLD | NEW, "a old"), Holding(NEW, "a new")
VOUCHERS = {"a old": OLD, "b old": OLD, "a new": NEW, "b new": NEW}


def answers(served: str | None, accepted: str, refused: str, words: str = "") -> dict[str, Answer]:
    found = {leaf: Answer(accepted=True, served=served) for leaf in accepted.split(", ") if leaf}
    return found | {leaf: Answer(accepted=False, served=served, words=words) for leaf in refused.split(", ") if leaf}


def test_a_node_that_lets_both_keys_in_has_widened_its_trust() -> None:
    party = Party("a", BEFORE, AFTER).given(WIDE)
    assert state_of(party, answers("a old", "b old, b new", ""), VOUCHERS) == (WIDE, "")


def test_a_node_that_has_not_is_told_with_what_it_said_to_the_new_key() -> None:
    """A clock that is behind looks the same from outside; only the node's own words tell it."""
    party = Party("a", BEFORE, AFTER).given(WIDE)
    holding, why = state_of(party, answers("a old", "b old", "b new", "check the clock there"), VOUCHERS)
    assert holding == BEFORE
    assert "it refuses [b new]" in why
    assert "check the clock there" in why


def test_a_node_that_still_lets_the_old_key_in_has_not_narrowed_its_trust() -> None:
    wide_and_new = Holding(OLD | NEW, "a new")
    party = Party("a", wide_and_new, AFTER).given(AFTER)
    holding, why = state_of(party, answers("a new", "b old, b new", ""), VOUCHERS)
    assert holding == wide_and_new
    assert "it accepts [b old]" in why


def test_a_node_that_serves_what_nobody_planned_is_in_no_known_state() -> None:
    assert state_of(Party("a", BEFORE, AFTER), answers(None, "b old", "b new"), VOUCHERS)[0] is None


def test_of_two_cas_with_one_key_the_one_in_the_files_is_believed() -> None:
    both = dict.fromkeys(VOUCHERS, OLD | NEW)
    party = Party("a", BEFORE, Holding(NEW, "a old")).given(Holding(NEW, "a old"))
    assert state_of(party, answers("a old", "b old", ""), both) == (Holding(NEW, "a old"), "")
