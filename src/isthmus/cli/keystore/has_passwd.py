"""`isthmus keystore has-passwd`."""

from __future__ import annotations

import os

import click

from isthmus.cli.keystore.opening import keystore_path, say, silent_option
from isthmus.keystore import has_password

NO_PASSWORD = 1


@click.command("has-passwd")
@silent_option
def command(*, silent: bool) -> int:
    """Succeed if there is a keystore and a password protects it; the exit status is 1 otherwise."""
    path = keystore_path()
    if not os.path.lexists(path):
        say(f"{path}: there is no keystore", silent=silent)
        return NO_PASSWORD
    if not has_password(path):
        say("No password protects the keystore.", silent=silent)
        return NO_PASSWORD
    say("A password protects the keystore.", silent=silent)
    return 0
