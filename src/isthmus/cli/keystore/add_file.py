"""`isthmus keystore add-file`."""

from __future__ import annotations

from pathlib import Path

import click

from isthmus.cli.certutil.input import read_file
from isthmus.cli.keystore.adding import check_names, force_option, keystore_to_add_to
from isthmus.cli.keystore.opening import say, silent_option
from isthmus.keystore.format import MAX_FILE_BYTES


@click.command("add-file")
@click.argument("arguments", metavar="NAME FILE...", nargs=-1, required=True)
@force_option
@silent_option
def command(*, arguments: tuple[str, ...], force: bool, silent: bool) -> None:
    """Keep files as the values of settings, given as pairs of a name and a file."""
    if len(arguments) % 2:
        raise click.UsageError(f"[{arguments[-1]}] has no file: give pairs of a name and a file")
    names = arguments[::2]
    check_names(names, force=force)
    contents = [read_file(Path(file), limit=MAX_FILE_BYTES) for file in arguments[1::2]]
    keystore = keystore_to_add_to(names, force=force)
    if keystore is None:
        say("The keystore was left as it is.", silent=silent)
        return
    for name, content in zip(names, contents, strict=True):
        keystore.put(name, content)
    keystore.save()
