"""The program `isthmus`: finds the command, and turns errors into one clear line and an exit status (sysexits)."""

from __future__ import annotations

import sys
from typing import Any

import click

from isthmus import __version__
from isthmus.cli.lazy import LazyCommands
from isthmus.errors import IsthmusError

COMMANDS: dict[str, tuple[str, str]] = {
    # name: (module, one line of help); the module defines `command`
    "backup": ("isthmus.cli.backup", "Copy a node's data into a folder while it runs."),
    "certutil": ("isthmus.cli.certutil", "Make and sign certificates for a cluster."),
    "demo": ("isthmus.cli.demo", "Start a cluster, see it refuse an alien and encrypt the wire."),
    "doctor": ("isthmus.cli.doctor", "Judge configuration folders and certificates, one node or many together."),
    "keystore": ("isthmus.cli.keystore", "Keep secure settings in an encrypted file."),
    "node": ("isthmus.cli.node", "Run a node in the foreground."),
    "remote": ("isthmus.cli.remote", "Link this cluster to others."),
    "reset-password": (
        "isthmus.cli.reset_password",
        "Give a built-in user of a running node a new password.",
    ),
    "restore": ("isthmus.cli.restore", "Make a backup the data of a node that does not run."),
    "rotate": ("isthmus.cli.rotate", "Replace certificates and CAs of a running cluster without downtime."),
    "service-tokens": ("isthmus.cli.service_tokens", "Make tokens of service accounts in this node's file."),
    "settings": ("isthmus.cli.settings", "List every setting with its type, default and help."),
    "users": ("isthmus.cli.users", "Make users in this node's files."),
}

INTERRUPTED = 130


@click.group(cls=LazyCommands, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="isthmus")
def isthmus() -> None:
    """A small search node that Elasticsearch can trust, and the certificate tools its operators miss."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line on `arguments` (default: the process's) and exit with the command's status."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, the error's own, 64 for wrong usage, 130 if interrupted."""
    try:
        result: Any = isthmus.main(args=arguments, prog_name="isthmus", standalone_mode=False)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.UsageError as error:
        return _refuse_usage(error)
    except (click.Abort, KeyboardInterrupt):
        _say("isthmus: interrupted")
        return INTERRUPTED
    except IsthmusError as error:
        _say(f"isthmus: {error}")
        return error.exit_code
    except Exception:
        _say(f"isthmus: the program failed where it should not have; what it knows of it is in {_keep_trace()}")
        return IsthmusError.exit_code
    return result if isinstance(result, int) else 0


def _refuse_usage(error: click.UsageError) -> int:
    where = error.ctx.command_path if error.ctx else "isthmus"
    _say(f"{where}: {error.format_message()} (see '{where} --help')")
    return 64


def _say(text: str) -> None:
    """Tell on standard error; a file's name or a wrong value must not steer the terminal."""
    click.echo("".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text), err=True)


def _keep_trace() -> str:
    """Write the trace of the current exception to a file for who mends the program, and return its name."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="isthmus-", suffix=".trace", delete=False) as file:
        file.write(traceback.format_exc())
    return file.name
