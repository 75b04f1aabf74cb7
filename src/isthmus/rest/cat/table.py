"""The one renderer of all `_cat` tables: chooses columns, sorts rows, writes text, JSON or help. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from isthmus.errors import UsageError
from isthmus.rest.answers import Answer, Json, Text
from isthmus.rest.media import Kind
from isthmus.rest.parameters import Parameters
from isthmus.rest.units import BYTE_UNITS, TIME_UNITS, Duration, Size
from isthmus.rest.wildcards import matches

PARAMETERS = ("bytes", "h", "help", "s", "time", "v")
NOTHING = "-"
MAX_KEYS = 256

Cell = str | int | float | Size | Duration | None
R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column. `get` takes a row and gives its cell, None for what is not known.

    `shown`: without being asked for. `measured`: the cell must be asked of the row's node first.
    """

    name: str
    aliases: tuple[str, ...]
    help: str
    get: Callable[[R], Cell]
    shown: bool = True
    right: bool = False
    measured: bool = False


@dataclass(frozen=True)
class _Key(Generic[R]):
    column: Column[R]
    descending: bool


class Table(Generic[R]):
    """A table as the parameters of one request want it; raises UsageError for columns that there are not."""

    def __init__(self, columns: Sequence[Column[R]], parameters: Parameters) -> None:
        self._columns = columns
        self._help = parameters.boolean("help")
        self._verbose = parameters.boolean("v")
        self._bytes = parameters.choice("bytes", BYTE_UNITS)
        self._time = parameters.choice("time", TIME_UNITS)
        self._chosen = self._choose(parameters)
        self._keys = self._order(parameters.texts("s"))

    @property
    def needs_measures(self) -> bool:
        """Whether a column that is shown or sorted by is a measured one."""
        used = [column for _, column in self._chosen] + [key.column for key in self._keys]
        return not self._help and any(column.measured for column in used)

    def render(self, rows: Iterable[R], kind: Kind) -> Answer:
        """Answer the rows as text or JSON, or what the columns mean if help was asked for."""
        if self._help:
            return Text(_aligned([[c.name, "|", ",".join(c.aliases), "|", c.help] for c in self._columns], set()))
        ordered = list(rows)
        for key in reversed(self._keys):
            ordered.sort(key=lambda row: _rank(key.column.get(row)), reverse=key.descending)
        if kind == "json":
            return Json([{label: self._json(column.get(row)) for label, column in self._chosen} for row in ordered])
        lines = [[self._text(column.get(row)) for _, column in self._chosen] for row in ordered]
        head = [[label for label, _ in self._chosen]] if self._verbose else []
        return Text(_aligned(head + lines, {at for at, (_, column) in enumerate(self._chosen) if column.right}))

    def _choose(self, parameters: Parameters) -> list[tuple[str, Column[R]]]:
        asked = parameters.texts("h")
        if not asked:
            return [(column.name, column) for column in self._columns if column.shown]
        chosen: dict[str, Column[R]] = {}
        for name in asked[:MAX_KEYS]:
            if "*" in name:
                chosen |= {column.name: column for column in self._columns if _matches(name, column)}
            else:
                chosen[name] = self._find(name, f"there is no column [{name[:50]}]")
        return list(chosen.items())

    def _order(self, asked: Sequence[str]) -> list[_Key[R]]:
        keys = []
        for part in asked[:MAX_KEYS]:
            name, _, direction = part.partition(":")
            if direction not in ("", "asc", "desc"):
                raise UsageError(f"cannot sort by [{part[:50]}]", hint="write column, column:asc or column:desc")
            column = self._find(name, f"Unable to sort by unknown sort key [{name[:50]}]")
            keys.append(_Key(column, direction == "desc"))
        return keys

    def _find(self, name: str, otherwise: str) -> Column[R]:
        names = {label: column for column in reversed(self._columns) for label in (*column.aliases, column.name)}
        names |= {column.name: column for column in self._columns}
        if name not in names:
            near = difflib.get_close_matches(name[:100], names, n=1)
            raise UsageError(otherwise, hint=f"did you mean [{near[0]}]?" if near else "see ?help")
        return names[name]

    def _text(self, cell: Cell) -> str:
        text = self._json(cell)
        if text is None or not text:
            return NOTHING
        return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)

    def _json(self, cell: Cell) -> str | None:
        match cell:
            case None:
                return None
            case Size():
                return cell.text(self._bytes)
            case Duration():
                return cell.text(self._time)
            case float():
                return f"{cell:.2f}"
            case _:
                return str(cell)


def _matches(pattern: str, column: Column[R]) -> bool:
    return any(matches(pattern, name) for name in (column.name, *column.aliases))


def _rank(cell: Cell) -> tuple[bool, Cell]:
    """What is not known comes before all that is; the cells of one column are of one type."""
    return (cell is not None, cell)


def _aligned(lines: Sequence[Sequence[str]], right: set[int]) -> str:
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "".join(_line(line, widths, right) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], right: set[int]) -> str:
    last = len(cells) - 1
    padded = []
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        if at in right:
            padded.append(cell.rjust(width))
        else:
            padded.append(cell if at == last else cell.ljust(width))
    return " ".join(padded) + "\n"
