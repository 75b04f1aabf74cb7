"""`isthmus rotate abort`."""

from __future__ import annotations

from pathlib import Path

import click

from isthmus.cli.rotate.carrying_out import carry_out
from isthmus.cli.rotate.work import clients_ready_option, patience_option, work_option


@click.command()
@work_option
@patience_option
@clients_ready_option
def command(work: str, patience: float, clients_ready: bool) -> None:
    """Go back to the old certificates, as carefully as forward: from any step, also when all is done."""
    carry_out(Path(work), "abort", patience=patience, clients_ready=clients_ready)
