"""`isthmus rotate resume`."""

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
    """Carry on where the rotation was interrupted; what was seen before is looked at anew."""
    carry_out(Path(work), "resume", patience=patience, clients_ready=clients_ready)
