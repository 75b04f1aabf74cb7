"""The names a certificate carries: DNS names, IP addresses and common names as alternative names (RFC 5280 4.2.1.6)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography import x509
from cryptography.x509.oid import NameOID

from isthmus.errors import DataError
from isthmus.pki.distinguished import common_name, distinguished_name_text, parse_distinguished_name

__all__ = [
    "COMMON_NAME_OID",
    "Address",
    "SubjectNames",
    "alternative_names",
    "certificate_names",
    "common_name",
    "distinguished_name_text",
    "names_of_extension",
    "parse_common_name",
    "parse_distinguished_name",
    "parse_dns_name",
    "parse_ip_address",
]

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

COMMON_NAME_OID = NameOID.COMMON_NAME
MAX_DNS_LENGTH = 253
MAX_COMMON_NAME_BYTES = 1024

# Underscores are no host names by the letter, but Docker and Kubernetes users have them.
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_UTF8_STRING_TAG = 0x0C


@dataclass(frozen=True, slots=True)
class SubjectNames:
    """What a certificate says of its holder: the subject and the alternative names."""

    subject: x509.Name
    dns: tuple[str, ...] = ()
    ips: tuple[Address, ...] = ()
    common_names: tuple[str, ...] = field(default=())


def parse_dns_name(text: object, where: str) -> str:
    """Check a DNS name (`node1`, `node1.example.com`, `*.example.com`); raises DataError that names `where`."""
    name = _text(text, "DNS name", where)
    if not name.isascii():
        raise DataError(f"the DNS name [{name}] is not ASCII", hint="write it in its xn-- form", where=where)
    labels = name.split(".")
    rest = labels[1:] if labels[0] == "*" else labels
    if len(name) > MAX_DNS_LENGTH or not rest or not all(_LABEL.fullmatch(label) for label in rest):
        raise DataError(
            f"[{name[:300]}] is not a DNS name",
            hint="letters, digits and hyphens between dots; a wildcard stands alone at the front (*.example.com)",
            where=where,
        )
    if rest[-1].isdigit():
        raise DataError(f"[{name}] is an address, not a DNS name", hint="give it as an IP address", where=where)
    return name


def parse_ip_address(text: object, where: str) -> Address:
    """Check an IPv4 or IPv6 address without zone or prefix length; raises DataError that names `where`."""
    shown = _text(text, "IP address", where)
    try:
        address = ipaddress.ip_address(shown)
    except ValueError as cause:
        raise DataError(
            f"[{shown[:300]}] is not an IP address", hint="write it like 192.0.2.1 or 2001:db8::1", where=where
        ) from cause
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise DataError(f"the address [{shown}] has a zone", hint="leave the % and what follows out", where=where)
    return address


def parse_common_name(text: object, where: str) -> str:
    """Check a common name that goes in as otherName; raises DataError that names `where`."""
    name = _text(text, "common name", where)
    if len(name.encode()) > MAX_COMMON_NAME_BYTES or not name.isprintable():
        raise DataError(
            f"the common name [{name[:80]!r}] is too long or not printable",
            hint=f"at most {MAX_COMMON_NAME_BYTES} bytes of printable text",
            where=where,
        )
    return name


def alternative_names(names: SubjectNames) -> x509.SubjectAlternativeName | None:
    """Build the subject alternative name extension, or None if there is nothing to put in."""
    general: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys(names.dns)]
    general += [x509.IPAddress(address) for address in dict.fromkeys(names.ips)]
    general += [_other_name(name) for name in dict.fromkeys(names.common_names)]
    return x509.SubjectAlternativeName(general) if general else None


def certificate_names(certificate: x509.Certificate) -> list[str]:
    """List every name of a certificate, without doubles: common names, DNS names, addresses, otherName common names."""
    subject = [str(part.value) for part in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return list(dict.fromkeys(subject))
    dns, ips, common = names_of_extension(extension)
    return list(dict.fromkeys([*subject, *dns, *map(str, ips), *common]))


def names_of_extension(
    extension: x509.SubjectAlternativeName,
) -> tuple[tuple[str, ...], tuple[Address, ...], tuple[str, ...]]:
    """Take the DNS names, the addresses and the otherName common names out of the extension, unchecked."""
    ips = [ip for ip in extension.get_values_for_type(x509.IPAddress) if isinstance(ip, Address)]
    common = [_utf8_value(other.value) for other in extension if _is_common_name(other)]
    return tuple(extension.get_values_for_type(x509.DNSName)), tuple(ips), tuple(filter(None, common))


def _is_common_name(general: x509.GeneralName) -> bool:
    return isinstance(general, x509.OtherName) and general.type_id == COMMON_NAME_OID


def _other_name(name: str) -> x509.OtherName:
    # Elasticsearch's certutil does the same: the common name as UTF8String in an otherName of type 2.5.4.3.
    from asn1crypto.core import UTF8String

    return x509.OtherName(COMMON_NAME_OID, UTF8String(name).dump())


def _utf8_value(der: bytes) -> str:
    from asn1crypto.core import UTF8String

    if der[:1] != bytes([_UTF8_STRING_TAG]):
        return ""
    try:
        return str(UTF8String.load(der, strict=True).native)
    except ValueError:
        return ""


def _text(value: object, kind: str, where: str) -> str:
    if not isinstance(value, str):
        raise DataError(f"the {kind} [{value!r}] is not text", hint="put it in quotes", where=where)
    if not value.strip():
        raise DataError(f"an empty {kind}", hint="leave it out or fill it in", where=where)
    return value.strip()
