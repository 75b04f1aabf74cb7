"""What an index may set, when, and how it is told."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.index.metadata.index_settings import (
    TABLE,
    IndexSettingsError,
    check,
    check_change,
    defaults,
    flatten,
    nest,
    value_of,
)


@pytest.mark.parametrize(
    "given",
    [
        {"index": {"max_result_window": 5}},
        {"index.max_result_window": "5"},
        {"max_result_window": 5},
        {"index": {"max_result_window": "5"}},
    ],
)
def test_settings_may_be_nested_or_dotted_and_need_no_prefix(given: dict[str, Any]) -> None:
    settings = check(flatten(given))
    assert settings == {"index.max_result_window": "5"}
    assert nest(settings) == {"index": {"max_result_window": "5"}}
    assert value_of(settings, "index.max_result_window") == 5


def test_one_shard_is_all_and_the_reason_is_told() -> None:
    assert check(flatten({"number_of_shards": 1})) == {"index.number_of_shards": "1"}
    with pytest.raises(IndexSettingsError, match=r"\[index.number_of_shards\].*one shard"):
        check(flatten({"number_of_shards": 2}))


def test_an_unknown_setting_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(
        IndexSettingsError, match=r"unknown setting \[index.refresh_intervl\] did you mean \[index.refresh_interval\]"
    ):
        check(flatten({"refresh_intervl": "1s"}))


def test_what_is_fixed_at_creation_may_not_change_later() -> None:
    for name in ("index.number_of_shards", "index.analysis.analyzer.a.type"):
        with pytest.raises(IndexSettingsError, match="non dynamic"):
            check_change({name: "1"})


def test_null_deletes_and_leaves_the_default() -> None:
    change = check_change(flatten({"index.max_result_window": None}))
    assert change == {"index.max_result_window": ""}
    assert value_of({}, "index.max_result_window") == 10_000


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_every_default_is_a_value_that_the_setting_takes(setting: Any) -> None:
    if setting.default is not None:
        setting.parse(setting.default)


def test_defaults_are_told_of_what_is_not_set() -> None:
    told = defaults({"index.gc_deletes": "1s"})
    assert "index.gc_deletes" not in told
    assert told["index.max_result_window"] == "10000"


def test_nobody_may_set_what_the_cluster_sets_itself() -> None:
    with pytest.raises(IndexSettingsError, match="private"):
        check(flatten({"index.uuid": "x"}))
