"""When files are read anew, as a machine over values: any history of files ends with the last good ones served."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from isthmus.lifecycle.reloading.reload import SETTLE_SECONDS, Outcome, Step, Watch, judge, look

INTERVAL = 5.0
GOOD = {"node.crt": "certificate 1", "node.key": "key 1"}
NEXT = {"node.crt": "certificate 2", "node.key": "key 2"}
TORN = {"node.crt": "certificate 2", "node.key": "key 1"}


@dataclass
class Served:
    """A channel as the machine sees it: contents that match are good, others cannot be used."""

    watch: Watch
    content: dict[str, str]
    now: float = 0.0
    reported: int = 0
    reads: int = 0

    def look(self, found: dict[str, str], after: dict[str, str] | None = None, *, asked: bool = False) -> Step:
        """One look at `found`, and, where the files are read, another look that finds `after`."""
        self.watch, step = look(self.watch, found, self.now, asked=asked)
        if step is Step.READ:
            self._read(found, found if after is None else after)
        self.now += SETTLE_SECONDS if step is Step.LOOK_AGAIN else INTERVAL
        return step

    def _read(self, before: dict[str, str], after: dict[str, str]) -> None:
        self.reads += 1
        self.watch, outcome = judge(self.watch, before, after, why(after), self.now)
        if outcome is Outcome.SERVE:
            assert before == after
            self.content = after
        self.reported += outcome is Outcome.REPORT


def why(content: dict[str, str]) -> str | None:
    """Why a content cannot be used; None if it can."""
    certificate, key = (text.rpartition(" ")[2] for text in content.values())
    if "Permission denied" in content.values():
        return "it cannot be read"
    return None if certificate == key else "the key is that of another certificate"


def serving(content: dict[str, str]) -> Served:
    return Served(Watch(served=content), content)


part = st.sampled_from(["1", "2", "3"])
contents = st.one_of(
    st.builds(lambda c, k: {"node.crt": f"certificate {c}", "node.key": f"key {k}"}, part, part),
    st.just({"node.crt": "Permission denied", "node.key": "key 1"}),
)
histories = st.lists(st.tuples(contents, st.none() | contents, st.booleans()), max_size=12)


@given(histories, contents)
def test_any_history_ends_with_the_last_good_files_served(
    history: list[tuple[dict[str, str], dict[str, str] | None, bool]], last: dict[str, str]
) -> None:
    channel = serving(GOOD)
    for found, meanwhile, asked in history:
        channel.look(found, meanwhile, asked=asked)
        assert why(channel.content) is None
    before = channel.content
    for _ in range(4):
        channel.look(last)
    if why(last) is None:
        assert channel.content == last
        assert channel.watch.trouble is None
    else:
        assert channel.content == before
        assert channel.watch.trouble == why(last)


@given(contents)
def test_each_reason_is_told_once_however_often_it_is_tried_again(bad: dict[str, str]) -> None:
    channel = serving(GOOD)
    for _ in range(10):
        channel.look(bad)
    assert channel.reported == (why(bad) is not None)
    if channel.reported:
        assert channel.reads > channel.reported


def test_nothing_is_read_while_nothing_changes() -> None:
    """elasticsearch#96266: a whole directory is watched."""
    channel = serving(GOOD)
    assert [channel.look(GOOD) for _ in range(3)] == [Step.REST] * 3


def test_files_that_change_one_after_the_other_are_served_together() -> None:
    channel = serving(GOOD)
    assert [channel.look(found) for found in (TORN, NEXT, NEXT)] == [Step.LOOK_AGAIN, Step.LOOK_AGAIN, Step.READ]
    assert (channel.content, channel.reported) == (NEXT, 0)


def test_p11_what_changed_while_it_was_read_is_read_again() -> None:
    channel = Served(Watch(), GOOD)
    channel.look(GOOD)
    channel.look(GOOD, after=NEXT)
    assert channel.content == GOOD
    for _ in range(2):
        channel.look(NEXT)
    assert channel.content == NEXT


def test_p11_what_changed_between_the_start_and_the_first_look_is_served() -> None:
    """elasticsearch#54867, cloud-on-k8s#2823: a certificate changed during the start is missed."""
    channel = Served(Watch(), GOOD)
    for _ in range(2):
        channel.look(NEXT)
    assert channel.content == NEXT


def test_whoever_asks_does_not_wait_for_files_to_be_still() -> None:
    channel = serving(GOOD)
    assert channel.look(NEXT, asked=True) is Step.READ
    assert channel.content == NEXT


def test_files_put_back_as_they_were_are_no_trouble_any_more() -> None:
    channel = serving(GOOD)
    channel.look(TORN, asked=True)
    assert channel.watch.trouble is not None
    channel.look(GOOD)
    assert channel.watch.trouble is None
