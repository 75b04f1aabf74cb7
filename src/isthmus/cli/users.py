"""`isthmus users`: users of the file realm, in the files `users` and `users_roles`, as `elasticsearch-users`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/users-command.html
"""

from __future__ import annotations

import asyncio
import difflib

import click

from isthmus.cli.conf_file import ConfFile
from isthmus.cli.secrets_in import is_interactive, secret
from isthmus.errors import CannotCreateError, UsageError
from isthmus.security.keyed_lines import can_stand, drop_line, names_in, put_line
from isthmus.security.passwords import check_password, hash_password
from isthmus.security.roles.file import parse_roles_yml
from isthmus.security.roles.registry import NAME as ROLES_FILE
from isthmus.security.roles.reserved import reserved_roles
from isthmus.security.users.file import ROLES, USERS, parse_users_roles
from isthmus.security.users.orders import check_may_be_named
from isthmus.security.users.roles_lines import with_roles, without_user

_roles_option = click.option("-r", "--roles", default="", help="Names of roles, with commas between them.")


def _refuse_password(_context: click.Context, _option: click.Parameter, given: str | None) -> None:
    if given is not None:
        raise UsageError(
            "a password is not taken from the command line, where others on the machine can see it",
            where="-p",
            hint="pipe it into standard input, or leave -p out to be asked for it",
        )


_password_option = click.option(
    "-p", "--password", is_eager=True, expose_value=False, hidden=True, callback=_refuse_password
)


@click.group()
def command() -> None:
    """Make, change, list and delete the users of this node's files.

    The files are users and users_roles in the configuration folder ($ISTHMUS_PATH_CONF, else ./config); a running node
    reads them within seconds. A password is asked for unseen on a terminal, else it is the first line of standard
    input; it is never taken from the command line, which others on the machine can see.
    """


@command.command()
@click.argument("username")
@_roles_option
@_password_option
def useradd(username: str, roles: str) -> None:
    """Add a user."""
    file = ConfFile(USERS)
    _check_can_stand(username, "user")
    check_may_be_named(username)
    if username in names_in(file.text):
        raise CannotCreateError(f"the user [{username}] exists already", where=str(file.path), hint="use 'passwd'")
    added, of_roles = _names(roles), ConfFile(ROLES)
    _tell_unknown(added)
    hashed = _new_hash(username)
    of_roles.write(with_roles(of_roles.text, username, add=added))
    file.write(put_line(file.text, username, hashed))


@command.command()
@click.argument("username")
def userdel(username: str) -> None:
    """Delete a user."""
    file, of_roles = _file_with(username), ConfFile(ROLES)
    file.write(drop_line(file.text, username))
    of_roles.write(without_user(of_roles.text, username))


@command.command()
@click.argument("username")
@_password_option
def passwd(username: str) -> None:
    """Give a user another password."""
    file = _file_with(username)
    file.write(put_line(file.text, username, _new_hash(username)))


@command.command()
@click.argument("username")
@click.option("-a", "--add", default="", help="Roles to give, with commas between them.")
@click.option("-r", "--remove", default="", help="Roles to take away, with commas between them.")
def roles(username: str, add: str, remove: str) -> None:
    """Give roles to a user, take them away, or show them."""
    _file_with(username)
    of_roles, added, removed = ConfFile(ROLES), _names(add), _names(remove)
    if added or removed:
        _check_can_stand(username, "user")
        _tell_unknown(added)
        of_roles.write(with_roles(of_roles.text, username, add=added, remove=removed))
    _show(username, of_roles)


@command.command(name="list")
@click.argument("username", required=False)
def names(username: str | None) -> None:
    """List all users with their roles, or one."""
    file = ConfFile(USERS) if username is None else _file_with(username)
    of_roles = ConfFile(ROLES)
    for name in names_in(file.text) if username is None else [username]:
        _show(name, of_roles)


def _file_with(username: str) -> ConfFile:
    file = ConfFile(USERS)
    if username not in names_in(file.text):
        raise UsageError(
            f"there is no user [{username[:100]}]", where=str(file.path), hint="'list' shows those there are"
        )
    return file


def _show(username: str, of_roles: ConfFile) -> None:
    found = parse_users_roles(of_roles.text, str(of_roles.path)).get(username, set())
    click.echo(f"{username:<15}: {','.join(sorted(found)) or '-'}")


def _new_hash(username: str) -> str:
    password = secret(f"Enter new password for {username}")
    check_password(password)
    if is_interactive() and secret("Enter same password again") != password:
        raise UsageError("the two passwords differ", hint="call the command again")
    return asyncio.run(hash_password(password))


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        _check_can_stand(name, "role")
    return names


def _check_can_stand(name: str, what: str) -> None:
    if not can_stand(name):
        raise UsageError(
            f"[{name[:100]}] cannot name a {what} in a file",
            hint="1 to 507 printable characters of ASCII without colon and comma, no # first, no blank at either end",
        )


def _tell_unknown(wanted: list[str]) -> None:
    """Roles of the cluster's state are not seen from here, so an unknown one is only told."""
    file = ConfFile(ROLES_FILE)
    known = {*reserved_roles(), *parse_roles_yml(file.text, str(file.path))}
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            guess = f"; did you mean [{near[0]}]?" if near else ""
            click.echo(f"the role [{name}] is neither built in nor in {ROLES_FILE}{guess}", err=True)
