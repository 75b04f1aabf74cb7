"""`isthmus certutil csr`: makes keys and signing requests; the keys never leave the node, a CA signs the requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from isthmus.cli.certutil import options, prompts
from isthmus.cli.certutil.archive import pack, unpack
from isthmus.cli.certutil.instances import Instance, gather_instances
from isthmus.cli.certutil.output import check_target, write_file
from isthmus.cli.certutil.progress import in_threads
from isthmus.cli.certutil.requesting import Requested, judge_request, request_for, request_members
from isthmus.pki.keys import KeyType
from isthmus.pki.names import distinguished_name_text

DEFAULT_ZIP = "csr-bundle.zip"


@dataclass(frozen=True, slots=True)
class _Flags:
    instances_file: str | None
    multiple: bool
    name: str | None
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    out: str | None
    password: str | None = field(repr=False)
    force: bool
    key_type: KeyType | None
    key_size: int | None
    silent: bool
    verbose: bool


@click.command()
@options.instance_options
@options.output_options
@options.key_options
@options.verbosity_options
def command(**flags: object) -> None:
    """Make keys and certificate signing requests.

    Writes a zip with a folder for each instance, which holds the request and the private key. Send the requests to
    the CA ('certutil sign'), keep the keys.

    \b
    isthmus certutil csr --name node1 --dns node1.example.com --ip 192.0.2.1
    isthmus certutil csr --silent --in instances.yml --out requests.zip --pass SECRET
    """
    _make(_Flags(**flags))  # type: ignore[arg-type]


def check_instance_flags(file: str | None, *, multiple: bool, single: bool) -> None:
    """Raise click.UsageError if more than one way to describe instances is used."""
    if single and (file or multiple):
        raise click.UsageError("--name, --dns and --ip describe one instance: leave out --in and --multiple")
    if file and multiple:
        raise click.UsageError("--in and --multiple exclude each other")


def _make(flags: _Flags) -> None:
    options.check_verbosity(silent=flags.silent, verbose=flags.verbose)
    check_instance_flags(
        flags.instances_file, multiple=flags.multiple, single=bool(flags.name or flags.dns or flags.ip)
    )
    key_type, key_size = options.chosen_key(flags.key_type, flags.key_size)
    instances = gather_instances(flags.instances_file, flags.name, flags.dns, flags.ip, multiple=flags.multiple)
    path = prompts.output_path(flags.out, DEFAULT_ZIP)
    check_target(path, force=flags.force)
    password = options.file_format(flags.password, "the private keys", pem=True).password

    def make(instance: Instance) -> Requested:
        return request_for(f"{instance.filename}/{instance.filename}", instance.names, key_type, key_size)

    requested = in_threads(make, instances, "Making requests")
    _write(path, requested, password, force=flags.force)
    _report(path, requested, flags, encrypted=password is not None)


def _write(path: Path, requested: Sequence[Requested], password: str | None, *, force: bool) -> None:
    members = in_threads(lambda one: request_members(one, password), requested, "Writing requests")

    def check(read: bytes) -> None:
        files = unpack(read, path.name)
        in_threads(lambda one: judge_request(one, files, password), requested, "Checking requests")

    write_file(path, pack(member for several in members for member in several), check, force=force)


def _report(path: Path, requested: Sequence[Requested], flags: _Flags, *, encrypted: bool) -> None:
    if flags.verbose:
        for one in requested:
            click.echo(f"{one.path}.csr: {distinguished_name_text(one.names.subject)}")
    if flags.silent:
        return
    count = "1 request" if len(requested) == 1 else f"{len(requested)} requests"
    kept = "its private key" if len(requested) == 1 else "their private keys"
    click.echo(f"{count} and {kept} ({'encrypted' if encrypted else 'not encrypted'}) written to {path}")
    click.echo("Send only the .csr files to the CA; the private keys stay here.")
