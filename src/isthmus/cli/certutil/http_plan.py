"""What `certutil http` is to make, all questions answered: how it is signed, protected, written and judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from isthmus.cli.certutil import http_files as made
from isthmus.cli.certutil import options, prompts
from isthmus.cli.certutil.archive import pack, unpack
from isthmus.cli.certutil.authorities import CaFlags, load_authority
from isthmus.cli.certutil.cautions import warn_of_flaws
from isthmus.cli.certutil.files import FileFormat
from isthmus.cli.certutil.http_answers import DEFAULT_CA_NAME, Answers
from isthmus.cli.certutil.http_files import NodeFiles
from isthmus.cli.certutil.instances import Instance
from isthmus.cli.certutil.issuing import Signer
from isthmus.cli.certutil.output import check_target, write_file
from isthmus.cli.certutil.progress import in_threads
from isthmus.errors import UsageError
from isthmus.pki.authority import DEFAULT_DAYS, Authority, create_authority
from isthmus.pki.keys import KeyType
from isthmus.pki.names import parse_distinguished_name
from isthmus.pki.profiles import HTTP

DEFAULT_ZIP = "elasticsearch-ssl-http.zip"


@dataclass(frozen=True, slots=True)
class Passwords:
    """--pass and --ca-pass as they were given."""

    keys: str | None = field(repr=False)
    authority: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """`signer` is None for requests, `ca_form` if no CA is made on the way; `strict`: the rules hold for the CA too."""

    nodes: tuple[Instance, ...]
    key: tuple[KeyType, int | None]
    form: FileFormat
    signer: Signer | None
    ca_form: FileFormat | None
    strict: bool
    path: Path

    @property
    def authority(self) -> Authority | None:
        """The CA that signs, if one does."""
        return self.signer.authority if self.signer else None


def make_plan(answers: Answers, passwords: Passwords, *, guided: bool, force: bool) -> Plan:
    """Read or make the CA, and ask for the output file and the passwords that were not given.

    `guided`: a person is led through the questions. Raises what the flags of the other commands raise.
    """
    key = options.chosen_key(answers.key_type, answers.key_size)
    signer = None if answers.csr else _signer(answers, passwords, key)
    strict = not (answers.names_a_ca and signer and warn_of_flaws(signer))
    path = prompts.output_path(answers.out, DEFAULT_ZIP)
    check_target(path, force=force)
    pem, makes_ca = bool(answers.csr or answers.pem), signer is not None and not answers.names_a_ca
    form = _format(passwords.keys, "the private keys", "--pass", pem=pem, guided=guided)
    ca_form = _format(passwords.authority, "the new CA", "--ca-pass", pem=pem, guided=guided) if makes_ca else None
    return Plan(answers.nodes or (), key, form, signer, ca_form, strict, path)


def make_files(plan: Plan) -> list[NodeFiles]:
    """Make the keys, with their certificates or requests."""
    return in_threads(lambda node: _node_files(node, plan), plan.nodes, "Making keys")


def write_zip(plan: Plan, nodes: Sequence[NodeFiles], *, force: bool) -> None:
    """Write the zip, after all of it was read back and judged; raises what `write_file` raises."""
    members = [
        member
        for several in in_threads(lambda one: made.node_members(one, plan.form), nodes, "Writing files")
        for member in several
    ]
    if plan.authority and plan.ca_form:
        members += made.authority_members(plan.authority, plan.ca_form)
    members += made.client_members(plan.authority, [made.host_of(node) for node in plan.nodes])
    write_file(plan.path, pack(members), lambda read: _judge(read, plan, nodes), force=force)


def _signer(answers: Answers, passwords: Passwords, key: tuple[KeyType, int | None]) -> Signer:
    days = answers.days or DEFAULT_DAYS
    if answers.names_a_ca:
        authority = load_authority(CaFlags(answers.ca, answers.ca_cert, answers.ca_key, passwords.authority))
    else:
        subject = parse_distinguished_name(answers.ca_dn or DEFAULT_CA_NAME, "--ca-dn")
        authority = create_authority(subject, days=days, key_type=key[0], key_size=key[1])
    return Signer(authority, HTTP, days, *key)


def _format(password: str | None, what: str, flag: str, *, pem: bool, guided: bool) -> FileFormat:
    if password is None and pem and guided:
        # In the dialogue an empty answer means: not encrypted.
        return FileFormat(pem, prompts.new_password(what, flag) or None)
    if password is None and not pem and not prompts.is_interactive():
        raise UsageError(f"{flag} is needed for {what}", hint=f'give {flag} "" for an empty password')
    return options.file_format(password, what, pem=pem)


def _node_files(node: Instance, plan: Plan) -> NodeFiles:
    folder = made.folder_of(node, alone=len(plan.nodes) == 1)
    return made.certified(node, folder, plan.signer) if plan.signer else made.requested(node, folder, *plan.key)


def _judge(read: bytes, plan: Plan, nodes: Sequence[NodeFiles]) -> None:
    files = unpack(read, plan.path.name)
    in_threads(lambda one: made.judge_node(one, files, plan.form, strict=plan.strict), nodes, "Checking files")
    if plan.authority:
        made.judge_clients(plan.authority, files)
        if plan.ca_form:
            made.judge_new_authority(plan.authority, files, plan.ca_form)
