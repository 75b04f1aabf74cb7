"""`isthmus remote`: other clusters.

add        look at one and print the request that registers it
explain    who may search what in one, and which side says no
"""

from __future__ import annotations

import click

from isthmus.cli.lazy import LazyCommands

_TABLE = {
    "add": ("isthmus.cli.remote.add", "Look at another cluster, and print the request that registers it."),
    "explain": ("isthmus.cli.remote.explain", "Tell who may search what in another cluster, and which side says no."),
}


@click.group(cls=LazyCommands, table=_TABLE)
def command() -> None:
    """Link this cluster to others."""
