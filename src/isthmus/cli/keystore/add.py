"""`isthmus keystore add`."""

from __future__ import annotations

import click

from isthmus.cli.keystore.adding import check_names, force_option, keystore_to_add_to
from isthmus.cli.keystore.opening import say, silent_option
from isthmus.cli.secrets_in import is_interactive, secret
from isthmus.errors import UsageError
from isthmus.keystore.known import check_value


@click.command("add")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("-x", "--stdin", "from_stdin", is_flag=True, help="Read the values from standard input, a line each.")
@force_option
@silent_option
def command(*, names: tuple[str, ...], from_stdin: bool, force: bool, silent: bool) -> None:
    """Keep the values of settings.

    Each value is asked for unseen. A name that no secure setting has is refused, with the nearest one that there is.
    Nothing is kept unless all is. If a password protects the keystore, the first line of --stdin is the password.
    """
    if not from_stdin and not is_interactive():
        raise UsageError("there is no terminal to ask for values on", hint="give them on standard input, with --stdin")
    check_names(names, force=force)
    keystore = keystore_to_add_to(names, force=force)
    if keystore is None:
        say("The keystore was left as it is.", silent=silent)
        return
    for name in names:
        value = secret(f"Enter value for {name}")
        check_value(name, value)
        keystore.put(name, value)
    keystore.save()
