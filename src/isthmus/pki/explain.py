"""Why a peer's certificate was refused, for a person: who it was, why, and what to do. Pure.

Taken are OpenSSL's verification code (x509_vfy.h, `SSLCertVerificationError.verify_code`), its message, what the peer
presented and what this side trusts. A code says what OpenSSL met first; the certificates say which of several causes
that was (another CA, a CA of the same name with another key, a missing intermediate).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from isthmus.pki.alerts import answer_to_message
from isthmus.pki.form import violations
from isthmus.pki.names import certificate_names, distinguished_name_text
from isthmus.pki.verify import build_chain, is_self_signed, was_issued_by

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """Who was refused (address, subject, issuer, fingerprints), why, and how to mend it."""

    who: str
    why: str
    mend: str

    def __str__(self) -> str:
        return f"{self.who}: {self.why} ({self.mend})"


@dataclass(frozen=True, slots=True)
class _Case:
    message: str
    presented: Sequence[x509.Certificate]
    trusted: Sequence[x509.Certificate]

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """What was presented, in order."""
        return build_chain(self.presented[0], self.presented[1:]) if self.presented else ()

    @property
    def path(self) -> tuple[x509.Certificate, ...]:
        """The chain, carried on with the trusted certificates above it."""
        return build_chain(self.presented[0], [*self.presented[1:], *self.trusted]) if self.presented else ()


_Answer = tuple[str, str]


def explain_refusal(
    code: int | None,
    message: str,
    presented: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    peer: str,
) -> Refusal:
    """Explain a failed handshake.

    `code` is OpenSSL's verify code if our side refused the peer's certificate, None for every other failure (then
    `message`, OpenSSL's reason, tells); `presented` is what the peer sent, leaf first, possibly nothing; `peer` is its
    address or name.
    """
    case = _Case(message, presented, trusted)
    answer = _BY_CODE.get(code, _by_message)
    why, mend = answer(case) if callable(answer) else answer
    return Refusal(describe_peer(presented, peer), why, mend)


def describe_peer(presented: Sequence[x509.Certificate], peer: str) -> str:
    """Say who a peer is: its address and, of its certificate, subject, issuer and SHA-256 fingerprint."""
    if not presented:
        return f"peer [{peer}] without a certificate"
    leaf = presented[0]
    return (
        f"peer [{peer}] with certificate [{distinguished_name_text(leaf.subject)}] (sha256 {fingerprint(leaf)}) "
        f"issued by [{distinguished_name_text(leaf.issuer)}]"
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """Give the SHA-256 fingerprint of a certificate in lower-case hex, without colons."""
    return certificate.fingerprint(SHA256()).hex()


# No trust


def _untrusted(case: _Case) -> _Answer:
    if not case.chain:
        return "its certificate is not trusted", _trust_hint(case)
    top = case.chain[-1]
    if any(was_issued_by(top, one) for one in case.trusted):
        return _by_message(case)
    if len(case.presented) == 1 and is_self_signed(top):
        return (
            "its certificate is self-signed and not trusted here",
            "issue it a certificate of this cluster's CA with 'certutil cert'",
        )
    namesake = _namesake(case)
    if namesake is not None:
        return (
            f"its issuer has the name of a trusted CA but another key: the CA trusted here has sha256 "
            f"{fingerprint(namesake)}, and it did not sign this certificate",
            "issue the certificate anew with that CA, or trust the CA that did sign it",
        )
    return f"no CA trusted here issued it: {_missing(case)}", _trust_hint(case)


def _namesake(case: _Case) -> x509.Certificate | None:
    issuers = {one.issuer for one in case.chain}
    return next((one for one in case.trusted if one.subject in issuers), None)


def _missing(case: _Case) -> str:
    top = case.chain[-1]
    shown = distinguished_name_text(top.issuer)
    if is_self_signed(top):
        return f"it leads to the CA [{shown}] (sha256 {fingerprint(top)}), trusted are {_names(case.trusted)}"
    return f"its issuer [{shown}] was neither sent along nor is it trusted; trusted are {_names(case.trusted)}"


def _trust_hint(case: _Case) -> str:
    if case.chain and not is_self_signed(case.chain[-1]):
        return (
            "if it belongs to this cluster, put the intermediate certificate into its certificate file, or add its CA "
            "to certificate_authorities or the truststore here"
        )
    return (
        "if it belongs to this cluster, issue it a certificate of a trusted CA, or add its CA to "
        "certificate_authorities or the truststore here"
    )


def _names(certificates: Sequence[x509.Certificate]) -> str:
    if not certificates:
        return "none"
    shown = [f"[{distinguished_name_text(one.subject)}] (sha256 {fingerprint(one)})" for one in certificates[:_SHOWN]]
    more = len(certificates) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


# Dates


def _expired(case: _Case) -> _Answer:
    one = min(case.path, key=lambda certificate: certificate.not_valid_after_utc, default=None)
    when = f" on {one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC" if one else ""
    return f"its {_which(case, one)} expired{when}", "renew it, or set the clock of this machine right"


def _not_yet_valid(case: _Case) -> _Answer:
    one = max(case.path, key=lambda certificate: certificate.not_valid_before_utc, default=None)
    when = f" before {one.not_valid_before_utc:%Y-%m-%d %H:%M} UTC" if one else ""
    return f"its {_which(case, one)} is not valid{when}", "set the clocks of both machines right, or wait"


def _which(case: _Case, certificate: x509.Certificate | None) -> str:
    if certificate is None or certificate is case.presented[0]:
        return "certificate"
    return f"CA certificate [{distinguished_name_text(certificate.subject)}]"


# Names


def _host_mismatch(case: _Case) -> _Answer:
    names = ", ".join(f"[{name}]" for name in certificate_names(case.presented[0])) if case.presented else "none"
    asked = re.search(r"'([^']+)'", case.message)
    wanted = f" [{asked[1]}]" if asked else ""
    return (
        f"its certificate does not hold the name or address{wanted} it was reached by; it holds {names or 'none'}",
        "issue it anew with --dns or --ip for that name, or set verification_mode: certificate",
    )


# Rules


_PURPOSE = (
    "its certificate is not for this use: the extended key usage lacks clientAuth (for a peer that dials in) or "
    "serverAuth (for one that is dialled)",
    "issue it with both, as 'certutil cert' does; public CAs no longer give clientAuth",
)
_NOT_A_CA = (
    "a certificate in its chain was used as a CA but is none",
    "issue the certificate with a real CA: a node's certificate must not sign others",
)
_TOO_LONG = "its certificate chain is longer than allowed", "issue the certificate with fewer intermediates"
_IDENTIFIERS = (
    "its authority key identifier is not the subject key identifier of its issuer: the CA was renewed or replaced",
    "issue the certificate anew with the present CA",
)


def _weak(case: _Case) -> _Answer:
    return f"its certificate is too weak: {_broken(case)}", "issue it anew with 'certutil cert' (EC P-256, SHA-256)"


def _strict(case: _Case) -> _Answer:
    return f"its certificate breaks a rule of X.509: {_broken(case)}", "issue it anew with 'certutil cert'"


def _broken(case: _Case) -> str:
    found = [f"[{distinguished_name_text(one.subject)}] {broken}" for one in case.path for broken in violations(one)]
    return "; ".join(found[:_SHOWN]) or case.message


def _refused_here(case: _Case) -> _Answer:
    return f"it is refused although its CA is trusted: {case.message}", "give it a new certificate if it is no thief"


def _bad_signature(case: _Case) -> _Answer:
    why, mend = _untrusted(case)
    return ("a signature in its chain does not verify", mend) if why == case.message else (why, mend)


_BY_CODE: dict[int | None, _Answer | Callable[[_Case], _Answer]] = {
    2: _untrusted,
    7: _bad_signature,
    9: _not_yet_valid,
    10: _expired,
    18: _untrusted,
    19: _untrusted,
    20: _untrusted,
    21: _untrusted,
    22: _TOO_LONG,
    23: _refused_here,
    24: _NOT_A_CA,
    25: _TOO_LONG,
    26: _PURPOSE,
    27: _untrusted,
    28: _untrusted,
    29: _untrusted,
    30: _IDENTIFIERS,
    31: _IDENTIFIERS,
    32: _NOT_A_CA,
    37: _NOT_A_CA,
    62: _host_mismatch,
    64: _host_mismatch,
    66: _weak,
    67: _weak,
    68: _weak,
    79: _NOT_A_CA,
    **dict.fromkeys(range(80, 95), _strict),
}


def _by_message(case: _Case) -> _Answer:
    return answer_to_message(case.message)
