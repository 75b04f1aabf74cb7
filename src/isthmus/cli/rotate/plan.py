"""`isthmus rotate plan`: prepares all that is needed in a folder of its own, and tells what will be done."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from isthmus.cli.certutil import options
from isthmus.cli.certutil.authorities import CaFlags
from isthmus.cli.doctor.surroundings import circumstances
from isthmus.cli.rotate.signers import SignerFlags, choose
from isthmus.cli.rotate.told import plan_as_text
from isthmus.cli.rotate.work import ask_password, work_option
from isthmus.lifecycle.rotation.channels import CHANNELS
from isthmus.lifecycle.rotation.inventory import Inventory, of_folders, read_inventory
from isthmus.lifecycle.rotation.journal import Blank
from isthmus.lifecycle.rotation.judging import told
from isthmus.lifecycle.rotation.lapsed import lapsed_leaves
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import Plan
from isthmus.lifecycle.rotation.preparing import Wish, prepare
from isthmus.lifecycle.rotation.survey import survey
from isthmus.lifecycle.rotation.vouching import vouchers_of
from isthmus.pki.keys import KeyType


@dataclass(frozen=True, slots=True)
class _Flags:
    conf_dir: tuple[str, ...]
    inventory: str | None
    work: str
    channel: tuple[str, ...]
    client_trust: tuple[str, ...]
    no_other_clients: bool
    at_once: int
    new_ca: bool
    ca_dn: str | None
    renew_ca: bool
    external: str | None
    signer: str | None
    ca_store: str | None
    ca_cert: str | None
    ca_key: str | None
    ca_pass: str | None = field(repr=False)
    days: int
    key_type: KeyType | None
    key_size: int | None


@click.command()
@click.argument("conf_dir", nargs=-1, type=click.Path(file_okay=False))
@click.option("--inventory", metavar="FILE", help="Nodes, clients and the commands that reach them (YAML).")
@work_option
@click.option("--channel", multiple=True, type=click.Choice(CHANNELS), help="What to rotate (default: all that is on).")
@click.option("--client-trust", multiple=True, metavar="FILE", help="A client's PEM file of CAs on this machine.")
@click.option("--no-other-clients", is_flag=True, help="No client trusts the HTTP certificates but those named.")
@click.option("--at-once", type=click.IntRange(1, 1000), default=1, show_default=True, help="Nodes changed together.")
@click.option("--new-ca", is_flag=True, help="Make a new CA, kept in the folder of the rotation.")
@options.ca_name_option
@click.option("--renew-ca", is_flag=True, help="Renew the CA given by --ca with its own key; certificates stay.")
@click.option("--external", metavar="FILE", help="Certificate of an external CA, which signs requests.")
@click.option("--signer", metavar="COMMAND", help="Has each {request} signed and writes the {certificate}.")
@options.ca_options
@options.days_option
@options.key_options
def command(**flags: object) -> None:
    """Prepare new certificates for a cluster, and tell each step before it is taken.

    Nothing of the cluster is changed.

    \b
    isthmus rotate plan --new-ca conf/node1 conf/node2
    isthmus rotate plan --ca-cert ca.crt --ca-key ca.key conf/*     new certificates of the CA that is trusted
    isthmus rotate plan --external corporate-ca.crt conf/*          writes requests, to be signed elsewhere
    """
    _plan(_Flags(**flags))  # type: ignore[arg-type]


def _plan(flags: _Flags) -> None:
    work = Path(flags.work)
    key_type, key_size = options.chosen_key(flags.key_type, flags.key_size)
    ca = CaFlags(flags.ca_store, flags.ca_cert, flags.ca_key, flags.ca_pass)
    signing = SignerFlags(
        ca, flags.new_ca, flags.ca_dn, flags.renew_ca, flags.external, flags.signer, flags.days, key_type, key_size
    )
    inventory = _inventory(flags)
    channels = tuple(one for one in CHANNELS if one in (flags.channel or CHANNELS))
    found = survey(inventory, channels, ask_password)
    with contextlib.closing(Blank(work)) as blank:
        papers = Papers(work)
        chosen = choose(signing, work)
        wish = Wish(
            channels,
            chosen.signer,
            chosen.words,
            chosen.authority,
            circumstances(datetime.now(UTC), [], []),
            flags.no_other_clients,
            flags.at_once,
        )
        prepared = asyncio.run(prepare(inventory, wish, found, papers))
        blank.write(prepared.plan)
    click.echo(plan_as_text(prepared.plan, papers))
    for line in told(prepared.warnings):
        click.echo(f"\nWarning: {line}")
    click.echo(f"\nNothing was changed. {_what_next(prepared.plan, papers)} --work {work}")


def _what_next(plan: Plan, papers: Papers) -> str:
    if not lapsed_leaves(plan, papers, vouchers_of(plan, papers), datetime.now(UTC)):
        return "Carry it out with: isthmus rotate apply"
    return "Old certificates have expired, so give every node its new files at once: isthmus rotate recover"


def _inventory(flags: _Flags) -> Inventory:
    if bool(flags.conf_dir) == bool(flags.inventory):
        raise click.UsageError("name the nodes' configuration folders, or an --inventory")
    if flags.inventory is not None:
        if flags.client_trust:
            raise click.UsageError("with an inventory, the clients stand in it")
        return read_inventory(Path(flags.inventory))
    return of_folders([Path(one) for one in flags.conf_dir], [Path(one) for one in flags.client_trust])
