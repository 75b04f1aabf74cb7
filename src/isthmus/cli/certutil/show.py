"""`isthmus certutil show`: tells what is in a certificate, key, key store or request, in plain words."""

from __future__ import annotations

from pathlib import Path

import click

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.contents import AskPassword, Contents, read_contents
from isthmus.cli.certutil.input import read_file
from isthmus.cli.certutil.options import ASK
from isthmus.cli.certutil.plain_words import Facts, describe, table
from isthmus.cli.certutil.readable import readable


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--pass",
    "password",
    metavar="PASSWORD",
    is_flag=False,
    flag_value=ASK,
    help="Password of the files; asked for when it is needed and left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, files: tuple[str, ...], password: str | None, as_json: bool) -> None:
    """Tell what is in certificates, private keys, PKCS#12 and JKS files, and signing requests.

    Private keys are described, never printed. Without a password an encrypted PEM key is named as such.
    """
    found = [(file, _read(file, password)) for file in files]
    click.echo(_json(found) if as_json else "\n\n".join(_text(file, contents) for file, contents in found))


def _read(file: str, password: str | None) -> Contents:
    data = read_file(Path(file))
    with readable(file):
        return read_contents(data, _password_of(file, password), file)


def _password_of(file: str, given: str | None) -> AskPassword:
    asked: list[str] = []

    def answer() -> str | None:
        if given is not None and given != ASK:
            return given
        if not prompts.is_interactive() and given is None:
            return None
        if not asked:
            asked.append(prompts.existing_password(file, "--pass"))
        return asked[0] or None

    return answer


def _text(file: str, contents: Contents) -> str:
    tables = [table(facts) for facts in describe(contents, file)]
    count = "1 entry" if len(tables) == 1 else f"{len(tables)} entries"
    return "\n\n".join([f"{file}: {contents.format}, {count}", *tables])


def _json(found: list[tuple[str, Contents]]) -> str:
    import json

    told = [
        {"file": file, "format": contents.format, "entries": [_keyed(facts) for facts in describe(contents, file)]}
        for file, contents in found
    ]
    return json.dumps(told, indent=2, ensure_ascii=False)


def _keyed(facts: Facts) -> Facts:
    return {label.replace(" ", "_").lower(): value for label, value in facts.items()}
