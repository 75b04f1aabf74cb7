"""`isthmus keystore create`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from isthmus.cli.keystore.opening import keystore_path, open_keystore, say, silent_option
from isthmus.cli.secrets_in import is_interactive, new_password
from isthmus.errors import CannotCreateError
from isthmus.keystore import Keystore


@click.command("create")
@click.option("-p", "protect", is_flag=True, help="Protect it by a password, which is asked for.")
@silent_option
def command(*, protect: bool, silent: bool) -> None:
    """Make a keystore.

    One that is there already is emptied only if a person agrees, and only if it can be opened: a damaged one is left
    alone.
    """
    path = keystore_path()
    keystore = _emptied(path) if os.path.lexists(path) else Keystore.create(path)
    if keystore is None:
        say("The keystore was left as it is.", silent=silent)
        return
    if protect:
        keystore.change_password(new_password("the keystore"))
    keystore.save()
    say(f"Created the keystore {path}", silent=silent)


def _emptied(path: Path) -> Keystore | None:
    if not is_interactive():
        raise CannotCreateError("a keystore is there already", hint="move it away first", where=str(path))
    keystore = open_keystore()
    if not click.confirm("A keystore is there already. Forget all it holds?", default=False, err=True):
        return None
    keystore.renew()
    return keystore
