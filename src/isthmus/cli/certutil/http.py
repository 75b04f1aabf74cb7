"""`isthmus certutil http`: certificates, or requests for them, for the HTTP interface; guided, or by flags and file.

Nothing is asked once the nodes are named by flags or by a file: then what is left open takes its default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from isthmus.cli.certutil import options, prompts
from isthmus.cli.certutil.csr import check_instance_flags
from isthmus.cli.certutil.http_answers import DEFAULT_CA_NAME, MAX_FILE_BYTES, Answers, default_name, parse_answers
from isthmus.cli.certutil.http_files import NodeFiles
from isthmus.cli.certutil.http_plan import Passwords, Plan, make_files, make_plan, write_zip
from isthmus.cli.certutil.input import read_file
from isthmus.cli.certutil.instances import Instance, gather_instances, split_commas
from isthmus.errors import UsageError
from isthmus.pki.authority import DEFAULT_DAYS
from isthmus.pki.keys import KeyType


@dataclass(frozen=True, slots=True)
class _Flags:
    answers_file: str | None
    csr: bool
    ca_store: str | None
    ca_cert: str | None
    ca_key: str | None
    ca_pass: str | None = field(repr=False)
    ca_dn: str | None
    instances_file: str | None
    multiple: bool
    name: str | None
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    pem: bool
    out: str | None
    password: str | None = field(repr=False)
    force: bool
    days: int | None
    key_type: KeyType | None
    key_size: int | None
    silent: bool
    verbose: bool


@click.command()
@click.option("--answers", "answers_file", metavar="FILE", help="A YAML file with answers; flags win over it.")
@click.option("--csr", is_flag=True, help="Make signing requests for a CA that somebody else keeps.")
@options.ca_options
@click.option("--ca-dn", metavar="NAME", help=f"Distinguished name of a new CA (default {DEFAULT_CA_NAME}).")
@options.instance_options
@click.option("--pem", is_flag=True, help="Write certificates and keys in PEM format instead of PKCS#12.")
@options.output_options
@click.option(
    "--days",
    type=click.IntRange(1, options.MAX_DAYS),
    help=f"Days that a certificate lasts (default {DEFAULT_DAYS}); it never outlasts its CA.",
)
@options.key_options
@options.verbosity_options
def command(**flags: object) -> None:
    """Make certificates, or requests for them, for the HTTP interface of nodes.

    Writes a zip with a folder for each node, with a README and sample settings, and one for Kibana and other clients.
    On a terminal it asks for what it needs, unless nodes are named by flags or by a file.

    \b
    isthmus certutil http
    isthmus certutil http --ca elastic-stack-ca.p12 --dns es.example.com --ip 192.0.2.1 --out http.zip
    isthmus certutil http --answers answers.yml --pass SECRET

    \b
    answers.yml:
      csr: false
      ca: elastic-stack-ca.p12     # or ca_cert and ca_key; or ca_dn for a new CA
      days: 2Y
      key_type: ec-p256
      out: http.zip
      nodes:
        - name: node1
          dns: [node1.example.com]
          ip: [192.0.2.1]
    """
    _make(_Flags(**flags))  # type: ignore[arg-type]


def _make(flags: _Flags) -> None:
    options.check_verbosity(silent=flags.silent, verbose=flags.verbose)
    check_instance_flags(
        flags.instances_file, multiple=flags.multiple, single=bool(flags.name or flags.dns or flags.ip)
    )
    answers = _answers(flags)
    guided = answers.nodes is None
    if guided:
        answers = _asked(answers)
    _check_combinations(answers, flags)
    plan = make_plan(answers, Passwords(flags.password, flags.ca_pass), guided=guided, force=flags.force)
    nodes = make_files(plan)
    write_zip(plan, nodes, force=flags.force)
    _report(plan, nodes, flags)


def _answers(flags: _Flags) -> Answers:
    given = Answers(
        csr=flags.csr or None,
        pem=flags.pem or None,
        ca=flags.ca_store,
        ca_cert=flags.ca_cert,
        ca_key=flags.ca_key,
        ca_dn=flags.ca_dn,
        days=flags.days,
        key_type=flags.key_type,
        key_size=flags.key_size,
        nodes=_nodes(flags),
        out=flags.out,
    )
    if flags.answers_file is None:
        return given
    return given.over(parse_answers(read_file(Path(flags.answers_file), limit=MAX_FILE_BYTES), flags.answers_file))


def _nodes(flags: _Flags) -> tuple[Instance, ...] | None:
    if not (flags.instances_file or flags.multiple or flags.name or flags.dns or flags.ip):
        return None
    name = flags.name or default_name(split_commas(flags.dns))
    return gather_instances(flags.instances_file, name, flags.dns, flags.ip, multiple=flags.multiple)


def _asked(answers: Answers) -> Answers:
    if not prompts.is_interactive():
        raise UsageError(
            "there is no terminal to ask for the nodes' names on", hint="give --dns and --ip, --in, or --answers"
        )
    from isthmus.cli.certutil.http_questions import ask

    return ask(answers)


def _check_combinations(answers: Answers, flags: _Flags) -> None:
    refused = {
        "a request is not signed here: leave out the CA, --ca-dn and --ca-pass, or --csr": answers.csr
        and (answers.names_a_ca or answers.ca_dn or flags.ca_pass is not None),
        "how long a certificate lasts is for the CA to say: leave out --days, or --csr": answers.csr and answers.days,
        "a request and its key are always in PEM format: leave out --pem, or --csr": answers.csr and answers.pem,
        "--ca-dn names a new CA, not an existing one": answers.ca_dn and answers.names_a_ca,
    }
    for sentence, applies in refused.items():
        if applies:
            raise click.UsageError(sentence)


def _report(plan: Plan, nodes: Sequence[NodeFiles], flags: _Flags) -> None:
    if flags.verbose:
        for one in nodes:
            names = ", ".join([*one.instance.names.dns, *map(str, one.instance.names.ips)])
            click.echo(f"{one.path}: {one.instance.name}; {names or 'no names'}")
    if flags.silent:
        return
    what = "certificate" if plan.signer else "request"
    click.echo(f"{len(nodes)} {what}{'' if len(nodes) == 1 else 's'} written to {plan.path}")
    click.echo("Keep this file safe: it holds private keys. Each folder has a README.txt that says what to do.")
    if not all(one.instance.names.dns or one.instance.names.ips for one in nodes):
        click.echo("No host name or address was given: clients that check names will refuse the certificate.")
