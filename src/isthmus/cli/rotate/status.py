"""`isthmus rotate status`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from isthmus.cli.rotate.told import status_as_text, status_for_machines
from isthmus.cli.rotate.work import work_option
from isthmus.lifecycle.rotation.journal import Journal


@click.command()
@work_option
@click.option("--json", "as_json", is_flag=True, help="State, plan, parties and events, for machines.")
def command(work: str, as_json: bool) -> None:
    """Tell how far a rotation got, also while it is being carried out."""
    plan, events = Journal.look(Path(work))
    if as_json:
        click.echo(msgspec.json.encode(status_for_machines(plan, events)))
    else:
        click.echo(status_as_text(plan, events))
