"""The entry point of the container image: from its environment to a running node.

`ELASTIC_PASSWORD` becomes `bootstrap.password` in the keystore, unless one is there; `KEYSTORE_PASSWORD` opens the
keystore and goes to the node through its standard input. Each may be given as a file instead (`…_FILE`). Neither
appears among arguments, in the node's environment, or in what is printed. Any other command is run as it stands.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from isthmus.cli.docker_environment import (
    ELASTIC_PASSWORD,
    FILE_SUFFIX,
    KEYSTORE_PASSWORD,
    WHERE,
    handed_on,
    node_arguments,
    notices,
)
from isthmus.errors import ConfigError, IsthmusError, NoInputError
from isthmus.settings import find_conf_dir

NODE_COMMAND = "eswrapper"  # as Elasticsearch's image calls it
GROUP_WRITABLE = 0o002
BOOTSTRAP_PASSWORD = "bootstrap.password"  # noqa: S105 - the setting's name
MAX_SECRET_BYTES = 4096
ALLOWED_MODES = (0o400, 0o600)


def main() -> None:
    """Become the node, or the command that was asked for. Ends with the error's exit status if it cannot."""
    os.umask(GROUP_WRITABLE)
    try:
        _become(sys.argv[1:], os.environ)
    except IsthmusError as error:
        sys.stderr.write(f"isthmus: {error}\n")
        sys.exit(error.exit_code)


def is_for_node(arguments: Sequence[str]) -> bool:
    """Tell whether the container's command is the node: none at all, flags alone, or `eswrapper`."""
    return not arguments or arguments[0] == NODE_COMMAND or arguments[0].startswith("-")


def secret(environ: Mapping[str, str], name: str) -> str | None:
    """Return the secret `name`, from the variable or from the file that `<name>_FILE` names; None if neither is set.

    Raises ConfigError if both are set, or if the file can be read by others (mode 0400 and 0600 are right), is empty
    or too large; NoInputError if it cannot be read.
    """
    file = environ.get(name + FILE_SUFFIX)
    if not file:
        return environ.get(name) or None
    if environ.get(name):
        raise ConfigError(f"both {name} and {name}{FILE_SUFFIX} are set", where=WHERE, hint="keep one of the two")
    return _read_secret(name + FILE_SUFFIX, Path(file))


def keep_bootstrap_password(conf_dir: Path, elastic_password: str, keystore_password: str) -> None:
    """Put `elastic_password` into the keystore of `conf_dir` as `bootstrap.password`, unless it holds one.

    A keystore that is not there is made, protected by `keystore_password` unless that is empty.
    """
    from isthmus.keystore import FILE_NAME, Keystore  # a command that is not the node does without

    path = conf_dir / FILE_NAME
    keystore = Keystore.load(path, keystore_password) if path.exists() else Keystore.create(path, keystore_password)
    if BOOTSTRAP_PASSWORD not in keystore:
        keystore.put(BOOTSTRAP_PASSWORD, elastic_password)
        keystore.save()


def _become(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    if not is_for_node(arguments):
        _execute(arguments, environ)
    own = arguments[1:] if arguments and arguments[0] == NODE_COMMAND else arguments
    command = [sys.executable, "-m", "isthmus", "node", *node_arguments(environ), *own]
    for notice in notices(environ):
        sys.stderr.write(f"isthmus: {notice}\n")
    node_environ = handed_on(environ)
    elastic_password, keystore_password = secret(environ, ELASTIC_PASSWORD), secret(environ, KEYSTORE_PASSWORD)
    if elastic_password is not None:
        keep_bootstrap_password(find_conf_dir(node_environ), elastic_password, keystore_password or "")
    if keystore_password is not None:
        _give_as_standard_input(keystore_password)
    _execute(command, node_environ)


def _read_secret(variable: str, file: Path) -> str:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        with file.open("rb") as opened:
            raw = opened.read(MAX_SECRET_BYTES + 1)
    except OSError as cause:
        raise NoInputError(f"{variable} names a file that cannot be read: {cause.strerror}", where=str(file)) from cause
    if mode not in ALLOWED_MODES:
        raise ConfigError(f"the file of {variable} has mode {mode:04o}", where=str(file), hint="give it mode 0400")
    if len(raw) > MAX_SECRET_BYTES:
        raise ConfigError(f"the file of {variable} is larger than {MAX_SECRET_BYTES} bytes", where=str(file))
    try:
        text = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        # The cause would hold the secret.
        raise ConfigError(f"the file of {variable} is not UTF-8", where=str(file)) from None
    if not text:
        raise ConfigError(f"the file of {variable} is empty", where=str(file))
    return text


def _give_as_standard_input(line: str) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, f"{line}\n".encode())  # far less than a pipe holds
    os.close(write_end)
    os.dup2(read_end, 0)
    os.close(read_end)


def _execute(command: Sequence[str], environ: Mapping[str, str]) -> None:
    sys.stderr.flush()
    try:
        os.execvpe(command[0], list(command), dict(environ))  # noqa: S606 - the process becomes it, no shell between
    except OSError as cause:
        raise NoInputError(f"[{command[0]}] cannot be run: {cause.strerror}") from cause


if __name__ == "__main__":
    main()
