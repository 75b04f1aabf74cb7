"""What `add` and `add-file` share: a keystore to add to, and leave to overwrite what is in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from isthmus.cli.keystore.opening import keystore_path, open_keystore, say
from isthmus.cli.secrets_in import is_interactive
from isthmus.errors import CannotCreateError, DataError
from isthmus.keystore import Keystore, check_name

Function = TypeVar("Function", bound=Callable[..., Any])


def force_option(function: Function) -> Function:
    """-f/--force."""
    return click.option(
        "-f",
        "--force",
        is_flag=True,
        help="Ask nothing: overwrite values, create a missing keystore, and keep names that no setting has.",
    )(function)


def check_names(names: Sequence[str], *, force: bool) -> None:
    """Raise DataError for a name that may not be kept; with `force` warn of those that no setting has."""
    for name in names:
        warning = check_name(name, force=force)
        if warning:
            say(f"warning: {warning}; it is kept all the same", silent=False)


def keystore_to_add_to(names: Sequence[str], *, force: bool) -> Keystore | None:
    """Open the keystore, or make one, having asked where that changes more than was said; None if a person says no."""
    keystore = open_keystore() if os.path.lexists(keystore_path()) else _new_keystore(force=force)
    if keystore is None:
        return None
    for name in names:
        if name in keystore and not force and not _may_overwrite(name):
            return None
    return keystore


def _new_keystore(*, force: bool) -> Keystore | None:
    path = keystore_path()
    if not force and not is_interactive():
        raise DataError(
            "there is no keystore", hint="make one with 'isthmus keystore create', or with --force", where=str(path)
        )
    if not force and not click.confirm("There is no keystore. Do you want to create it?", default=False, err=True):
        return None
    return Keystore.create(path)


def _may_overwrite(name: str) -> bool:
    if not is_interactive():
        raise CannotCreateError(f"[{name}] is kept already", hint="overwrite it with --force")
    return click.confirm(f"[{name}] is kept already. Overwrite it?", default=False, err=True)
