"""Who signs the new certificates, by the flags of `isthmus rotate plan`."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509

from isthmus.cli.certutil.authorities import CaFlags, load_authority, read_authority
from isthmus.cli.certutil.input import read_file
from isthmus.errors import DataError
from isthmus.lifecycle.rotation.issuing import CaSigner, RequestSigner, Signer
from isthmus.lifecycle.rotation.leaves import write_private
from isthmus.pki.authority import Authority, check_authority, create_authority, renew_authority
from isthmus.pki.bundles import certificates_to_pem, load_certificates
from isthmus.pki.keys import KeyType, key_to_pem
from isthmus.pki.names import distinguished_name_text, parse_distinguished_name
from isthmus.pki.verify import is_self_signed


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
    key_size: int | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """`signer` makes the leaves (None: they stay), `authority` is what shall be trusted; `words` for a person."""

    signer: Signer | None
    authority: x509.Certificate
    words: str


def choose(flags: SignerFlags, work: Path) -> Chosen:
    """Give who signs. A CA that is made or renewed is kept in `work/ca`.

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
    root = (authority.certificate, *authority.chain)[-1]
    words = f"the CA [{_name(authority.certificate)}]"
    return Chosen(CaSigner(authority, flags.days, flags.key_type, flags.key_size), root, words)


def _external(flags: SignerFlags, path: str, work: Path) -> Chosen:
    command = _command(flags.command)
    found = load_certificates(read_file(Path(path)), path)
    roots = [one for one in found if is_self_signed(one)] or list(found)
    if len(roots) != 1:
        raise DataError("the file holds several CAs", where=path, hint="name a file with one root, and those below it")
    above = tuple(one for one in found if one != roots[0])
    words = f"the external CA [{_name(roots[0])}], by {'a command' if command else 'requests'}"
    return Chosen(RequestSigner(work / "requests", command, flags.key_type, flags.key_size, above), roots[0], words)


def _command(written: str | None) -> tuple[str, ...]:
    if written is None:
        return ()
    try:
        words = tuple(shlex.split(written))
    except ValueError as cause:
        raise click.UsageError(f"--signer is no command: {cause}") from cause
    missing = [one for one in ("{request}", "{certificate}") if not any(one in word for word in words)]
    if missing:
        raise click.UsageError(f"--signer lacks {' and '.join(missing)}")
    return words


def _renewed(flags: SignerFlags, work: Path) -> Chosen:
    if not flags.ca.are_given:
        raise click.UsageError("--renew-ca needs the CA: --ca, or --ca-cert and --ca-key")
    old, where = read_authority(flags.ca)
    # An expired one may be renewed as well as any.
    check_authority(old, where, now=old.certificate.not_valid_after_utc)
    if not old.is_root:
        raise DataError("a CA below another is renewed by that one", where=where, hint="rotate to it with --ca-cert")
    authority = renew_authority(old, days=flags.days)
    _keep(authority, work)
    words = f"nobody: the CA [{_name(authority.certificate)}] is renewed with its key, all leaves stay"
    return Chosen(None, authority.certificate, words)


def _new(flags: SignerFlags, work: Path) -> Authority:
    name = flags.ca_dn or f"CN=Isthmus CA {datetime.now(UTC):%Y-%m-%d %H:%M}"
    subject = parse_distinguished_name(name, "--ca-dn")
    authority = create_authority(subject, days=flags.days, key_type=flags.key_type, key_size=flags.key_size)
    _keep(authority, work)
    return authority


def _keep(authority: Authority, work: Path) -> None:
    write_private(work / "ca" / "ca.key", key_to_pem(authority.key))
    write_private(work / "ca" / "ca.crt", certificates_to_pem([authority.certificate]))


def _name(certificate: x509.Certificate) -> str:
    return distinguished_name_text(certificate.subject)
