"""Who trusts whom, drawn in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from isthmus.cli.doctor.wording import STATES, plain, trust_in_words
from isthmus.pki.trust_matrix import State, TrustMatrix

MAX_DRAWN = 30
NAME_CELLS = 24

_SIGNS: dict[State, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "refused": ("✗", "bold red"),
    "unknown": ("?", "yellow"),
    "clear": ("o", "yellow"),
}


def print_matrix(console: Console, matrix: TrustMatrix) -> None:
    """Draw all pairs of up to 30 nodes; of more, only say how many dials succeed."""
    console.print(Text.assemble(("Who trusts whom on transport", "bold"), f"  {trust_in_words(matrix)}"))
    if len(matrix.names) <= MAX_DRAWN:
        console.print(Padding(_drawn(matrix), (0, 0, 0, 2), expand=False))
        console.print(Padding(_legend(matrix), (0, 0, 0, 2), expand=False))
    else:
        console.print(Text("  More than 30 nodes: --html draws them", style="dim"))
    console.print()


def _drawn(matrix: TrustMatrix) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, max_width=NAME_CELLS + 4)
    for _ in matrix.names:
        table.add_column(justify="right", no_wrap=True, width=2 if len(matrix.names) > 9 else 1)
    table.add_row(Text("dials →", style="dim"), *(Text(str(at), style="dim") for at in _numbers(matrix)))
    for at, name, row in zip(_numbers(matrix), matrix.names, matrix.rows, strict=True):
        cells = [
            _sign(verdict.state) if at != other else Text("·", style="dim") for other, verdict in enumerate(row, 1)
        ]
        table.add_row(Text(f"{at:>2} {plain(name)[:NAME_CELLS]}"), *cells)
    return table


def _numbers(matrix: TrustMatrix) -> range:
    return range(1, len(matrix.names) + 1)


def _sign(state: State) -> Text:
    sign, style = _SIGNS[state]
    return Text(sign, style=style)


def _legend(matrix: TrustMatrix) -> Text:
    states = dict.fromkeys(verdict.state for _, _, verdict in matrix.pairs())
    parts = [part for state in states for part in (_sign(state), Text(f" {STATES[state]}   ", style="dim"))]
    return Text.assemble(*parts)
