"""The folder of a rotation, as the commands are told of it, and passwords, as they ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from isthmus.cli.certutil import prompts
from isthmus.lifecycle.rotation.driver import PATIENCE

Function = TypeVar("Function", bound=Callable[..., Any])


def work_option(function: Function) -> Function:
    """--work."""
    return click.option(
        "--work",
        metavar="DIR",
        default="rotation",
        show_default=True,
        help="The folder of the rotation: its plan, papers and journal.",
    )(function)


def patience_option(function: Function) -> Function:
    """--patience."""
    return click.option(
        "--patience",
        type=click.FloatRange(1, 86_400),
        default=PATIENCE,
        show_default=True,
        help="Seconds to wait for a node that does not move on, before giving up.",
    )(function)


def clients_ready_option(function: Function) -> Function:
    """--clients-ready."""
    return click.option(
        "--clients-ready", is_flag=True, help="You vouch that all clients of HTTP trust the CA to come."
    )(function)


def ask_password(what: str) -> str | None:
    """Ask for the password that opens `what`, unseen; None if there is nobody to ask."""
    if not prompts.is_interactive():
        return None
    answer: str = click.prompt(f"Enter password for {what}", default="", show_default=False, hide_input=True)
    return answer
