"""`isthmus keystore show`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from isthmus.cli.keystore.opening import open_keystore
from isthmus.errors import StorageError


@click.command("show")
@click.argument("name")
@click.option("-o", "--output", metavar="FILE", help="Write it to a new file, mode 0600, instead.")
def command(*, name: str, output: str | None) -> None:
    """Show the value of one setting."""
    value = open_keystore().get(name)
    data = value.encode() if isinstance(value, str) else value
    if output is not None:
        _write(Path(output).absolute(), data)
    elif sys.stdout.isatty():
        click.echo(_for_a_terminal(name, data))
    else:
        # As it is, without a line end: what reads it gets the value and nothing else.
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _write(path: Path, data: bytes) -> None:
    from isthmus.cli.certutil.output import write_file

    def check(written: bytes) -> None:
        if written != data:
            raise StorageError("what was written is not what is on the disk", hint="check the disk", where=str(path))

    write_file(path, data, check, force=False)


def _for_a_terminal(name: str, data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    # Control characters could make the terminal do what the reader does not see.
    if not all(letter.isprintable() or letter in "\t\n" for letter in text):
        raise StorageError(f"the value of [{name}] is no plain text", hint="write it to a file with -o")
    return text
