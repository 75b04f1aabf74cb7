"""`isthmus reset-password`: a new password for a built-in user, through the admin socket of the running node."""

from __future__ import annotations

import sys

import click

from isthmus.errors import UsageError


@click.command("reset-password")
@click.option("-u", "--username", required=True, help="The user, such as elastic.")
@click.option("-a", "--auto", is_flag=True, help="Make the password and print it (the default).")
@click.option("-i", "--interactive", is_flag=True, help="Ask for the password, twice and unseen.")
@click.option("-b", "--batch", is_flag=True, help="Do not ask for confirmation.")
@click.option("-f", "--force", is_flag=True, help="Try it also when the cluster's health is red.")
@click.option("-s", "--silent", is_flag=True, help="Print nothing but the new password, if it was made.")
@click.option("-E", "overrides", multiple=True, metavar="NAME=VALUE", help="Set a setting, such as path.data.")
def command(
    *,
    username: str,
    auto: bool,
    interactive: bool,
    batch: bool,
    force: bool,
    silent: bool,
    overrides: tuple[str, ...],
) -> None:
    """Give a built-in user of a running node a new password.

    It needs no password of its own: it talks to the node through a socket in the node's data folder, as the user that
    runs the node, or as root. The configuration folder is $ISTHMUS_PATH_CONF, else ./config. A password that was made
    is printed once, to standard output; all other words go to standard error.
    """
    if auto and interactive:
        raise UsageError("--auto and --interactive exclude each other")
    _confirm(username, batch=batch, interactive=interactive)
    chosen = _ask_password(username) if interactive else None
    made = _reset(username, chosen, force=force, overrides=overrides)
    if not silent:
        click.echo(f"The user [{username}] has a new password.", err=True)
    if made is not None:
        click.echo(made if silent else f"New value: {made}")


def _confirm(username: str, *, batch: bool, interactive: bool) -> None:
    if batch:
        return
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for confirmation on", hint="give --batch to go on without")
    how = "one that you enter" if interactive else "one that is made and printed here"
    click.echo(f"The password of the user [{username}] will be replaced by {how}.", err=True)
    click.confirm("Do you want to continue?", abort=True, err=True)


def _ask_password(username: str) -> str:
    from isthmus.security.passwords import check_password

    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for a password on", hint="use --auto")
    password: str = click.prompt(f"New password of [{username}]", hide_input=True, err=True)
    check_password(password)
    again: str = click.prompt(f"New password of [{username}] again", hide_input=True, err=True)
    if again != password:
        raise UsageError("the two passwords differ", hint="call the command again")
    return password


def _reset(username: str, password: str | None, *, force: bool, overrides: tuple[str, ...]) -> str | None:
    from isthmus.cli.admin_client import order

    answer = order("reset_password", {"username": username, "password": password, "force": force}, overrides)
    made = answer.get("password")
    return None if made is None else str(made)
