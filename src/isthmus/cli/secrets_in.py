"""Where secrets come from: a person, unseen, or the lines of standard input. Never from the command line."""

from __future__ import annotations

import sys

import click

from isthmus.errors import DataError, UsageError

MAX_LINE_BYTES = 1024 * 1024


def is_interactive() -> bool:
    """Tell whether a person sits at standard input."""
    return sys.stdin.isatty()


def existing_password(what: str) -> str:
    """Take the password that opens `what`."""
    return secret(f"Enter password for {what}")


def new_password(what: str) -> str:
    """Take a new password for `what`, twice; it may be empty. Raises UsageError if the two differ."""
    password = secret(f"Enter new password for {what} (empty for none)")
    if secret("Enter same password again") != password:
        raise UsageError("the two passwords differ", hint="call the command again")
    return password


def secret(question: str) -> str:
    """Take one secret. Raises UsageError when standard input has ended, DataError if it is too long or no text."""
    try:
        return _asked(question) if is_interactive() else _line(question)
    except UnicodeError:
        # The cause would hold the secret.
        raise DataError(
            f"the answer to [{question}] is not UTF-8 text", hint="give text; 'keystore add-file' keeps other data"
        ) from None


def _asked(question: str) -> str:
    answer: str = click.prompt(question, default="", show_default=False, hide_input=True, err=True)
    answer.encode()
    return answer


def _line(question: str) -> str:
    line = sys.stdin.buffer.readline(MAX_LINE_BYTES + 1)
    if not line:
        raise UsageError(f"standard input ended before the answer to [{question}]", hint="give a line for each answer")
    if len(line) > MAX_LINE_BYTES:
        raise DataError(f"a line of standard input is longer than {MAX_LINE_BYTES} bytes", hint="give a shorter line")
    return line.decode().rstrip("\r\n")
