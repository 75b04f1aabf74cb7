"""`isthmus restore`: a backup becomes the data of a node that does not run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("restore")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--keep-keystore", is_flag=True, help="Leave the keystore of the configuration folder as it is.")
@click.option("-E", "overrides", multiple=True, metavar="NAME=VALUE", help="Set a setting, such as path.data.")
def command(*, folder: Path, keep_keystore: bool, overrides: tuple[str, ...]) -> None:
    """Make the backup in DIR the data of the node configured here, which must not run; its data folder must be empty.

    Every file of the backup is verified before anything is written; then all is restored, or nothing. Call it as the
    user that will run the node. The node comes back as who it was, and makes its indices searchable when it starts.

    The configuration folder is $ISTHMUS_PATH_CONF, else ./config.
    """
    from isthmus.cli.admin_client import data_folder, settings_of
    from isthmus.keystore import FILE_NAME
    from isthmus.node.backup.manifest import summary
    from isthmus.node.backup.restoring import restore_backup

    settings = settings_of(overrides)
    data = data_folder(settings)
    keystore = None if keep_keystore else settings.conf_dir / FILE_NAME
    told = summary(restore_backup(folder.absolute(), data, keystore))
    click.echo(
        f"[{told['node']}] as of {told['made']}: {told['indices']} indices with {told['documents']} documents are in "
        f"{data}"
    )
