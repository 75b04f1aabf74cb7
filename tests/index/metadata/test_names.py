"""Which names an index or an alias may have."""

from __future__ import annotations

import pytest

from isthmus.index.metadata.errors import InvalidAliasNameError, InvalidIndexNameError
from isthmus.index.metadata.names import check_alias_name, check_index_name


@pytest.mark.parametrize("name", ["logs", "logs-2026.11.23", ".own", "a_b+c", "länder", "x" * 255])
def test_a_name_by_the_rules_is_taken(name: str) -> None:
    check_index_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Logs",
        ".",
        "..",
        "_x",
        "-x",
        "+x",
        "x" * 256,
        "ä" * 128,
        "a#b",
        "a:b",
        "a\nb",
        *(f"a{c}b" for c in '\\/*?"<>| ,'),
    ],
)
def test_a_name_against_the_rules_is_refused_with_the_name(name: str) -> None:
    with pytest.raises(InvalidIndexNameError) as caught:
        check_index_name(name)
    assert caught.value.details["index"] == name


def test_an_alias_may_have_capitals_but_no_wildcard() -> None:
    check_alias_name("Logs")
    with pytest.raises(InvalidAliasNameError, match=r"Invalid alias name \[logs\*\]"):
        check_alias_name("logs*")
