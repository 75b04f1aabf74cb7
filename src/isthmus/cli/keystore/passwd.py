"""`isthmus keystore passwd`."""

from __future__ import annotations

import click

from isthmus.cli.keystore.opening import open_keystore, say, silent_option
from isthmus.cli.secrets_in import new_password


@click.command("passwd")
@silent_option
def command(*, silent: bool) -> None:
    """Change the keystore's password; an empty one takes the protection away."""
    keystore = open_keystore()
    keystore.change_password(new_password("the keystore"))
    keystore.save()
    now = "The keystore has a new password." if keystore.has_password() else "No password protects the keystore now."
    say(now, silent=silent)
