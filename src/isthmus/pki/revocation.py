"""Certificate revocation lists (RFC 5280 section 5): read, matched to who signed them, and asked. Pure.

A list binds for the certificates of its issuer alone; an issuer without a list here revokes nothing here. As with
OpenSSL's VERIFY_CRL_CHECK_LEAF, a list that is past its `nextUpdate` closes: nothing of its issuer is accepted until
there is a newer one, because whoever keeps it from being renewed could otherwise undo every revocation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from isthmus.errors import DataError
from isthmus.pki.names import distinguished_name_text

_BEGIN, _END = b"-----BEGIN X509 CRL-----", b"-----END X509 CRL-----"
MAX_LISTS = 100


@dataclass(frozen=True, slots=True)
class RevocationList:
    """What a list says: the serial numbers that `issuer` revoked, as of when, and until when that counts.

    `scope` is its issuing distribution point (RFC 5280 5.2.5): a list replaces only an older one of the same scope.
    """

    issuer: x509.Certificate
    serials: frozenset[int]
    last_update: datetime
    next_update: datetime | None
    scope: bytes = b""

    @property
    def name(self) -> str:
        """Its issuer, for a person."""
        return distinguished_name_text(self.issuer.subject)

    def is_over(self, moment: datetime) -> bool:
        """Tell whether a newer list should be here."""
        return self.next_update is not None and self.next_update < moment


def load_revocation_lists(data: bytes, where: str) -> tuple[x509.CertificateRevocationList, ...]:
    """Read one DER list, or PEM lists. Raises DataError for anything else, and for delta and indirect lists."""
    blocks = [data] if data[:1] == b"\x30" else list(_pem_blocks(data))
    if not 0 < len(blocks) <= MAX_LISTS:
        raise DataError(
            f"it holds {len(blocks)} revocation lists, not 1 to {MAX_LISTS}", where=where, hint="name a PEM or DER CRL"
        )
    return tuple(_load(block, where) for block in blocks)


def signed_list(
    found: x509.CertificateRevocationList, authorities: Iterable[x509.Certificate], where: str
) -> RevocationList | None:
    """Return the list, with the one of `authorities` that signed it; None if its issuer is not among them.

    Raises DataError if it bears the name of one and the signature of none: it is damaged or forged.
    """
    namesakes = [one for one in authorities if one.subject == found.issuer]
    for authority in namesakes:
        if _signed(found, authority):
            serials = frozenset(one.serial_number for one in found)
            return RevocationList(authority, serials, found.last_update_utc, found.next_update_utc, _scope(found))
    if namesakes:
        raise DataError(
            f"the revocation list of [{distinguished_name_text(found.issuer)}] was not signed by the CA of that name "
            "that is trusted here",
            where=where,
            hint="fetch it anew from the CA",
        )
    return None


def revocation(
    certificates: Sequence[x509.Certificate], lists: Sequence[RevocationList], moment: datetime
) -> str | None:
    """Say which of `certificates` (of one chain) is revoked, or cannot be accepted without a newer list; or None."""
    for certificate in certificates if lists else ():
        for newest in _lists_for(certificate, certificates, lists):
            if certificate.serial_number in newest.serials:
                return f"certificate [{distinguished_name_text(certificate.subject)}] was revoked by [{newest.name}]"
            if newest.is_over(moment) or newest.last_update > moment:
                return f"{staleness(newest, moment)}; nothing that this CA issued is accepted until a newer one is here"
    return None


def staleness(found: RevocationList, moment: datetime) -> str:
    """Say since when a list is over, or from when on it counts."""
    if found.next_update is not None and found.is_over(moment):
        return f"the revocation list of [{found.name}] expired on {found.next_update:%Y-%m-%d %H:%M} UTC"
    return f"the revocation list of [{found.name}] counts only from {found.last_update:%Y-%m-%d %H:%M} UTC"


def _lists_for(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate], lists: Sequence[RevocationList]
) -> Iterable[RevocationList]:
    """The newest list of each scope of the CA that issued it: of that name and the key that the chain shows for it."""
    keys = {_key(one) for one in chain if one.subject == certificate.issuer}
    binding = [one for one in lists if one.issuer.subject == certificate.issuer and _key(one.issuer) in keys]
    return {one.scope: one for one in sorted(binding, key=lambda one: one.last_update)}.values()


def _scope(found: x509.CertificateRevocationList) -> bytes:
    try:
        return found.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value.public_bytes()
    except x509.ExtensionNotFound:
        return b""


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _signed(found: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(authority.public_key())  # type: ignore[arg-type]  # TypeError: no such CA key
    except (TypeError, ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False


def _pem_blocks(data: bytes) -> Iterator[bytes]:
    for part in data.split(_BEGIN)[1:]:
        inner, end, _ = part.partition(_END)
        yield _BEGIN + inner + end


def _load(block: bytes, where: str) -> x509.CertificateRevocationList:
    load = x509.load_der_x509_crl if block[:1] == b"\x30" else x509.load_pem_x509_crl
    try:
        found = load(block)
        _ = found.issuer, found.last_update_utc, found.next_update_utc, [one.serial_number for one in found]
        kinds = {type(one.value): one.value for one in found.extensions}
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as cause:
        raise DataError(
            "the certificate revocation list cannot be read", where=where, hint="fetch it anew from the CA"
        ) from cause
    point = kinds.get(x509.IssuingDistributionPoint)
    indirect = isinstance(point, x509.IssuingDistributionPoint) and (point.indirect_crl or point.only_some_reasons)
    if x509.DeltaCRLIndicator in kinds or indirect:
        raise DataError("it is a delta or an indirect list", where=where, hint="name the complete list of each CA")
    return found
