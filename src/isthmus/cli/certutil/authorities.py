"""The CA that the flags name: read, checked, and with what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import click

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.input import read_file
from isthmus.cli.certutil.options import ASK
from isthmus.errors import DataError, UsageError
from isthmus.pki.authority import Authority, check_authority
from isthmus.pki.bundles import load_certificates, read_store
from isthmus.pki.form import is_authority, violations
from isthmus.pki.keys import belongs_together, is_encrypted, load_private_key
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.stores import KeyEntry, Store
from isthmus.pki.verify import build_chain

Opened = TypeVar("Opened")


@dataclass(frozen=True, slots=True)
class CaFlags:
    """--ca, --ca-cert, --ca-key and --ca-pass as they were given."""

    store: str | None
    certificate: str | None
    key: str | None
    password: str | None = field(repr=False)

    @property
    def are_given(self) -> bool:
        """Whether an existing CA is named."""
        return bool(self.store or self.certificate or self.key)


def load_authority(flags: CaFlags) -> Authority:
    """Read the CA that `flags` name and check that it may sign now.

    Raises click.UsageError for flags that do not go together, NoInputError, PermissionDeniedError, and DataError for
    a wrong password, a key of another certificate, a certificate that is no CA, an expired CA.
    """
    authority, where = read_authority(flags)
    check_authority(authority, where)
    return authority


def read_authority(flags: CaFlags) -> tuple[Authority, str]:
    """Read the CA that `flags` name, whatever may be said against it, and where it stands. Raises as `load_authority`
    does, except for what only signing needs."""
    if flags.store and (flags.certificate or flags.key):
        raise click.UsageError("--ca and --ca-cert/--ca-key name two CAs: give one of them")
    if flags.store:
        authority = _from_store(Path(flags.store), flags.password)
        where = flags.store
    elif flags.certificate and flags.key:
        authority = _from_pem(Path(flags.certificate), Path(flags.key), flags.password)
        where = flags.certificate
    else:
        raise click.UsageError("--ca-cert and --ca-key belong together: give both")
    return authority, where


def flaws_of(authority: Authority) -> list[str]:
    """List the rules that an existing CA, or one above it, breaks; strict peers refuse certificates under it."""
    return [
        f"CA [{distinguished_name_text(one.subject)}]: {flaw}"
        for one in (authority.certificate, *authority.chain)
        for flaw in violations(one)
    ]


def _from_store(path: Path, given: str | None) -> Authority:
    where, data = str(path), read_file(path)
    what = f"CA ({path})"

    def opened(password: str) -> Store:
        return read_store(data, password, where)

    entry = _signing_key(_with_password(opened, given, what), where)
    return Authority(entry.chain[0], entry.key, entry.chain[1:])


def _signing_key(store: Store, where: str) -> KeyEntry:
    entries = [entry for entry in store.keys if entry.chain]
    if not entries:
        raise DataError("holds no private key with its certificate", hint="name the file of a CA", where=where)
    authorities = [entry for entry in entries if is_authority(entry.chain[0])] if len(entries) > 1 else entries
    if len(authorities) != 1:
        raise DataError("holds several private keys", hint="name a file with the CA alone", where=where)
    return authorities[0]


def _from_pem(certificate_path: Path, key_path: Path, given: str | None) -> Authority:
    certificates = load_certificates(read_file(certificate_path), str(certificate_path))
    data = read_file(key_path)
    if is_encrypted(data):
        key = _with_password(
            lambda password: load_private_key(data, password.encode(), str(key_path)),
            given,
            f"CA private key ({key_path})",
        )
    else:
        key = load_private_key(data, None, str(key_path))
    own = next((one for one in certificates if belongs_together(key, one)), certificates[0])
    return Authority(own, key, build_chain(own, certificates)[1:])


def _with_password(open_with: Callable[[str], Opened], given: str | None, what: str) -> Opened:
    if given is not None and given != ASK:
        return open_with(given)
    if prompts.is_interactive():
        return open_with(prompts.existing_password(what, "--ca-pass"))
    try:
        return open_with("")
    except DataError as cause:
        raise UsageError(f"--ca-pass is needed to open the {what}", hint="give the password of the CA") from cause
