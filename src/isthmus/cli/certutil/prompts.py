"""What a person is asked when a flag was left out. Without a terminal nothing is asked: the missing flag is named."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from isthmus.errors import UsageError


def is_interactive() -> bool:
    """Tell whether a person sits at standard input."""
    return sys.stdin.isatty()


def output_path(given: str | None, default: str) -> Path:
    """Give the path of --out; ask for it on a terminal, take `default` without one."""
    if given is None and is_interactive():
        given = click.prompt(f"Please enter the desired output file [{default}]", default=default, show_default=False)
    return Path(given or default).absolute()


def new_password(what: str, flag: str) -> str:
    """Ask for a password for `what`, unseen; it may be empty, otherwise it is asked for twice."""
    password = _hidden(f"Enter password for {what} (empty for none)", flag)
    if password and _hidden(f"Enter password for {what} again", flag) != password:
        raise UsageError("the two passwords differ", hint="call the command again")
    return password


def existing_password(what: str, flag: str) -> str:
    """Ask for the password that opens `what`, unseen; it may be empty."""
    return _hidden(f"Enter password for {what}", flag)


def line(question: str, default: str = "") -> str:
    """Ask one question on the terminal and give the answer without blanks around it."""
    suffix = f" [{default}]" if default else ""
    answer: str = click.prompt(f"{question}{suffix}", default=default, show_default=False)
    return answer.strip()


def _hidden(question: str, flag: str) -> str:
    if not is_interactive():
        raise UsageError(
            f"{flag} is needed, since there is no terminal to ask on", hint=f'give {flag} "" for an empty password'
        )
    answer: str = click.prompt(question, default="", show_default=False, hide_input=True)
    return answer
