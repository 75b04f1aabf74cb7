"""`isthmus backup`: a running node copies its data itself; the data of a stopped one is copied here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

SECONDS = 86_400.0


@click.command("backup")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("-E", "overrides", multiple=True, metavar="NAME=VALUE", help="Set a setting, such as path.data.")
def command(*, folder: Path, overrides: tuple[str, ...]) -> None:
    """Copy the node's data into DIR, a folder that is empty or not there yet.

    It holds the cluster's state, every index that this node holds, and the keystore (still under its password);
    not the settings file, certificates and logs. The node may run, and be written to. In a cluster, back up every node.

    The configuration folder is $ISTHMUS_PATH_CONF, else ./config. DIR is made with the rights of the node's user.
    """
    told = _backup(folder.absolute(), overrides)
    keystore = "and the keystore" if told["keystore"] else "without a keystore: there is none"
    click.echo(
        f"[{told['node']}]: {told['indices']} indices, {told['documents']} documents, the state {keystore}; "
        f"{told['bytes']} bytes in {folder}"
    )


def _backup(folder: Path, overrides: Sequence[str]) -> dict[str, Any]:
    from isthmus.cli.admin_client import NoNodeError, order

    try:
        return order("backup", {"folder": str(folder)}, overrides, seconds=SECONDS)
    except NoNodeError:
        return _of_stopped_node(folder, overrides)


def _of_stopped_node(folder: Path, overrides: Sequence[str]) -> dict[str, Any]:
    from isthmus.cli.admin_client import data_folder, settings_of
    from isthmus.errors import NoInputError
    from isthmus.node.backup.making import make_backup, origin_of
    from isthmus.node.backup.manifest import STATE, summary
    from isthmus.node.folder import DataFolder

    settings = settings_of(overrides)
    path = data_folder(settings)
    if not (path / STATE).is_file():
        raise NoInputError("there is no data of a node to back up", where=f"path.data {path}")
    data = DataFolder(path)
    try:
        return summary(make_backup(origin_of(settings, data), folder))
    finally:
        data.close()
