"""Cipher suites by their IANA names, as Elasticsearch has them, or by OpenSSL's."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence

from isthmus.errors import ConfigError

TLS13 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")

# Python's own choice, said here because distributions change it. Level 2: no RSA under 2048 bits, no SHA-1 signatures.
_LEVEL = "@SECLEVEL=2"
_DEFAULT = "ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

# By OpenSSL's names; that of ECDHE-ARIA…, which lacks the RSA, comes after those that begin alike.
_EXCHANGES = {
    "ECDHE-ECDSA": "ECDHE_ECDSA",
    "ECDHE-RSA": "ECDHE_RSA",
    "ECDHE": "ECDHE_RSA",
    "DHE-RSA": "DHE_RSA",
    "DHE-DSS": "DHE_DSS",
    "AECDH": "ECDH_anon",
    "ADH": "DH_anon",
}


def choose_ciphers(context: ssl.SSLContext, suites: Sequence[str], protocols: Sequence[str], setting: str) -> None:
    """Let `context` offer `suites` only, or safe ones if there are none; `protocols` are the versions it speaks.

    Raises ConfigError naming `setting` for a suite that is not known or too weak, for a version without a suite, and
    where only some suites of TLS 1.3 are listed while that is enabled: Python cannot choose among these.
    """
    older = [_checked(name, setting) for name in suites if name not in TLS13]
    if suites:
        _check_versions(set(suites), bool(older), protocols, setting)
    context.set_ciphers(":".join([_LEVEL, *older] if older else [_LEVEL, _DEFAULT]))


def _check_versions(suites: set[str], has_older: bool, protocols: Sequence[str], setting: str) -> None:
    missing = [name for name in TLS13 if name not in suites]
    if "TLSv1.3" in protocols and missing:
        raise ConfigError(
            f"the cipher suites of TLS 1.3 cannot be chosen one by one; missing: {', '.join(missing)}",
            where=setting,
            hint="list all three, or leave TLSv1.3 out of supported_protocols",
        )
    if "TLSv1.2" in protocols and not has_older:
        raise ConfigError(
            "none of the cipher suites is one of TLS 1.2, which is enabled",
            where=setting,
            hint="add one, or leave TLSv1.2 out of supported_protocols",
        )


def openssl_name(suite: str) -> str:
    """Turn an IANA name (`TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`) into OpenSSL's; OpenSSL's own stay as they are."""
    if "_WITH_" not in suite:
        return suite
    exchange, _, cipher = suite.removeprefix("TLS_").partition("_WITH_")
    cipher = re.sub(r"AES_(\d+)", r"AES\1", cipher).replace("_CBC_", "_").replace("POLY1305_SHA256", "POLY1305")
    return "-".join([*([] if exchange == "RSA" else [exchange.replace("_", "-")]), cipher.replace("_", "-")])


def iana_name(suite: str) -> str:
    """Turn OpenSSL's name of a suite of TLS 1.2 into IANA's; IANA's own (all of TLS 1.3) stay as they are."""
    if suite.startswith("TLS_"):
        return suite
    exchange, cipher = _split(suite)
    cipher = re.sub(r"(AES|CAMELLIA|ARIA)(\d+)", r"\1_\2", cipher).replace("-", "_").replace("CCM8", "CCM_8")
    cipher = re.sub(r"_(\d+)_SHA", r"_\1_CBC_SHA", cipher)
    return f"TLS_{exchange}_WITH_{cipher}{'_SHA256' if cipher.endswith('POLY1305') else ''}"


def _split(suite: str) -> tuple[str, str]:
    """Part key exchange from cipher; where OpenSSL names no exchange it is RSA."""
    for prefix, exchange in _EXCHANGES.items():
        if suite.startswith(f"{prefix}-"):
            return exchange, suite.removeprefix(f"{prefix}-")
    return "RSA", suite


def _checked(suite: str, setting: str) -> str:
    name = openssl_name(suite)
    probe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    known = re.fullmatch(r"[A-Z0-9-]+", name) is not None
    try:
        probe.set_ciphers(f"{_LEVEL}:{name}")
    except ssl.SSLError:
        known = False
    if not known or all(cipher["name"] != name for cipher in probe.get_ciphers()):
        raise ConfigError(
            f"the cipher suite [{suite}] is not known, or too weak",
            where=setting,
            hint="remove it; without cipher_suites the TLS library offers its own safe ones",
        )
    return name
