"""Who signs the new leaves: a CA whose key is at hand, a command, or an external CA that is given requests.

Whoever signs, a leaf is judged before it is installed anywhere: its key, its names, its chain, its purposes, its rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from cryptography import x509

from isthmus.errors import DataError, UnavailableError
from isthmus.lifecycle.rotation.installing import run_command
from isthmus.lifecycle.rotation.leaves import read_whole, write_private
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import Bundle, load_pem
from isthmus.pki.form import extension
from isthmus.pki.keys import DEFAULT_KEY_TYPE, KeyType, PrivateKey, generate_key, key_to_pem, load_private_key
from isthmus.pki.names import SubjectNames, certificate_names, names_of_extension
from isthmus.pki.profiles import Profile
from isthmus.pki.requests import make_request
from isthmus.pki.verify import build_chain, check_chain, is_self_signed


class Waiting(UnavailableError):
    """Requests are written and wait for an external CA to sign them (EX_TEMPFAIL). It is no failure."""

    exit_code = 75


class Signer(Protocol):
    """Signs the leaf `leaf` (an id), for the names and the channel of `before`."""

    async def sign(self, leaf: str, before: x509.Certificate, profile: Profile) -> Bundle:
        """Return key, certificate and chain. Raises Waiting, DataError, UnavailableError."""


@dataclass(frozen=True)
class CaSigner:
    """Signs with a CA whose key is here."""

    authority: Authority
    days: int
    key_type: KeyType = DEFAULT_KEY_TYPE
    key_size: int | None = None

    async def sign(self, leaf: str, before: x509.Certificate, profile: Profile) -> Bundle:
        """Make a new key and sign it."""
        key = generate_key(self.key_type, self.key_size)
        certificate = self.authority.issue(names_of(before), key.public_key(), profile, days=self.days)
        return Bundle(key, certificate, self.authority.intermediates, name=leaf.split("/")[1])


@dataclass(frozen=True)
class RequestSigner:
    """Leaves the signing to others: keys and requests are in `folder`, where the signed certificates are awaited.

    `above` are CAs between the leaves and the external root, for a certificate that comes without them. `command`, if
    given, is run for each request with {request} and {certificate}, which it must write.
    """

    folder: Path
    command: tuple[str, ...] = ()
    key_type: KeyType = DEFAULT_KEY_TYPE
    key_size: int | None = None
    above: tuple[x509.Certificate, ...] = ()

    async def sign(self, leaf: str, before: x509.Certificate, profile: Profile) -> Bundle:
        """Join what was signed with its key; raises Waiting, with the request as its place, if it is not there yet."""
        request, key_file, signed = (self.folder / f"{leaf}{ending}" for ending in (".csr", ".key", ".crt"))
        key = self._key(key_file)
        if not signed.exists():
            write_private(request, make_request(key, names_of(before)))
            await self._have_signed(leaf, request, signed)
        found = load_pem(read_whole(signed), key_to_pem(key), None, str(signed), key_where=str(key_file))
        return replace(found, chain=self._completed(found), name=leaf.split("/")[1])

    async def _have_signed(self, leaf: str, request: Path, signed: Path) -> None:
        if not self.command:
            raise Waiting("the request waits to be signed", where=str(request))
        await run_command(self.command, f"signing {leaf}", request=str(request), certificate=str(signed))
        _must_be_written(signed)

    def _completed(self, found: Bundle) -> tuple[x509.Certificate, ...]:
        if found.certificate is None:
            return ()
        chain = build_chain(found.certificate, [*found.chain, *self.above])[1:]
        return tuple(one for one in chain if not is_self_signed(one))

    def _key(self, path: Path) -> PrivateKey:
        if path.exists():
            return load_private_key(read_whole(path), None, str(path))
        key = generate_key(self.key_type, self.key_size)
        write_private(path, key_to_pem(key))
        return key


def _must_be_written(signed: Path) -> None:
    if not signed.exists():
        raise DataError(
            "the signer ended well but wrote no certificate",
            where=str(signed),
            hint="it must write the signed certificate to the path that it is given as {certificate}",
        )


def check_leaf(
    bundle: Bundle, before: x509.Certificate, authorities: Sequence[x509.Certificate], profile: Profile, where: str
) -> None:
    """Raise DataError unless the new leaf may take the place of `before`, for the purposes of `profile`."""
    if bundle.certificate is None:
        raise DataError("there is no certificate", where=where)
    lost = set(certificate_names(before)) - set(certificate_names(bundle.certificate))
    if lost:
        raise DataError(
            f"the new certificate lacks {', '.join(sorted(lost))} of the old one's names",
            hint="have the request signed with all its names",
            where=where,
        )
    check_chain([bundle.certificate, *bundle.chain], authorities, where, purposes=profile.purposes, judge_issuers=False)


def names_of(certificate: x509.Certificate) -> SubjectNames:
    """Give the names of a certificate, for another that shall take its place."""
    found = extension(certificate, x509.SubjectAlternativeName)
    dns, ips, common = names_of_extension(found[0]) if found else ((), (), ())
    return SubjectNames(certificate.subject, dns, ips, common)
