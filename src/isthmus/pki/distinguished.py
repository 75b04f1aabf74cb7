"""Distinguished names as people write them (RFC 4514, and what Java's X500Principal accepts beside it)."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import NameOID

from isthmus.errors import DataError

MAX_LENGTH = 4096

# Names that RFC 4514 leaves out but that users of keytool and OpenSSL write.
_ATTRIBUTES = {
    "EMAILADDRESS": NameOID.EMAIL_ADDRESS,
    "E": NameOID.EMAIL_ADDRESS,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "T": NameOID.TITLE,
    "TITLE": NameOID.TITLE,
    "SURNAME": NameOID.SURNAME,
    "GIVENNAME": NameOID.GIVEN_NAME,
    "INITIALS": NameOID.INITIALS,
    "S": NameOID.STATE_OR_PROVINCE_NAME,
}

_JAVA = {NameOID.STATE_OR_PROVINCE_NAME: "ST"}


def parse_distinguished_name(text: str, where: str) -> x509.Name:
    """Read `CN=node5, OU=IT, DC=mydomain, DC=com`: attribute names in any case, blanks around separators allowed.

    The most specific part comes first in the text and last in the encoded name, as RFC 4514 says.
    Raises DataError that names `where`.
    """
    if len(text) > MAX_LENGTH:
        raise DataError(f"the distinguished name is longer than {MAX_LENGTH} characters", where=where)
    try:
        name = x509.Name.from_rfc4514_string(_canonical(text), dict(_ATTRIBUTES))
    except ValueError as cause:
        detail = f": {cause}" if str(cause) else ""
        raise DataError(
            f"[{text}] is not a distinguished name{detail}",
            hint="write it like CN=node1,OU=it,DC=example,DC=com and put a \\ before a comma that is part of a value",
            where=where,
        ) from cause
    if not name.rdns:
        raise DataError("the distinguished name is empty", hint="write it like CN=node1", where=where)
    return name


def common_name(text: str, where: str) -> x509.Name:
    """Make the name `CN=text`; raises DataError if `text` is no common name (1 to 64 bytes in UTF-8)."""
    try:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    except ValueError as cause:
        raise DataError(
            f"the name [{text[:80]}] takes {len(text.encode())} bytes, a common name 1 to 64",
            hint="shorten the name and give the long one as DNS name",
            where=where,
        ) from cause


def distinguished_name_text(name: x509.Name) -> str:
    """Write `name` in RFC 4514 form, as Elasticsearch's `subject_dn` shows it."""
    return name.rfc4514_string()


NormalName = tuple[frozenset[tuple[str, str]], ...]
"""A name to compare by: its parts as encoded, each a set of attributes (OID, value without case and more blanks)."""


def normal_name(name: x509.Name) -> NormalName:
    """Return what two names have in common that are the same to RFC 4517's caseIgnoreMatch."""
    return tuple(
        frozenset((one.oid.dotted_string, " ".join(str(one.value).split()).casefold()) for one in rdn)
        for rdn in name.rdns
    )


def is_below(name: NormalName, above: NormalName) -> bool:
    """Tell whether `name` has all parts of `above`, and more."""
    return len(name) > len(above) and name[: len(above)] == above


def principal_text(name: x509.Name) -> str:
    """Write `name` as Java's X500Principal does: what the PKI realm's `username_pattern` is meant for.

    Most specific part first, `, ` between parts, values with special characters in quotes.
    """
    return ", ".join(" + ".join(_attribute(one) for one in rdn) for rdn in reversed(name.rdns))


def common_name_of(name: x509.Name) -> str | None:
    """Return the most specific common name, None if there is none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[-1].value) if found and found[-1].value else None


def _attribute(attribute: x509.NameAttribute[str | bytes]) -> str:
    return f"{_keyword(attribute)}={_quoted(str(attribute.value))}"


def _keyword(attribute: x509.NameAttribute[str | bytes]) -> str:
    name = attribute.rfc4514_attribute_name
    known = {oid: name for name, oid in reversed(_ATTRIBUTES.items())} | _JAVA
    return known.get(attribute.oid, f"OID.{name}" if name[:1].isdigit() else name)


def _quoted(value: str) -> str:
    if value == value.strip() and not set(value) & set(',+=\n<>#;\\"'):
        return value
    inner = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _canonical(text: str) -> str:
    return ",".join("+".join(_canonical_part(part) for part in _split(rdn, "+")) for rdn in _split(text, ","))


def _canonical_part(part: str) -> str:
    attribute, equals, value = part.partition("=")
    if not equals:
        raise ValueError(f"[{part.strip()}] has no '='")
    return f"{attribute.strip().upper()}={_trimmed(value)}"


def _trimmed(value: str) -> str:
    value = value.lstrip(" ")
    stripped = value.rstrip(" ")
    # A blank after a backslash is part of the value.
    if len(stripped) < len(value) and (len(stripped) - len(stripped.rstrip("\\"))) % 2:
        stripped += " "
    if len(stripped) >= 2 and stripped[0] == stripped[-1] == '"':
        return _escaped(stripped[1:-1].replace('\\"', '"').replace("\\\\", "\\"))
    return stripped


def _escaped(value: str) -> str:
    return "".join(f"\\{character}" if character in '\\,+"<>;=#' else character for character in value)


def _split(text: str, separator: str) -> Iterator[str]:
    """Split at separators that are neither escaped nor quoted."""
    start, quoted, escaped = 0, False, False
    for at, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            yield text[start:at]
            start = at + 1
    yield text[start:]
