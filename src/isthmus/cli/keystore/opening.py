"""Finding the keystore of the configuration folder, and opening it with its password."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from isthmus.cli.secrets_in import existing_password
from isthmus.keystore import FILE_NAME, Keystore, has_password
from isthmus.settings import find_conf_dir

Function = TypeVar("Function", bound=Callable[..., Any])


def silent_option(function: Function) -> Function:
    """-s/--silent."""
    return click.option("-s", "--silent", is_flag=True, help="Say nothing but errors and what was asked for.")(function)


def say(text: str, *, silent: bool) -> None:
    """Tell a person what was done, on standard error, so that standard output holds only what was asked for."""
    if not silent:
        click.echo(text, err=True)


def keystore_path() -> Path:
    """Return where the keystore is, or would be. Raises ConfigError if there is no configuration folder."""
    return find_conf_dir(os.environ) / FILE_NAME


def open_keystore() -> Keystore:
    """Open the keystore, with its password if it has one."""
    path = keystore_path()
    return Keystore.load(path, existing_password("the keystore") if has_password(path) else "")
