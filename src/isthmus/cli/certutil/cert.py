"""`isthmus certutil cert`: makes certificates and keys for one or many instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from isthmus.cli.certutil import options, prompts
from isthmus.cli.certutil.archive import Member, pack, unpack
from isthmus.cli.certutil.authorities import CaFlags, load_authority
from isthmus.cli.certutil.ca import CA_PATH, authority_bundle, judge_authority
from isthmus.cli.certutil.cautions import warn_of_flaws
from isthmus.cli.certutil.files import FileFormat, judge, members_of, read_back
from isthmus.cli.certutil.instances import Instance, gather_instances
from isthmus.cli.certutil.issuing import Issued, Signer
from isthmus.cli.certutil.output import check_target, write_file
from isthmus.cli.certutil.progress import in_threads
from isthmus.pki.authority import DEFAULT_SUBJECT, Authority, create_authority
from isthmus.pki.bundles import certificates_to_pem
from isthmus.pki.explain import fingerprint
from isthmus.pki.keys import KeyType
from isthmus.pki.names import certificate_names, parse_distinguished_name
from isthmus.pki.profiles import TRANSPORT

DEFAULT_STORE = "elastic-certificates.p12"
DEFAULT_ZIP = "certificate-bundle.zip"


@dataclass(frozen=True, slots=True)
class _Flags:
    ca_store: str | None
    ca_cert: str | None
    ca_key: str | None
    ca_pass: str | None = field(repr=False)
    ca_dn: str | None
    keep_ca_key: bool
    self_signed: bool
    instances_file: str | None
    multiple: bool
    name: str | None
    dns: tuple[str, ...]
    ip: tuple[str, ...]
    pem: bool
    out: str | None
    password: str | None = field(repr=False)
    force: bool
    days: int
    key_type: KeyType | None
    key_size: int | None
    silent: bool
    verbose: bool

    @property
    def ca(self) -> CaFlags:
        return CaFlags(self.ca_store, self.ca_cert, self.ca_key, self.ca_pass)

    @property
    def makes_ca(self) -> bool:
        return not (self.ca.are_given or self.self_signed)

    @property
    def writes_zip(self) -> bool:
        return self.pem or self.multiple or self.keep_ca_key or self.instances_file is not None

    @property
    def default_output(self) -> str:
        if self.writes_zip:
            return DEFAULT_ZIP
        return f"{self.name}.p12" if self.name else DEFAULT_STORE


@click.command()
@options.ca_options
@options.ca_name_option
@click.option("--keep-ca-key", is_flag=True, help="Also write the private key of a CA that is made on the way.")
@click.option("--self-signed", is_flag=True, help="Sign each certificate with its own key; no CA.")
@options.instance_options
@click.option("--pem", is_flag=True, help="Write certificates and keys in PEM format, in a zip file.")
@options.output_options
@options.days_option
@options.key_options
@options.verbosity_options
def command(**flags: object) -> None:
    """Make certificates and keys for one or many instances.

    One instance gives one PKCS#12 file; --in, --multiple, --pem and --keep-ca-key give a zip with a folder for each.
    Without a CA one is made.

    \b
    isthmus certutil cert --ca elastic-stack-ca.p12 --dns node1.example.com --ip 192.0.2.1
    isthmus certutil cert --silent --in instances.yml --out certs.zip --pem --ca-cert ca/ca.crt --ca-key ca/ca.key

    \b
    instances.yml:
      instances:
        - name: node1
          dns: [node1.example.com]
          ip: [192.0.2.1]
        - name: CN=node2,OU=search,DC=example,DC=com
          filename: node2
    """
    _make(_Flags(**flags))  # type: ignore[arg-type]


def _make(flags: _Flags) -> None:
    options.check_verbosity(silent=flags.silent, verbose=flags.verbose)
    _check_combinations(flags)
    signer = _signer(flags)
    instances = gather_instances(flags.instances_file, flags.name, flags.dns, flags.ip, multiple=flags.multiple)
    path = prompts.output_path(flags.out, flags.default_output)
    check_target(path, force=flags.force)
    form = options.file_format(flags.password, path.name, pem=flags.pem)
    ca_form = _ca_format(flags)
    order = _Order(signer, form, strict=not warn_of_flaws(signer))
    issued = in_threads(order.issue, instances, "Making certificates")
    if flags.writes_zip:
        _write_zip(path, order, issued, ca_form, flags)
    else:
        _write_store(path, order, issued[0], force=flags.force)
    _report(path, issued, flags)


def _write_store(path: Path, order: _Order, issued: Issued, *, force: bool) -> None:
    name, data = issued.members[0].path, issued.members[0].data
    write_file(path, data, lambda read: order.judge(issued, {name: read}), force=force)


def _write_zip(path: Path, order: _Order, issued: Sequence[Issued], ca_form: FileFormat | None, flags: _Flags) -> None:
    authority = order.signer.authority if flags.makes_ca else None
    members = _ca_members(authority, ca_form, pem=flags.pem) if authority else []

    def check(read: bytes) -> None:
        files = unpack(read, path.name)
        in_threads(lambda one: order.judge(one, files), issued, "Checking certificates")
        if authority and ca_form:
            judge_authority(read_back(CA_PATH, files, ca_form), authority, CA_PATH)

    data = pack([*members, *(member for one in issued for member in one.members)])
    write_file(path, data, check, force=flags.force)


def _check_combinations(flags: _Flags) -> None:
    single = flags.name or flags.dns or flags.ip
    refused = {
        "--self-signed goes with no CA": flags.self_signed and (flags.ca.are_given or flags.ca_dn),
        "--ca-dn names a new CA, not an existing one": flags.ca_dn and flags.ca.are_given,
        "--keep-ca-key is for a CA that is made on the way": flags.keep_ca_key and not flags.makes_ca,
        "--ca-pass is for an existing CA, or for a new one with --keep-ca-key": flags.ca_pass is not None
        and not (flags.ca.are_given or flags.keep_ca_key),
        "--name, --dns and --ip describe one instance: leave out --in and --multiple": single
        and (flags.instances_file or flags.multiple),
        "--in and --multiple exclude each other": flags.instances_file and flags.multiple,
    }
    for sentence, applies in refused.items():
        if applies:
            raise click.UsageError(sentence)


def _signer(flags: _Flags) -> Signer:
    key_type, key_size = options.chosen_key(flags.key_type, flags.key_size)
    if flags.self_signed:
        authority = None
    elif flags.ca.are_given:
        authority = load_authority(flags.ca)
    else:
        subject = parse_distinguished_name(flags.ca_dn or DEFAULT_SUBJECT, "--ca-dn")
        authority = create_authority(subject, days=flags.days, key_type=key_type, key_size=key_size)
    return Signer(authority, TRANSPORT, flags.days, key_type, key_size)


def _ca_format(flags: _Flags) -> FileFormat | None:
    """Say how to write a CA that is made on the way; None if its key is not kept."""
    return options.file_format(flags.ca_pass, "the new CA", pem=flags.pem) if flags.keep_ca_key else None


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be made and how: by whom, in which format, and whether the rules are to hold for the CA too."""

    signer: Signer
    form: FileFormat
    strict: bool

    def issue(self, instance: Instance) -> Issued:
        bundle = self.signer.bundle_for(instance)
        return Issued(instance, bundle, tuple(members_of(_path(instance), bundle, self.form)))

    def judge(self, issued: Issued, files: Mapping[str, bytes]) -> None:
        path = _path(issued.instance)
        read = read_back(path, files, self.form)
        judge(read, issued.bundle, self.signer.profile, path, strict=self.strict)


def _path(instance: Instance) -> str:
    return f"{instance.filename}/{instance.filename}"


def _ca_members(authority: Authority, form: FileFormat | None, *, pem: bool) -> list[Member]:
    if form is not None:
        return members_of(CA_PATH, authority_bundle(authority), form)
    return [Member(f"{CA_PATH}.crt", certificates_to_pem([authority.certificate]))] if pem else []


def _report(path: Path, issued: Sequence[Issued], flags: _Flags) -> None:
    if flags.verbose:
        for one in issued:
            click.echo(_line(one))
    if flags.silent:
        return
    count = "the certificate" if len(issued) == 1 else f"{len(issued)} certificates"
    click.echo(f"{count[0].upper()}{count[1:]} written to {path}")
    click.echo("Keep this file safe: it holds private keys.")
    if flags.makes_ca and not flags.keep_ca_key:
        click.echo("The private key of the new CA was not kept (--keep-ca-key): it can sign nothing further.")
    if not any(name for one in issued for name in (one.instance.names.dns, one.instance.names.ips)):
        click.echo("No DNS name or address was given: peers need verification_mode: certificate.")


def _line(issued: Issued) -> str:
    certificate = issued.bundle.certificate
    if certificate is None:
        return issued.instance.name
    names = ", ".join(certificate_names(certificate))
    return (
        f"{issued.instance.name}: {names}; until {certificate.not_valid_after_utc:%Y-%m-%d}; "
        f"sha256 {fingerprint(certificate)}"
    )
