"""Cipher suites by their IANA names, as Elasticsearch has them, or by OpenSSL's."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence

from isthmus.errors import ConfigError

TLS13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")


def choose_ciphers(context: ssl.SSLContext, suites: Sequence[str], *, tls13: bool, setting: str) -> None:
    """Let `context` offer `suites` only; nothing changes if there are none.

    Raises ConfigError naming `setting` for a suite that is not known or too weak, and where only some suites of
    TLS 1.3 are listed while that is enabled: Python cannot choose among these.
    """
    if not suites:
        return
    if tls13 and not set(TLS13) <= set(suites):
        missing = ", ".join(name for name in TLS13 if name not in suites)
        raise ConfigError(
            f"the cipher suites of TLS 1.3 cannot be chosen one by one; missing: {missing}",
            where=setting,
            hint="list all three, or leave TLSv1.3 out of supported_protocols",
        )
    older = [openssl_name(name) for name in suites if name not in TLS13]
    for name, original in zip(older, (name for name in suites if name not in TLS13), strict=True):
        _check(name, original, setting)
    if older:
        context.set_ciphers(":".join(older))


def openssl_name(suite: str) -> str:
    """Turn an IANA name (`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`) into OpenSSL's; OpenSSL's own stay as they are."""
    if "_WITH_" not in suite:
        return suite
    exchange, _, cipher = suite.removeprefix("TLS_").partition("_WITH_")
    cipher = re.sub(r"AES_(\d+)", r"AES\1", cipher).replace("_CBC_", "_").replace("POLY1305_SHA256", "POLY1305")
    return "-".join([*([] if exchange == "RSA" else [exchange.replace("_", "-")]), cipher.replace("_", "-")])


def _check(name: str, original: str, setting: str) -> None:
    probe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    known = re.fullmatch(r"[A-Z0-9-]+", name) is not None
    try:
        probe.set_ciphers(name)
    except ssl.SSLError:
        known = False
    if not known or all(cipher["name"] != name for cipher in probe.get_ciphers()):
        raise ConfigError(
            f"the cipher suite [{original}] is not known, or too weak",
            where=setting,
            hint="remove it; without cipher_suites the TLS library offers its own safe ones",
        )
