"""Who signs the new certificates, by the flags of `isthmus rotate plan`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509

from isthmus.cli.certutil.authorities import CaFlags, load_authority
from isthmus.cli.certutil.input import read_file
from isthmus.lifecycle.rotation.issuing import CaSigner, RequestSigner, Signer
from isthmus.lifecycle.rotation.leaves import write_private
from isthmus.pki.authority import Authority, create_authority, renew_authority
from isthmus.pki.bundles import certificates_to_pem, load_certificates
from isthmus.pki.keys import KeyType, key_to_pem
from isthmus.pki.names import distinguished_name_text, parse_distinguished_name


@dataclass(frozen=True, slots=True)
class SignerFlags:
    """--new-ca, --renew-ca, --external, --signer and those of an existing CA."""

    ca: CaFlags
    new_ca: bool
    ca_dn: str | None
    renew_ca: bool
    external: str | None
    command: str | None
    days: int
    key_type: KeyType


@dataclass(frozen=True, slots=True)
class Chosen:
    """`signer` makes the leaves (None: they stay), `authority` is what shall be trusted; `words` for a person."""

    signer: Signer | None
    authority: x509.Certificate
    words: str


def choose(flags: SignerFlags, work: Path) -> Chosen:
    """Give who signs. A new CA is made in `work/ca`, or taken from there if it was made before.

    Raises click.UsageError for flags that contradict each other or say nothing, and what reading a CA raises.
    """
    ways = [flags.new_ca, flags.renew_ca, flags.external is not None, flags.ca.are_given and not flags.renew_ca]
    if sum(ways) != 1:
        raise click.UsageError("say who signs: one of --new-ca, --ca, --ca-cert with --ca-key, --renew-ca, --external")
    if flags.command is not None and flags.external is None:
        raise click.UsageError("--signer goes with --external")
    if flags.external is not None:
        return _external(flags, flags.external, work)
    if flags.renew_ca:
        return _renewed(flags, work)
    authority = _new(flags, work) if flags.new_ca else load_authority(flags.ca)
    name = distinguished_name_text(authority.certificate.subject)
    return Chosen(CaSigner(authority, flags.days, flags.key_type), authority.certificate, f"the CA [{name}]")


def _external(flags: SignerFlags, path: str, work: Path) -> Chosen:
    authority = load_certificates(read_file(Path(path)), path)[0]
    command = tuple(shlex.split(flags.command or ""))
    name = distinguished_name_text(authority.subject)
    words = f"the external CA [{name}], by {'a command' if command else 'requests'}"
    return Chosen(RequestSigner(work / "requests", command, flags.key_type), authority, words)


def _renewed(flags: SignerFlags, work: Path) -> Chosen:
    if not flags.ca.are_given:
        raise click.UsageError("--renew-ca needs the CA: --ca, or --ca-cert and --ca-key")
    kept = _kept(work)
    authority = kept or renew_authority(load_authority(flags.ca), days=flags.days)
    if kept is None:
        _keep(authority, work)
    name = distinguished_name_text(authority.certificate.subject)
    return Chosen(None, authority.certificate, f"nobody: the CA [{name}] is renewed with its key, all leaves stay")


def _new(flags: SignerFlags, work: Path) -> Authority:
    kept = _kept(work)
    if kept is not None:
        return kept
    name = flags.ca_dn or f"CN=Isthmus CA {datetime.now(UTC):%Y-%m-%d %H:%M}"
    authority = create_authority(parse_distinguished_name(name, "--ca-dn"), days=flags.days, key_type=flags.key_type)
    _keep(authority, work)
    return authority


def _keep(authority: Authority, work: Path) -> None:
    write_private(work / "ca" / "ca.key", key_to_pem(authority.key))
    write_private(work / "ca" / "ca.crt", certificates_to_pem([authority.certificate]))


def _kept(work: Path) -> Authority | None:
    certificate, key = work / "ca" / "ca.crt", work / "ca" / "ca.key"
    if not certificate.exists():
        return None
    return load_authority(CaFlags(None, str(certificate), str(key), None))
