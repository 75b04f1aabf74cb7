"""PKI realms: who comes with a client certificate on the HTTP port. `*` is the realm's name.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-settings.html#ref-pki-settings
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from isthmus.settings.mistakes import Mistake
from isthmus.settings.resolved import Settings
from isthmus.settings.setting import AnySetting, Setting, secure
from isthmus.settings.ssl_settings import HTTP_SSL
from isthmus.settings.values import ValueType, boolean, integer, list_of, optional, restricted, text

MAX_ORDER: Final = (1 << 31) - 1
MAX_PATTERN: Final = 1_000
_PREFIX: Final = "xpack.security.authc.realms.pki.*"


def _parse_pattern(value: object) -> str:
    pattern = text.parse(value)
    try:
        compiled = re.compile(pattern)
    except re.error as cause:
        raise ValueError(f"it is no regular expression: {cause.msg}") from cause
    if compiled.groups < 1 or len(pattern) > MAX_PATTERN:
        raise ValueError(f"it needs a group that is the name, and has at most {MAX_PATTERN} characters")
    return pattern


def _check_no_delegation(enabled: bool) -> None:
    if enabled:
        raise ValueError("certificates are not taken from others than who connects; it can only be [false]")


_pattern: ValueType[str] = ValueType("regular expression", _parse_pattern)

PKI_ORDER: Final = Setting(
    f"{_PREFIX}.order",
    integer(-MAX_ORDER, MAX_ORDER),
    0,
    "The place of the realm among PKI realms. It must be set, once a number.",
    default_text="none",
)
PKI_ENABLED: Final = Setting(
    f"{_PREFIX}.enabled",
    boolean,
    True,  # noqa: FBT003 - the default
    "Whether the realm is asked.",
)
PKI_USERNAME_PATTERN: Final[Setting[str | None]] = Setting(
    f"{_PREFIX}.username_pattern",
    optional(_pattern),
    None,
    "What of the certificate's subject is the user's name: the first group of this regular expression.",
    default_text="the common name",
)
PKI_AUTHORITIES: Final[Setting[tuple[str, ...]]] = Setting(
    f"{_PREFIX}.certificate_authorities",
    list_of(text),
    (),
    "PEM files of the authorities whose certificates are taken, of those that the HTTP port trusts.",
    default_text="all that the HTTP port trusts",
)
PKI_TRUSTSTORE_PATH: Final = Setting(
    f"{_PREFIX}.truststore.path", optional(text), None, "A store of these authorities.", default_text="none"
)
PKI_TRUSTSTORE_PASSWORD: Final = secure(
    f"{_PREFIX}.truststore.secure_password", "The password of the realm's truststore.path."
)
PKI_DELEGATION: Final = Setting(
    f"{_PREFIX}.delegation.enabled",
    restricted(boolean, "false", _check_no_delegation),
    False,  # noqa: FBT003 - the default
    "Certificates that others pass on are not taken: [true] is refused.",
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    PKI_ORDER,
    PKI_ENABLED,
    PKI_USERNAME_PATTERN,
    PKI_AUTHORITIES,
    PKI_TRUSTSTORE_PATH,
    PKI_TRUSTSTORE_PASSWORD,
    PKI_DELEGATION,
)


def pki_realms(settings: Settings) -> list[str]:
    """Return the names of the enabled PKI realms, in their order."""
    orders, enabled = settings.affix(PKI_ORDER), settings.affix(PKI_ENABLED)
    names = {name for setting in SETTINGS for name in settings.affix(setting)}
    return sorted((name for name in names if enabled.get(name, True)), key=lambda name: (orders.get(name, 0), name))


def prefix_of(name: str) -> str:
    """Return what the names of a realm's settings begin with."""
    return _PREFIX.replace("*", name)


def broken_rules(settings: Settings) -> Iterator[Mistake]:
    """Yield what is wrong with PKI realms whose settings are right one by one."""
    names, orders, where = pki_realms(settings), settings.affix(PKI_ORDER), settings.where(PKI_ORDER)
    stores = settings.affix(PKI_TRUSTSTORE_PATH)
    for name in names:
        if name not in orders:
            yield Mistake(f"the realm [pki.{name}] has no order", prefix_of(name), "set its order")
        if name in stores and name in settings.affix(PKI_AUTHORITIES):
            reason = f"the realm [pki.{name}] has both certificate_authorities and truststore.path"
            yield Mistake(reason, settings.where(PKI_TRUSTSTORE_PATH), "keep one of the two")
    for order in {orders[name] for name in names if name in orders}:
        same = [name for name in names if orders.get(name) == order]
        if len(same) > 1:
            yield Mistake(f"the realms [{', '.join(same)}] have the same order [{order}]", where, "give each its own")
    if names and not _asks_for_certificates(settings):
        reason = f"the realm [pki.{names[0]}] can know nobody: the HTTP port asks for no certificate"
        yield Mistake(reason, where, f"set {HTTP_SSL.enabled.name} and {HTTP_SSL.client_authentication.name}: optional")


def _asks_for_certificates(settings: Settings) -> bool:
    return settings.get(HTTP_SSL.enabled) and settings.get(HTTP_SSL.client_authentication) != "none"
