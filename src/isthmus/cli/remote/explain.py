"""`isthmus remote explain`: who may search what in another cluster, and which side says no."""

from __future__ import annotations

import click

from isthmus.cli.admin_client import order
from isthmus.errors import PermissionDeniedError


@click.command()
@click.argument("alias")
@click.argument("index")
@click.option("-u", "--user", "username", required=True, help="Who wants to search.")
@click.option("-E", "overrides", multiple=True, metavar="NAME=VALUE", help="Set a setting, such as path.data.")
def command(alias: str, index: str, username: str, overrides: tuple[str, ...]) -> None:
    """Tell whether a user may search INDEX of the cluster ALIAS; if not, which side refuses and what to change.

    The running node of this machine asks the other cluster for him; it needs no password.
    """
    steps = order("remote_explain", {"alias": alias, "index": index, "username": username}, overrides)["steps"]
    for step in steps:
        click.echo(f"{'✓' if step['good'] else '✗'} {step['text']}")
    if not steps[-1]["good"]:
        raise PermissionDeniedError(
            f"[{username}] cannot search [{index}] of the cluster [{alias}]", hint=steps[-1]["todo"] or None
        )
