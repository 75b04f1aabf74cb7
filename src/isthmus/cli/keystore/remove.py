"""`isthmus keystore remove`."""

from __future__ import annotations

import click

from isthmus.cli.keystore.opening import open_keystore


@click.command("remove")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def command(*, names: tuple[str, ...]) -> None:
    """Forget settings; if one of them is not kept, none is forgotten."""
    keystore = open_keystore()
    for name in names:
        keystore.remove(name)
    keystore.save()
