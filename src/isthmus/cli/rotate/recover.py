"""`isthmus rotate recover`."""

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
    """Install a plan on a cluster that is down because its certificates have expired, then prove it.

    Nothing is left to be kept running, so every node is given its new files at once. Refused while the old
    certificates are valid: then 'apply' does it without downtime.
    """
    carry_out(Path(work), "recover", patience=patience, clients_ready=clients_ready)
