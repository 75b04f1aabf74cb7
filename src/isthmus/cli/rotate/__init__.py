"""`isthmus rotate`: replaces node certificates and CAs of a running cluster without downtime.

plan       from folders or an inventory to a plan           carry_out  apply, resume, abort, recover
status     how far it got, and its timeline                 told       a plan and its events as text
signers    the flags that say who signs
"""

from __future__ import annotations

import click

from isthmus.cli.lazy import LazyCommands

_TABLE = {
    "plan": ("isthmus.cli.rotate.plan", "Prepare new certificates, and tell each step before it is taken."),
    "apply": ("isthmus.cli.rotate.apply", "Carry the plan out."),
    "status": ("isthmus.cli.rotate.status", "Tell how far it got."),
    "resume": ("isthmus.cli.rotate.resume", "Carry on after an interruption."),
    "abort": ("isthmus.cli.rotate.abort", "Go back to the old certificates, safely from any step."),
    "recover": ("isthmus.cli.rotate.recover", "Bring back a cluster whose certificates have expired."),
}


@click.group(cls=LazyCommands, table=_TABLE)
def command() -> None:
    """Replace certificates and CAs of a running cluster without downtime.

    \b
    isthmus rotate plan --new-ca conf/node1 conf/node2 conf/node3
    isthmus rotate apply
    """
