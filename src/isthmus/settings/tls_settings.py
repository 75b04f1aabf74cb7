"""Which certificates are turned away although a trusted CA issued them."""

from __future__ import annotations

import re
from typing import Final

from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import ValueType, list_of, restricted, text

MAX_DENIED = 1000
MAX_SERIAL_BITS = 160  # RFC 5280 section 4.1.2.2: at most 20 octets
_RULE = (
    "an entry is sha256:<64 hex digits>, serial:<hex digits> (as openssl and `isthmus certutil show` print it) or "
    "serial-decimal:<digits>; colons between the bytes are allowed"
)
_SHA256 = re.compile(r"[0-9a-f]{64}|[0-9a-f]{2}(:[0-9a-f]{2}){31}")
_HEX = re.compile(r"(0x)?[0-9a-f]{1,42}|[0-9a-f]{2}(:[0-9a-f]{2}){0,20}")
_DECIMAL = re.compile(r"[0-9]{1,50}", re.ASCII)


def _parse_denied(value: object) -> str:
    """Return the one way of writing it: `sha256:<64 lower-case hex digits>` or `serial:<hex without leading zeros>`."""
    kind, _, mark = text.parse(value).strip().lower().partition(":")
    if kind == "sha256" and _SHA256.fullmatch(mark):
        return f"sha256:{mark.replace(':', '')}"
    if kind == "serial" and _HEX.fullmatch(mark):
        return _serial(int(mark.replace(":", ""), 16))
    if kind == "serial-decimal" and _DECIMAL.fullmatch(mark):
        return _serial(int(mark))
    raise ValueError(_RULE)


def _serial(number: int) -> str:
    if not 0 < number < 1 << MAX_SERIAL_BITS:
        raise ValueError("a serial number is greater than 0 and has at most 20 bytes")
    return f"serial:{number:x}"


def _not_too_many(denied: tuple[str, ...]) -> None:
    if len(denied) > MAX_DENIED:
        raise ValueError(f"at most {MAX_DENIED} certificates can be denied; revoke more of them by a CRL")


_denied: ValueType[str] = ValueType("sha256:…|serial:…|serial-decimal:…", _parse_denied)

DENIED_CERTIFICATES: Final = Setting(
    "isthmus.tls.denied_certificates",
    restricted(list_of(_denied), f"list of {_denied.name}", _not_too_many),
    (),
    "Certificates that are refused, and whose open connections are ended, on the transport and as HTTP clients; "
    "a CA's denies all that it issued.",
    scope="dynamic",
)

SETTINGS: Final[tuple[AnySetting, ...]] = (DENIED_CERTIFICATES,)
