"""The renderer of all `_cat` tables."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from isthmus.errors import UsageError
from isthmus.rest.answers import Json, Text
from isthmus.rest.cat.table import Column, Table
from isthmus.rest.media import Kind
from isthmus.rest.parameters import Parameters
from isthmus.rest.units import Duration, Size


@dataclass(frozen=True)
class Fruit:
    name: str
    weight: int | None = 0
    age: float = 0.0


COLUMNS: tuple[Column[Fruit], ...] = (
    Column("name", ("n",), "what it is", lambda fruit: fruit.name),
    Column("weight", ("w", "we"), "how heavy", lambda fruit: fruit.weight, right=True),
    Column("size", ("s",), "how big", lambda fruit: fruit.weight and Size(fruit.weight), shown=False, measured=True),
    Column("age.total", ("a",), "how old", lambda fruit: Duration(fruit.age), shown=False),
    Column("age.half", ("ah",), "half as old", lambda fruit: fruit.age / 2, shown=False),
)
FRUITS = [Fruit("pear", 1536, 90.0), Fruit("fig", None, 1.0), Fruit("apple", 7, 1.0)]


def text(kind: Kind = "text", fruits: list[Fruit] | None = None, **parameters: str) -> str:
    answer = Table(COLUMNS, Parameters(parameters)).render(FRUITS if fruits is None else fruits, kind)
    assert isinstance(answer, Text)
    return answer.value


def test_shown_columns_are_aligned_and_what_is_unknown_is_a_dash() -> None:
    assert text() == "pear  1536\nfig      -\napple    7\n"


def test_v_adds_a_line_of_headers() -> None:
    assert text(v="") == "name  weight\npear    1536\nfig        -\napple      7\n"
    assert text(fruits=[], v="") == "name weight\n"
    assert text(fruits=[]) == ""


def test_h_chooses_columns_by_name_alias_and_pattern_each_once() -> None:
    assert text(v="", h="w,n,w", fruits=FRUITS[:1]) == "   w n\n1536 pear\n"
    assert text(v="", h="age.*,a*", fruits=FRUITS[:1]) == "age.total age.half\n1.5m      45.00\n"


def test_s_sorts_by_several_keys_and_unknown_cells_come_first() -> None:
    assert text(h="n", s="w") == "fig\napple\npear\n"
    assert text(h="n", s="w:desc") == "pear\napple\nfig\n"
    assert text(h="n", s="age.total:asc,name:desc") == "fig\napple\npear\n"


@pytest.mark.parametrize(
    "parameters", [{"h": "nmae"}, {"s": "nmae"}, {"s": "name:down"}, {"bytes": "mib"}, {"v": "no"}]
)
def test_a_column_or_value_that_there_is_not_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Table(COLUMNS, Parameters(parameters))


def test_a_mistyped_column_is_told_what_was_meant() -> None:
    with pytest.raises(UsageError, match=r"did you mean \[name\]"):
        text(h="nmae")


def test_units_can_be_asked_for() -> None:
    assert text(h="size,a", fruits=FRUITS[:1]) == "1.5kb 1.5m\n"
    assert text(h="size,a", fruits=FRUITS[:1], bytes="b", time="s") == "1536 90\n"


def test_json_holds_texts_under_the_names_that_were_asked_for_and_null() -> None:
    answer = Table(COLUMNS, Parameters({"h": "n,weight"})).render(FRUITS[:2], "json")
    assert answer == Json([{"n": "pear", "weight": "1536"}, {"n": "fig", "weight": None}])


def test_help_tells_every_column() -> None:
    assert text(help="").splitlines()[:2] == ["name      | n    | what it is", "weight    | w,we | how heavy"]
    assert len(text("json", help="").splitlines()) == len(COLUMNS)


def test_only_columns_that_are_used_are_measured() -> None:
    def needs(**parameters: str) -> bool:
        return Table(COLUMNS, Parameters(parameters)).needs_measures

    assert not needs()
    assert needs(h="size")
    assert needs(s="size")
    assert not needs(h="size", help="")


def test_a_cell_cannot_forge_a_line() -> None:
    assert text(h="n", fruits=[Fruit("a\nb\x1b[2J")]) == "a\ufffdb\ufffd[2J\n"
