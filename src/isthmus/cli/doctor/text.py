"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from isthmus.cli.doctor import seen
from isthmus.cli.doctor.matrix_text import print_matrix
from isthmus.cli.doctor.wording import conclusion, due, plain, tally, title_of, urgency
from isthmus.lifecycle.diagnosis import Diagnosis, Section
from isthmus.lifecycle.probing.port import PortReport
from isthmus.pki.rules.rule import Finding

MAX_EXPIRIES = 40
PIPE_WIDTH = 120
BAR_CELLS, BAR_DAYS = 24, 730

_STYLES = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_DATE_STYLES = {"bad": "bold red", "soon": "yellow", "good": "green"}


def print_report(diagnosis: Diagnosis) -> None:
    """Print findings, who trusts whom, and when what expires."""
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    for section in diagnosis.sections():
        _print_section(console, section)
    if diagnosis.matrix is not None:
        print_matrix(console, diagnosis.matrix)
    if diagnosis.expiries:
        _print_expiries(console, diagnosis)
    console.print(Text(conclusion(diagnosis), style="bold"))


def _print_section(console: Console, section: Section) -> None:
    findings = section.findings
    where = f"  {plain(section.where)}" if section.where and not section.where.endswith(section.name) else ""
    style = _STYLES[findings[0].severity] if findings else "green"
    head = Text.assemble((plain(section.name), "bold"), (where, "dim"), "  ", (tally(findings), style))
    console.print(head)
    if section.port is not None:
        _print_seen(console, section.port)
    for place, group in groupby(findings, key=lambda finding: finding.where):
        if place and place != section.where:
            console.print(
                Padding(Text(plain(place.replace(f"{section.where}/", "")), style="dim"), (0, 0, 0, 2), expand=False)
            )
        for finding in group:
            _print_finding(console, finding)
    console.print()


def _print_seen(console: Console, port: PortReport) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=18, no_wrap=True)
    table.add_column(overflow="fold")
    for what, how in seen.lines(port):
        table.add_row(Text(what, style="dim"), Text(plain(how)))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def _print_finding(console: Console, finding: Finding) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=7, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(finding.severity, style=_STYLES[finding.severity]), Text(plain(finding.sentence)))
    table.add_row("", Text(f"→ {plain(finding.mend)}"))
    source = " · ".join(part for part in (finding.rule, finding.channel, finding.page) if part)
    table.add_row("", Text(plain(source), style="dim"))
    console.print(Padding(table, (0, 0, 0, 4), expand=False))


def _print_expiries(console: Console, diagnosis: Diagnosis) -> None:
    console.print(Text("When what expires", style="bold"))
    table = Table.grid(padding=(0, 2))
    for _ in range(5):
        table.add_column(overflow="fold")
    for expiry in diagnosis.expiries[:MAX_EXPIRIES]:
        days = expiry.days_left(diagnosis.now)
        style = _DATE_STYLES[urgency(days)]
        bar = "█" * max(1, min(BAR_CELLS, round(days / BAR_DAYS * BAR_CELLS)))
        table.add_row(
            f"{expiry.certificate.not_valid_after_utc:%Y-%m-%d}",
            Text(due(days), style=style),
            Text(bar, style=style),
            Text(title_of(expiry) + (" (CA)" if expiry.is_ca else "")),
            Text(_holders(expiry.nodes), style="dim"),
        )
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    more = len(diagnosis.expiries) - MAX_EXPIRIES
    if more > 0:
        console.print(Text(f"  and {more} that expire later", style="dim"))
    console.print()


def _holders(names: Sequence[str]) -> str:
    shown = ", ".join(plain(name) for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
