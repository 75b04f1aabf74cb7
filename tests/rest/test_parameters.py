"""Query parameters: typed, and unknown ones named with the nearest known."""

from __future__ import annotations

import pytest

from isthmus.errors import UsageError
from isthmus.rest.parameters import Parameters, check_values, refuse_unknown


@pytest.mark.parametrize(("raw", "value"), [("", True), ("true", True), ("false", False)])
def test_a_flag_is_true_without_a_value(raw: str, value: bool) -> None:
    assert Parameters({"v": raw}).boolean("v") is value


def test_an_absent_flag_is_false() -> None:
    assert Parameters({}).boolean("v") is False


@pytest.mark.parametrize("raw", ["yes", "1", "TRUE"])
def test_a_flag_takes_no_other_word(raw: str) -> None:
    with pytest.raises(UsageError, match=r"as only \[true\] or \[false\] are allowed"):
        Parameters({"v": raw}).boolean("v")


def test_lists_are_split_at_commas() -> None:
    assert Parameters({"h": "name, ip,,"}).texts("h") == ["name", "ip"]


@pytest.mark.parametrize(("raw", "seconds"), [("30s", 30.0), ("500ms", 0.5), ("0", 0.0), ("9d", 60.0)])
def test_times_are_seconds_and_bounded(raw: str, seconds: float) -> None:
    assert Parameters({"timeout": raw}).seconds("timeout", 1.0, 60.0) == seconds


@pytest.mark.parametrize("raw", ["30", "s", "-1s", "1 year", "1e9s"])
def test_a_time_without_a_sense_is_refused_by_name(raw: str) -> None:
    with pytest.raises(UsageError, match=r"\[timeout\]"):
        Parameters({"timeout": raw}).seconds("timeout", 1.0, 60.0)


def test_unknown_parameters_are_named_with_what_was_meant() -> None:
    with pytest.raises(UsageError) as refused:
        refuse_unknown("/_cat/nodes", ["v", "prety", "zzzz"], ["v", "pretty"])
    assert str(refused.value) == (
        "request [/_cat/nodes] contains unrecognized parameters: [prety] -> did you mean [pretty]?, [zzzz]"
    )


def test_of_several_near_names_all_are_told() -> None:
    with pytest.raises(UsageError, match=r"\[help2\] -> did you mean any of \[help, help1\]\?"):
        refuse_unknown("/x", ["help2"], ["help", "help1"])


def test_known_parameters_pass() -> None:
    refuse_unknown("/x", ["v"], ["v"])


@pytest.mark.parametrize(
    "given", [{"human": "1"}, {"local": "TRUE"}, {"request_cache": "x"}, {"batched_reduce_size": "0"}]
)
def test_a_value_that_can_never_be_is_refused_though_it_makes_no_difference(given: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(given))):
        check_values(Parameters(given))
    check_values(Parameters({"human": "", "local": "false", "batched_reduce_size": "2"}))
