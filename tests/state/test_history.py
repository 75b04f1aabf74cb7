"""What brings a copy up to date, judged by replaying histories of owners and copies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from isthmus.state.history import Need, Position, Term, need_of

FIRST = Term(1, "a", "node-a", 0)
SECOND = Term(2, "b", "node-b", 9)


def test_a_blank_copy_needs_a_snapshot() -> None:
    assert need_of(Position(0, 0), [FIRST], 5) is Need.SNAPSHOT


def test_a_copy_at_the_owners_revision_needs_nothing() -> None:
    assert need_of(Position(1, 5), [FIRST], 5) is Need.NOTHING


def test_a_copy_that_lags_in_the_same_term_needs_the_commits_between() -> None:
    assert need_of(Position(1, 3), [FIRST], 5) is Need.COMMITS


def test_a_copy_that_missed_a_take_over_but_not_more_needs_the_commits_between() -> None:
    assert need_of(Position(1, 9), [FIRST, SECOND], 12) is Need.COMMITS


def test_a_copy_that_went_on_with_the_old_owner_has_diverged() -> None:
    assert need_of(Position(1, 10), [FIRST, SECOND], 12) is Need.SNAPSHOT


def test_a_copy_of_a_term_the_owner_never_knew_has_diverged() -> None:
    assert need_of(Position(3, 4), [FIRST, SECOND], 12) is Need.SNAPSHOT


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=6), st.data())
def test_a_copy_is_never_sent_commits_that_do_not_continue_its_own(
    reigns: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Each reign makes commits of which the next owner's copy missed the last few; a copy saw any prefix."""
    histories: list[list[tuple[int, int]]] = [[]]
    terms: list[Term] = []
    for number, (commits, missed) in enumerate(reigns, start=1):
        inherited = histories[-1][: max(len(histories[-1]) - missed, 0)]
        terms.append(Term(number, "x", "x", len(inherited)))
        histories.append(inherited + [(number, n) for n in range(commits)])
    final = histories[-1]
    number = data.draw(st.integers(1, len(reigns)))
    first = terms[number - 1].first_revision
    held = data.draw(st.integers(first, len(histories[number])))
    copy = histories[number][:held]
    visible = [term for term in terms if term.first_revision <= len(final)]
    if need_of(Position(number, held), visible, len(final)) is not Need.SNAPSHOT:
        assert final[:held] == copy
