"""The flags that the commands share, named as `elasticsearch-certutil` names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.files import FileFormat
from isthmus.errors import UsageError
from isthmus.pki.authority import DEFAULT_DAYS, DEFAULT_SUBJECT
from isthmus.pki.keys import DEFAULT_KEY_TYPE, KEY_TYPES, RSA_SIZES, KeyType

Function = TypeVar("Function", bound=Callable[..., Any])

ASK: Final = "\0ask"
"""The value of `--pass` and `--ca-pass` without a value: ask for it."""

MAX_DAYS = 36_500


def _stacked(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def verbosity_options(function: Function) -> Function:
    """-s/--silent and -v/--verbose."""
    return _stacked(
        click.option("-s", "--silent", is_flag=True, help="Show errors and warnings only."),
        click.option("-v", "--verbose", is_flag=True, help="Show what is made, one line each."),
    )(function)


def check_verbosity(*, silent: bool, verbose: bool) -> None:
    """Raise click.UsageError if both are asked for."""
    if silent and verbose:
        raise click.UsageError("--silent and --verbose exclude each other")


def output_options(function: Function) -> Function:
    """--out, --pass and --force."""
    return _stacked(
        click.option("--out", metavar="FILE", help="Where to write; asked for when left out."),
        click.option(
            "--pass",
            "password",
            metavar="PASSWORD",
            is_flag=False,
            flag_value=ASK,
            help="Password of the private keys; without a value it is asked for.",
        ),
        click.option("--force", is_flag=True, help="Overwrite an existing file."),
    )(function)


def key_options(function: Function) -> Function:
    """--key-type and --keysize."""
    return _stacked(
        click.option(
            "--key-type", type=click.Choice(KEY_TYPES), help=f"Kind of private keys (default {DEFAULT_KEY_TYPE})."
        ),
        click.option(
            "--keysize",
            "key_size",
            type=click.IntRange(RSA_SIZES.start, RSA_SIZES.stop - 1),
            help="Size of RSA keys in bits; implies --key-type rsa.",
        ),
    )(function)


def days_option(function: Function) -> Function:
    """--days."""
    return click.option(
        "--days",
        type=click.IntRange(1, MAX_DAYS),
        default=DEFAULT_DAYS,
        show_default=True,
        help="Days that a certificate lasts; it never outlasts its CA.",
    )(function)


def ca_name_option(function: Function) -> Function:
    """--ca-dn."""
    return click.option("--ca-dn", metavar="NAME", help=f"Distinguished name of a new CA (default {DEFAULT_SUBJECT}).")(
        function
    )


def ca_options(function: Function) -> Function:
    """--ca, --ca-cert, --ca-key and --ca-pass."""
    return _stacked(
        click.option("--ca", "ca_store", metavar="FILE", help="An existing CA in a PKCS#12 file."),
        click.option("--ca-cert", metavar="FILE", help="Certificate of an existing CA in PEM format."),
        click.option("--ca-key", metavar="FILE", help="Private key of an existing CA in PEM format."),
        click.option(
            "--ca-pass",
            metavar="PASSWORD",
            is_flag=False,
            flag_value=ASK,
            help="Password of the CA's private key; asked for when it is needed and left out.",
        ),
    )(function)


def instance_options(function: Function) -> Function:
    """--in, --multiple, --name, --dns and --ip."""
    return _stacked(
        click.option("--in", "instances_file", metavar="FILE", help="A YAML file that describes the instances."),
        click.option("--multiple", is_flag=True, help="Ask for the details of several instances."),
        click.option("--name", metavar="NAME", help="Name of the one instance, or its distinguished name."),
        click.option("--dns", multiple=True, metavar="NAMES", help="DNS names, separated by commas or repeated."),
        click.option("--ip", multiple=True, metavar="ADDRESSES", help="IP addresses, separated by commas or repeated."),
    )(function)


def chosen_key(key_type: KeyType | None, key_size: int | None) -> tuple[KeyType, int | None]:
    """Join --key-type and --keysize; raises click.UsageError where they contradict each other."""
    if key_size is None:
        return key_type or DEFAULT_KEY_TYPE, None
    if key_type not in (None, "rsa"):
        raise click.UsageError(f"--keysize is for RSA keys, not for {key_type}")
    return "rsa", key_size


def file_format(password: str | None, what: str, *, pem: bool) -> FileFormat:
    """Join --pem and --pass; asks for the password of `what` if PKCS#12 needs one, or --pass stands without a value."""
    if password == ASK or (password is None and not pem):
        password = prompts.new_password(what, "--pass")
    if pem and password == "":
        raise UsageError("a PEM key cannot be encrypted with an empty password", hint="leave --pass out")
    if not pem and password is not None and not password.isascii():
        raise UsageError("the password of a PKCS#12 file must be plain ASCII", hint="Java opens no other")
    return FileFormat(pem, password)
