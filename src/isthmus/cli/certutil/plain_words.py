"""Certificates, keys and requests in plain words: each a list of (label, value), for a table or for JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from isthmus.cli.certutil.contents import Contents, Entry
from isthmus.cli.certutil.readable import readable
from isthmus.errors import DataError
from isthmus.pki.describe import describe_certificate, describe_key
from isthmus.pki.keys import PUBLIC_KEYS, public_der
from isthmus.pki.names import distinguished_name_text, names_of_extension
from isthmus.pki.requests import read_request

Value = str | bool | list[str]
Facts = dict[str, Value]

_SOON = timedelta(days=30)


def describe(contents: Contents, where: str, now: datetime | None = None) -> list[Facts]:
    """Describe every entry; what is not there is left out. Dates are ISO 8601 in UTC, digests lower-case hex.

    Raises DataError that names `where` for an entry of which a part cannot be read.
    """
    moment = now or datetime.now(UTC)
    return [_described(entry, f"{where}: entry {at}", moment) for at, entry in enumerate(contents.entries, 1)]


def _described(entry: Entry, where: str, now: datetime) -> Facts:
    with readable(where):
        return dict(_facts(entry, now))


def table(facts: Facts) -> str:
    """Lay facts out in two columns; whatever could steer a terminal is shown as an escape."""
    width = max(len(label) for label in facts) + 2
    rows = [(label, line) for label, value in facts.items() for line in _lines(value)]
    shown = ["" if at and rows[at - 1][0] == label else label for at, (label, _) in enumerate(rows)]
    return "\n".join(f"  {label:<{width}}{_printable(line)}" for label, (_, line) in zip(shown, rows, strict=True))


def _facts(entry: Entry, now: datetime) -> Iterator[tuple[str, Value]]:
    yield "kind", entry.role
    if entry.alias is not None:
        yield "alias", entry.alias
    if entry.certificate is not None:
        yield from _certificate(entry.certificate, now)
    elif entry.request is not None:
        yield from _request(entry.request)
    else:
        yield from _key(entry)


def _certificate(certificate: x509.Certificate, now: datetime) -> Iterator[tuple[str, Value]]:
    told = describe_certificate(certificate)
    yield "subject", told.subject_dn
    yield "issuer", told.issuer
    yield "CA", told.is_ca
    yield from _listed({"DNS names": told.dns, "IP addresses": told.ip, "common names": told.cn})
    yield "valid from", told.not_before.isoformat()
    yield "valid until", told.expiry.isoformat()
    yield "validity", _validity(told.not_before, told.expiry, now)
    yield "key", told.key
    yield from _listed({"key usage": told.key_usage, "purposes": told.purposes})
    yield "signature", told.signature
    yield "serial number", told.serial_number
    if told.subject_key_identifier:
        yield "subject key id", told.subject_key_identifier
    if told.authority_key_identifier:
        yield "authority key id", told.authority_key_identifier
    yield "sha256", told.sha256
    yield from _public_key(certificate.public_key())
    yield from _listed({"problems": told.violations})


def _request(request: x509.CertificateSigningRequest) -> Iterator[tuple[str, Value]]:
    yield "subject", distinguished_name_text(request.subject)
    yield from _requested_names(request)
    try:
        key = request.public_key()
        yield "key", describe_key(key)
        yield "signature", request.signature_algorithm_oid._name
        yield from _public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        yield "key", "cannot be read"
    try:
        read_request(request.public_bytes(Encoding.DER), "")
    except DataError as refused:
        yield "problems", [refused.reason]


def _requested_names(request: x509.CertificateSigningRequest) -> Iterator[tuple[str, Value]]:
    try:
        extension = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return
    dns, ips, common = names_of_extension(extension)
    yield from _listed({"DNS names": dns, "IP addresses": map(str, ips), "common names": common})


def _key(entry: Entry) -> Iterator[tuple[str, Value]]:
    if entry.encrypted is not None:
        yield "encrypted", entry.encrypted
    if entry.key is None:
        yield "key", "not opened: no password was given"
        return
    yield "key", describe_key(entry.key)
    yield from _public_key(entry.key.public_key())


def _public_key(key: object) -> Iterator[tuple[str, Value]]:
    # The same for a key, its request and its certificate: so a reader sees what belongs together.
    if isinstance(key, PUBLIC_KEYS):
        yield "public key sha256", hashlib.sha256(public_der(key)).hexdigest()


def _validity(start: datetime, end: datetime, now: datetime) -> str:
    if now > end:
        return f"expired {_days(now - end)} ago"
    if now < start:
        return f"begins in {_days(start - now)}"
    left = f"{_days(end - now)} left"
    return f"{left}: expires soon" if end - now < _SOON else left


def _days(span: timedelta) -> str:
    if span < timedelta(days=1):
        return "less than a day"
    return "1 day" if span.days == 1 else f"{span.days} days"


def _listed(named: dict[str, Iterable[str]]) -> Iterator[tuple[str, Value]]:
    for label, values in named.items():
        found = list(values)
        if found:
            yield label, found


def _lines(value: Value) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return value if isinstance(value, list) else [value]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
