"""`isthmus remote`: other clusters, before they are registered.

add    look at one and print the request that registers it
"""

from __future__ import annotations

import click

from isthmus.cli.lazy import LazyCommands

_TABLE = {"add": ("isthmus.cli.remote.add", "Look at another cluster, and print the request that registers it.")}


@click.group(cls=LazyCommands, table=_TABLE)
def command() -> None:
    """Link this cluster to others."""
