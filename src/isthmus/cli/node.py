"""`isthmus node`: run a node in the foreground, or give the running one an order."""

from __future__ import annotations

import os
import sys

import click


@click.group("node", invoke_without_command=True)
@click.option("-E", "overrides", metavar="NAME=VALUE", multiple=True, help="Set a setting; wins over the file.")
@click.pass_context
def command(context: click.Context, *, overrides: tuple[str, ...]) -> None:
    """Run a node in the foreground; SIGTERM ends it.

    It is configured by isthmus.yml (or elasticsearch.yml) and isthmus.keystore in $ISTHMUS_PATH_CONF, else ./config.
    """
    if context.invoked_subcommand is None:
        _run(overrides)
    elif overrides:
        raise click.UsageError("-E is for starting a node")


@command.command("take-over")
@click.option("--force", is_flag=True, help="Accept that another copy is newer, and lose what only that copy has.")
def take_over(*, force: bool) -> None:
    """Make the node that runs here the owner of the cluster's state, because the owner is lost for good.

    Refused while any node still reaches the owner. The old owner is refused when it comes back.
    """
    from isthmus.cli.admin_client import order

    answer = order("take_over", {"force": force})
    click.echo(
        f"[{answer['node']}] owns the cluster's state in term {answer['term']} at revision {answer['revision']}."
    )


def _run(overrides: tuple[str, ...]) -> None:
    from isthmus.cli.keystore.opening import open_keystore
    from isthmus.keystore import FILE_NAME, secure_settings
    from isthmus.node.run import run
    from isthmus.settings import find_conf_dir, load

    conf_dir = find_conf_dir(os.environ)
    secure = secure_settings(open_keystore()) if (conf_dir / FILE_NAME).exists() else {}
    run(load(conf_dir, overrides=overrides, environ=os.environ, secure=secure), sys.stdout)
