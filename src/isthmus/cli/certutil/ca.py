"""`isthmus certutil ca`: makes a CA, written as PKCS#12 or, with --pem, as a zip of ca/ca.crt and ca/ca.key."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from isthmus.cli.certutil import options, prompts
from isthmus.cli.certutil.archive import pack, unpack
from isthmus.cli.certutil.files import FileFormat, members_of, read_back
from isthmus.cli.certutil.output import check_target, write_file
from isthmus.errors import IntegrityError
from isthmus.pki.authority import DEFAULT_SUBJECT, Authority, check_authority, create_authority
from isthmus.pki.bundles import Bundle
from isthmus.pki.explain import fingerprint
from isthmus.pki.keys import KeyType
from isthmus.pki.names import distinguished_name_text, parse_distinguished_name
from isthmus.pki.profiles import authority_profile
from isthmus.pki.verify import check_chain

DEFAULT_STORE = "elastic-stack-ca.p12"
DEFAULT_ZIP = "elastic-stack-ca.zip"
CA_PATH = "ca/ca"
ALIAS = "ca"


@dataclass(frozen=True, slots=True)
class _Flags:
    pem: bool
    out: str | None
    password: str | None = field(repr=False)
    force: bool
    ca_dn: str | None
    days: int
    key_type: KeyType | None
    key_size: int | None
    keyusage: str
    silent: bool
    verbose: bool


@click.command()
@click.option("--pem", is_flag=True, help="Write certificate and key in PEM format, in a zip file.")
@options.output_options
@options.ca_name_option
@options.days_option
@options.key_options
@click.option(
    "--keyusage",
    metavar="USAGES",
    default="keyCertSign,cRLSign",
    show_default=True,
    help="Key usages of the CA, separated by commas.",
)
@options.verbosity_options
def command(**flags: object) -> None:
    """Make a certificate authority.

    \b
    isthmus certutil ca                                  asks for file and password
    isthmus certutil ca --pem --out ca.zip --pass SECRET
    """
    _make(_Flags(**flags))  # type: ignore[arg-type]


def _make(flags: _Flags) -> None:
    options.check_verbosity(silent=flags.silent, verbose=flags.verbose)
    key_type, key_size = options.chosen_key(flags.key_type, flags.key_size)
    subject = parse_distinguished_name(flags.ca_dn or DEFAULT_SUBJECT, "--ca-dn")
    profile = authority_profile(flags.keyusage.split(","), "--keyusage")
    path = prompts.output_path(flags.out, DEFAULT_ZIP if flags.pem else DEFAULT_STORE)
    check_target(path, force=flags.force)
    form = options.file_format(flags.password, path.name, pem=flags.pem)
    authority = create_authority(subject, days=flags.days, key_type=key_type, key_size=key_size, profile=profile)
    write_file(path, _packed(authority, form), lambda data: _judge(data, authority, form), force=flags.force)
    if not flags.silent:
        click.echo(f"CA [{distinguished_name_text(subject)}] written to {path}")
        click.echo("Keep this file safe: it holds the private key of the CA.")
    if flags.verbose:
        certificate = authority.certificate
        click.echo(f"valid until {certificate.not_valid_after_utc:%Y-%m-%d}, sha256 {fingerprint(certificate)}")


def authority_bundle(authority: Authority) -> Bundle:
    """Give the CA as it is written: its key and certificate, under the name that users of the field expect."""
    return Bundle(authority.key, authority.certificate, authority.chain, name=ALIAS)


def judge_authority(read: Bundle, made: Authority, where: str) -> None:
    """Raise DataError unless what was read is the CA that was made, and it may sign."""
    if read.key is None or read.certificate is None or read.certificate != made.certificate:
        raise IntegrityError("the file does not hold the CA that was made", where=where)
    check_authority(Authority(read.certificate, read.key), where)
    check_chain([read.certificate], [read.certificate], where)


def _packed(authority: Authority, form: FileFormat) -> bytes:
    members = members_of(CA_PATH, authority_bundle(authority), form)
    return pack(members) if form.pem else members[0].data


def _judge(data: bytes, authority: Authority, form: FileFormat) -> None:
    files = unpack(data, "zip") if form.pem else {f"{CA_PATH}.p12": data}
    judge_authority(read_back(CA_PATH, files, form), authority, CA_PATH)
