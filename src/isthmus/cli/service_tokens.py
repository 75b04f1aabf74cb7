"""`isthmus service-tokens`: tokens of service accounts in the file `service_tokens`, as `elasticsearch-service-tokens`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/service-tokens-command.html
"""

from __future__ import annotations

import click

from isthmus.cli.conf_file import ConfFile
from isthmus.errors import CannotCreateError, UsageError
from isthmus.security.keyed_lines import drop_line, names_in, put_line
from isthmus.security.random_secrets import hash_secret, new_secret
from isthmus.security.service_accounts.accounts import check_account, check_token_name
from isthmus.security.service_accounts.file import NAME
from isthmus.security.service_accounts.stored import service_token_text


@click.group()
def command() -> None:
    """Make, list and delete tokens of service accounts in the configuration folder.

    The file is service_tokens in the configuration folder ($ISTHMUS_PATH_CONF, else ./config) of this node; a running
    node reads it within seconds. PRINCIPAL is an account such as elastic/kibana. Tokens that are to work on all nodes
    are made by POST /_security/service/PRINCIPAL/credential/token.
    """


@command.command()
@click.argument("principal")
@click.argument("name")
def create(principal: str, name: str) -> None:
    """Make a token and print it, this once."""
    check_account(principal)
    check_token_name(name)
    full_name, file = f"{principal}/{name}", ConfFile(NAME)
    if full_name in names_in(file.text):
        raise CannotCreateError(
            f"the token [{full_name}] exists already", where=str(file.path), hint="delete it first, or name another"
        )
    secret = new_secret()
    file.write(put_line(file.text, full_name, hash_secret(secret)))
    click.echo(f"SERVICE_TOKEN {full_name} = {service_token_text(principal, name, secret)}")


@command.command()
@click.argument("principal")
@click.argument("name")
def delete(principal: str, name: str) -> None:
    """Delete a token."""
    check_account(principal)
    full_name, file = f"{principal}/{name}", ConfFile(NAME)
    if full_name not in names_in(file.text):
        raise UsageError(f"there is no token [{full_name}]", where=str(file.path), hint="'list' shows those there are")
    file.write(drop_line(file.text, full_name))


@command.command(name="list")
@click.argument("principal", required=False)
def names(principal: str | None) -> None:
    """List the names of all tokens, or of those of one account."""
    if principal is not None:
        check_account(principal)
    for full_name in sorted(names_in(ConfFile(NAME).text)):
        if principal is None or full_name.startswith(f"{principal}/"):
            click.echo(full_name)
