"""`isthmus keystore upgrade`."""

from __future__ import annotations

import click

from isthmus.cli.keystore.opening import open_keystore, say, silent_option


@click.command("upgrade")
@silent_option
def command(*, silent: bool) -> None:
    """Bring the keystore to the current format and derive its key at the current cost."""
    keystore = open_keystore()
    if not keystore.upgrade():
        say("The keystore is current already.", silent=silent)
        return
    keystore.save()
    say("The keystore was upgraded.", silent=silent)
