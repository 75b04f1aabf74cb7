"""`isthmus demo`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click


@click.command("demo")
@click.option("--keep", is_flag=True, help="Leave the cluster running and print how to reach it.")
def command(*, keep: bool) -> int:
    """Start a cluster of two nodes, see it refuse an alien, encrypt the wire, and change its CA under load.

    Everything happens on loopback addresses in a new temporary folder. The exit status is 0 if every check held.
    """
    from isthmus.demo.script import Demo

    if keep:
        return Demo(Path(tempfile.mkdtemp(prefix="isthmus-demo-")), sys.stdout).run(keep=True)
    with tempfile.TemporaryDirectory(prefix="isthmus-demo-") as folder:
        return Demo(Path(folder), sys.stdout).run(keep=False)
