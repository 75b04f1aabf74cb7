"""`isthmus settings`: every setting with its type, default, scope and help."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from isthmus.errors import UsageError
from isthmus.settings import declared
from isthmus.settings.setting import AnySetting

UNBOUNDED = 10_000
COLUMNS = ("name", "type", "default", "scope", "help")


@click.command()
@click.argument("prefix", default="")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def command(prefix: str, *, as_json: bool) -> None:
    """List every setting with its type, default, scope and help; with PREFIX those whose names begin with it.

    Static settings stand in isthmus.yml (or elasticsearch.yml), or follow -E; secure ones in the keystore, of which
    reloadable ones are read anew by POST /_nodes/reload_secure_settings.
    """
    rows = [_row(setting) for setting in declared() if setting.name.startswith(prefix)]
    if not rows:
        nearest = declared().nearest(prefix)
        raise UsageError(
            f"no setting begins with [{prefix}]", hint=f"did you mean [{nearest}]?" if nearest else "leave it out"
        )
    if as_json:
        click.echo(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=2, ensure_ascii=False))
    else:
        _print_table(rows)


def _row(setting: AnySetting) -> tuple[str, ...]:
    return setting.name, setting.type.name, setting.default_in_words(), setting.scope_in_words(), setting.help


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console  # `--json` does without
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = UNBOUNDED  # a line a setting, for grep
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, overflow="fold", min_width=5)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
