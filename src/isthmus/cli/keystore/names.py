"""`isthmus keystore list`."""

from __future__ import annotations

import click

from isthmus.cli.keystore.opening import open_keystore


@click.command("list")
def command() -> None:
    """List the names of the settings that are kept."""
    for name in open_keystore().names():
        click.echo(name)
