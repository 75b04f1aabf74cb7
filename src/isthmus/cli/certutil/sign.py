"""`isthmus certutil sign`: signs the requests of nodes, whose private keys stay where they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from cryptography import x509

from isthmus.cli.certutil import options, prompts
from isthmus.cli.certutil.archive import Member, pack, unpack
from isthmus.cli.certutil.authorities import CaFlags, load_authority
from isthmus.cli.certutil.ca import CA_PATH
from isthmus.cli.certutil.cautions import warn_of_flaws
from isthmus.cli.certutil.issuing import Signer
from isthmus.cli.certutil.output import check_target, write_file
from isthmus.cli.certutil.progress import in_threads
from isthmus.cli.certutil.requests_in import Incoming, Mail, read_requests
from isthmus.errors import IntegrityError
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import certificates_to_pem, load_certificates
from isthmus.pki.explain import fingerprint
from isthmus.pki.keys import DEFAULT_KEY_TYPE
from isthmus.pki.names import certificate_names
from isthmus.pki.profiles import HTTP, TRANSPORT
from isthmus.pki.verify import check_chain

DEFAULT_ZIP = "certificate-bundle.zip"
_PROFILES = {profile.name: profile for profile in (TRANSPORT, HTTP)}


@dataclass(frozen=True, slots=True)
class _Flags:
    source: str
    ca_store: str | None
    ca_cert: str | None
    ca_key: str | None
    ca_pass: str | None = field(repr=False)
    profile: str
    out: str | None
    force: bool
    days: int
    silent: bool
    verbose: bool


@dataclass(frozen=True, slots=True)
class _Signed:
    incoming: Incoming
    certificate: x509.Certificate

    @property
    def path(self) -> str:
        return f"{self.incoming.name}/{self.incoming.name}.crt"


@click.command()
@click.argument("source", metavar="REQUESTS")
@options.ca_options
@click.option(
    "--profile",
    type=click.Choice(list(_PROFILES)),
    default=TRANSPORT.name,
    show_default=True,
    help="What the certificates are for: between nodes, or the HTTP interface.",
)
@click.option("--out", metavar="FILE", help="Where to write; asked for when left out.")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@options.days_option
@options.verbosity_options
def command(**flags: object) -> None:
    """Sign certificate signing requests with a CA.

    REQUESTS is a folder or a zip with .csr files, or one such file. Writes a zip with a folder for each request, which
    holds the certificate with its chain, and the CA's certificate. Names and key are taken from the request; what the
    certificate may be used for is decided here. One request that breaks a rule, and none is signed.

    \b
    isthmus certutil sign requests.zip --ca elastic-stack-ca.p12 --out certs.zip
    """
    _sign(_Flags(**flags))  # type: ignore[arg-type]


def _sign(flags: _Flags) -> None:
    options.check_verbosity(silent=flags.silent, verbose=flags.verbose)
    ca = CaFlags(flags.ca_store, flags.ca_cert, flags.ca_key, flags.ca_pass)
    if not ca.are_given:
        raise click.UsageError("a CA is needed to sign with: give --ca, or --ca-cert and --ca-key")
    authority = load_authority(ca)
    signer = Signer(authority, _PROFILES[flags.profile], flags.days, DEFAULT_KEY_TYPE, None)
    mail = read_requests(Path(flags.source), authority)
    path = prompts.output_path(flags.out, DEFAULT_ZIP)
    check_target(path, force=flags.force)
    flawed = warn_of_flaws(signer)
    signed = in_threads(lambda one: _signed(one, signer, authority), mail.requests, "Signing requests")
    _write(path, signed, signer, authority, force=flags.force, strict=not flawed)
    _report(path, signed, mail, flags)


def _signed(incoming: Incoming, signer: Signer, authority: Authority) -> _Signed:
    request = incoming.request
    return _Signed(incoming, authority.issue(request.names, request.public_key, signer.profile, days=signer.days))


def _write(
    path: Path, signed: Sequence[_Signed], signer: Signer, authority: Authority, *, force: bool, strict: bool
) -> None:
    members = [Member(f"{CA_PATH}.crt", certificates_to_pem([authority.certificate]))]
    members += [Member(one.path, certificates_to_pem([one.certificate, *authority.intermediates])) for one in signed]

    def check(read: bytes) -> None:
        files = unpack(read, path.name)
        in_threads(lambda one: _judge(one, files, signer, authority, strict), signed, "Checking certificates")

    write_file(path, pack(members), check, force=force)


def _judge(one: _Signed, files: Mapping[str, bytes], signer: Signer, authority: Authority, strict: bool) -> None:
    chain = load_certificates(files[one.path], one.path)
    if chain[0] != one.certificate:
        raise IntegrityError("the file does not hold the certificate that was made", where=one.path)
    trusted = [authority.certificate]
    check_chain(chain, trusted, one.path, purposes=signer.profile.purposes, judge_issuers=strict)


def _report(path: Path, signed: Sequence[_Signed], mail: Mail, flags: _Flags) -> None:
    if mail.private_keys:
        others = len(mail.private_keys) - 1
        more = f" and {others} more" if others else ""
        click.echo(f"warning: private keys lie beside the requests: {mail.private_keys[0]}{more}", err=True)
        click.echo("warning: they should not have left their nodes; send only .csr files", err=True)
    if flags.verbose:
        for one in signed:
            names = ", ".join(certificate_names(one.certificate))
            end = one.certificate.not_valid_after_utc
            click.echo(f"{one.path}: {names}; until {end:%Y-%m-%d}; sha256 {fingerprint(one.certificate)}")
    if not flags.silent:
        count = "1 certificate" if len(signed) == 1 else f"{len(signed)} certificates"
        click.echo(f"{count} written to {path}")
