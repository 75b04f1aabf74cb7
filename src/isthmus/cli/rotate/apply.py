"""`isthmus rotate apply`."""

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
    """Carry the plan out: widen trust, reissue node by node, narrow; each step is proved before the next."""
    carry_out(Path(work), "apply", patience=patience, clients_ready=clients_ready)
