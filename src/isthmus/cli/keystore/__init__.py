"""`isthmus keystore`: keeps secure settings in an encrypted file, as `elasticsearch-keystore` does.

one module a command; list is in names, since `list` is Python's
opening    finds the file and opens it      adding  what add and add-file share
"""

from __future__ import annotations

import click

from isthmus.cli.lazy import LazyCommands

_TABLE = {
    "create": ("isthmus.cli.keystore.create", "Make a keystore."),
    "add": ("isthmus.cli.keystore.add", "Keep the values of settings."),
    "add-file": ("isthmus.cli.keystore.add_file", "Keep files as the values of settings."),
    "show": ("isthmus.cli.keystore.show", "Show the value of one setting."),
    "list": ("isthmus.cli.keystore.names", "List the names of the settings that are kept."),
    "remove": ("isthmus.cli.keystore.remove", "Forget settings."),
    "passwd": ("isthmus.cli.keystore.passwd", "Change the keystore's password."),
    "has-passwd": ("isthmus.cli.keystore.has_passwd", "Succeed if a password protects the keystore."),
    "upgrade": ("isthmus.cli.keystore.upgrade", "Bring the keystore to the current format and cost."),
}


@click.group(cls=LazyCommands, table=_TABLE)
def command() -> None:
    """Keep secure settings in an encrypted file.

    The file is isthmus.keystore in the configuration folder ($ISTHMUS_PATH_CONF, else ./config). Passwords and values
    are asked for unseen on a terminal; without one, they are read from standard input, a line each, in the order in
    which they would be asked for.
    """
