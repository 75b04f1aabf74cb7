"""A rotation never lets two parties refuse each other: in any order, however late, whatever crashes or comes new."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from isthmus.pki.rotation import Decision, Holding, Party, Vouchers, decide, for_newcomer

OLD, NEW = frozenset({"old CA"}), frozenset({"new CA"})
BOTH = OLD | NEW


def vouched(leaf: str) -> frozenset[str]:
    return NEW if leaf.endswith("new") else OLD


class EveryLeaf(dict[str, frozenset[str]]):
    """Leaves are named for who vouches for them."""

    def __missing__(self, leaf: str) -> frozenset[str]:
        return vouched(leaf)


VOUCHERS: Vouchers = EveryLeaf()


def before(name: str) -> Holding:
    return Holding(OLD, f"{name} old")


def after(name: str) -> Holding:
    return Holding(NEW, f"{name} new")


def cluster(*names: str) -> list[Party]:
    return [Party(name, before(name), after(name)) for name in names]


def carried_out(parties: list[Party], at_once: int = 1, most: int = 10_000) -> list[str]:
    """Carry the plan out on parties that take everything up at once; return its steps as words."""
    told: list[str] = []
    while not (decision := decide(parties, VOUCHERS, at_once=at_once)).is_done:
        assert decision.steps, f"nothing goes on: waits for {decision.waits_for}"
        told += [f"{step.kind} {step.party}" for step in decision.steps]
        given = {step.party: step.holding for step in decision.steps}
        parties[:] = [p.given(given[p.name]).found(given[p.name]) if p.name in given else p for p in parties]
        assert len(told) < most
    return told


def test_trust_is_widened_everywhere_before_the_first_leaf_and_narrowed_after_the_last() -> None:
    """elasticsearch#63953: nobody says in which order certificates are rotated."""
    assert carried_out(cluster("a", "b")) == ["widen a", "widen b", "reissue a", "reissue b", "narrow a", "narrow b"]


def test_a_party_that_only_serves_is_not_widened_and_one_that_only_judges_not_reissued() -> None:
    server = Party("server", Holding(frozenset(), "server old"), Holding(frozenset(), "server new"), judges=False)
    client = Party("client", Holding(OLD, None), Holding(NEW, None))
    assert carried_out([server, client]) == ["widen client", "reissue server", "narrow client"]


def test_a_leaf_of_the_same_authority_is_replaced_without_touching_trust() -> None:
    renewed = [Party(name, before(name), Holding(OLD, f"{name} renewed, old")) for name in "ab"]
    assert carried_out(renewed) == ["reissue a", "reissue b"]


def test_a_ca_renewed_with_its_key_needs_neither_wide_trust_nor_new_leaves() -> None:
    both = {f"{name} old": BOTH for name in "ab"}
    parties = [Party(name, before(name), Holding(NEW, f"{name} old")) for name in "ab"]
    assert [(s.kind, s.party) for s in decide(parties, both, at_once=2).steps] == [("narrow", "a"), ("narrow", "b")]


def test_trust_in_others_is_kept() -> None:
    partner = frozenset({"partner CA"})
    parties = [Party("a", Holding(OLD | partner, "a old"), Holding(NEW | partner, "a new"))]
    carried_out(parties)
    assert parties[0].installed.trusts == NEW | partner


@pytest.mark.parametrize("kind", ["reissue", "narrow"])
def test_no_gate_opens_while_one_node_is_not_seen(kind: str) -> None:
    """cloud-on-k8s#9269: a CA rotated in the middle of a rolling upgrade split the cluster."""
    parties = cluster("a", "b", "c")
    while (decision := decide(parties, VOUCHERS)).steps[0].kind != kind:
        step = decision.steps[0]
        parties = [p.given(step.holding).found(step.holding) if p.name == step.party else p for p in parties]
    parties[2] = parties[2].found(None)
    assert decide(parties, VOUCHERS) == Decision(waits_for=("c",))


def test_a_node_that_was_given_files_but_serves_the_old_ones_holds_the_rest_up() -> None:
    parties = cluster("a", "b")
    wide = Holding(BOTH, "a old")
    parties[0] = parties[0].given(wide).found(before("a"))
    assert decide(parties, VOUCHERS) == Decision(waits_for=("a",))
    parties[0] = parties[0].found(wide)
    assert [step.party for step in decide(parties, VOUCHERS).steps] == ["b"]


def test_a_node_that_was_given_files_twice_may_still_be_as_it_was_before_both() -> None:
    twice = cluster("a")[0].given(Holding(BOTH, "a old")).given(after("a"))
    assert twice.leaves == {"a old", "a new"}
    assert not twice.surely_accepts(NEW)


@pytest.mark.parametrize("steps_done", range(10))
def test_going_back_is_safe_from_every_step(steps_done: int) -> None:
    parties = cluster("a", "b", "c")
    for _ in range(steps_done):
        for step in decide(parties, VOUCHERS).steps:
            parties = [p.given(step.holding).found(step.holding) if p.name == step.party else p for p in parties]
    back = [Party(p.name, p.installed, before(p.name)) for p in parties]
    carried_out(back)
    assert [p.installed for p in back] == [before("a"), before("b"), before("c")]


def test_a_thousand_nodes_are_planned_in_few_decisions() -> None:
    told = carried_out(cluster(*(f"n{number}" for number in range(1000))), at_once=1000)
    assert len(told) == 3000


@dataclass
class Node:
    """What really is: the files, and what the process took up from them (None: it is down)."""

    files: Holding
    runs_on: Holding | None


class Rotation(RuleBasedStateMachine):
    """A driver that may lose its memory, over nodes that take up, crash, start and join whenever they like.

    What the driver writes down is its list of parties; it writes down what it will install before it installs it.
    """

    names = Bundle("names")

    @initialize(target=names, count=st.integers(2, 4), at_once=st.integers(1, 3))
    def begin(self, count: int, at_once: int) -> str:
        self.at_once = at_once
        self.nodes = {f"n{number}": Node(before(f"n{number}"), before(f"n{number}")) for number in range(count)}
        self.parties = {name: Party(name, before(name), after(name)) for name in self.nodes}
        self.goes_back = False
        return "n0"

    @rule(lands=st.integers(0, 9))
    def the_driver_takes_a_turn(self, lands: int) -> None:
        """It may be killed between writing down and installing, after any of its steps."""
        for number, step in enumerate(decide(list(self.parties.values()), VOUCHERS, at_once=self.at_once).steps):
            self.parties[step.party] = self.parties[step.party].given(step.holding)
            if number < lands:
                self.nodes[step.party].files = step.holding

    @rule()
    def the_driver_resumes(self) -> None:
        """It puts right the files that are not as it wrote down."""
        for name, party in self.parties.items():
            self.nodes[name].files = party.installed

    @rule(rounds=st.integers(1, 9))
    def all_goes_well_for_a_while(self, rounds: int) -> None:
        self.the_driver_resumes()
        for _ in range(rounds):
            self.everybody_takes_up_and_is_seen()
            self.the_driver_takes_a_turn(lands=9)

    @rule()
    def everybody_takes_up_and_is_seen(self) -> None:
        for name, node in self.nodes.items():
            node.runs_on = node.files
            self.parties[name] = self.parties[name].found(node.runs_on)
            self.no_two_running_nodes_refuse_each_other()

    @rule()
    def the_driver_looks_at_all(self) -> None:
        for name, node in self.nodes.items():
            self.parties[name] = self.parties[name].found(node.runs_on)

    @rule(data=st.data())
    def the_driver_looks(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.nodes)))
        self.parties[name] = self.parties[name].found(self.nodes[name].runs_on)

    @rule(data=st.data())
    def a_node_takes_up_its_files(self, data: st.DataObject) -> None:
        node = self.nodes[data.draw(st.sampled_from(sorted(self.nodes)))]
        if node.runs_on is not None:
            node.runs_on = node.files

    @rule(data=st.data())
    def a_node_crashes(self, data: st.DataObject) -> None:
        self.nodes[data.draw(st.sampled_from(sorted(self.nodes)))].runs_on = None

    @rule(data=st.data())
    def a_node_starts(self, data: st.DataObject) -> None:
        node = self.nodes[data.draw(st.sampled_from(sorted(self.nodes)))]
        node.runs_on = node.files

    @precondition(lambda self: len(self.nodes) < 6)
    @rule()
    def a_new_node_joins(self) -> None:
        """It is given what the plan says a newcomer must hold, and starts whenever it likes."""
        name = f"n{len(self.nodes)}"
        goal, other = (before(name), after(name)) if self.goes_back else (after(name), before(name))
        holding = for_newcomer(self.parties.values(), goal, other, VOUCHERS)
        self.parties[name] = Party(name, holding, goal, seen=False)
        self.nodes[name] = Node(holding, None)

    @precondition(lambda self: not self.goes_back)
    @rule()
    def the_operator_goes_back(self) -> None:
        self.goes_back = True
        self.parties = {
            name: Party(name, p.installed, before(name), seen=p.seen, earlier=p.earlier)
            for name, p in self.parties.items()
        }

    @invariant()
    def no_two_running_nodes_refuse_each_other(self) -> None:
        running = {name: node.runs_on for name, node in getattr(self, "nodes", {}).items() if node.runs_on is not None}
        for one, dials in running.items():
            for other, is_dialled in running.items():
                assert dials.leaf is not None
                assert is_dialled.trusts & vouched(dials.leaf), f"{other} refuses {one}"

    def teardown(self) -> None:
        """Once the nodes run and take up what they are given, the goal is reached, and the other CA is refused."""
        if not hasattr(self, "nodes"):
            return
        self.the_driver_resumes()
        for _ in range(200):
            self.everybody_takes_up_and_is_seen()
            if decide(list(self.parties.values()), VOUCHERS).is_done:
                break
            self.the_driver_takes_a_turn(lands=9)
        wanted = before if self.goes_back else after
        assert {name: node.runs_on for name, node in self.nodes.items()} == {name: wanted(name) for name in self.nodes}


TestRotation = Rotation.TestCase
TestRotation.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
