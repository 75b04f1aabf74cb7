"""What OpenSSL says in words about a failed handshake: mostly alerts, by which the other side refused us."""

from __future__ import annotations

import re

_ANSWERS: tuple[tuple[str, str, str], ...] = (
    (
        r"unknown.?ca",
        "it refused our certificate: our CA is not trusted there",
        "add our CA to certificate_authorities or the truststore of the peer, or take a certificate of its CA",
    ),
    (
        r"peer did not return a certificate",
        "it presented no certificate, and one is required",
        "give it a certificate and key of a CA trusted here",
    ),
    (
        r"certificate.?required",
        "it asks for our certificate, and we have none that we could present",
        "configure certificate and key, or a keystore, on this side",
    ),
    (
        r"bad.?certificate|unsupported.?certificate|certificate.?unknown",
        "it refused our certificate",
        "its log says why: is our CA trusted there? Then compare names, dates and purposes of our certificate",
    ),
    (r"certificate.?expired", "it refused our certificate as expired", "renew our certificate or set its clock right"),
    (
        r"too.?small|too.?weak|too.?short",
        "a key or digest in a certificate is too weak",
        "issue it anew with 'certutil cert' (EC P-256, SHA-256)",
    ),
    (
        r"unsupported.?protocol|protocol.?version|version.?too.?low",
        "it speaks no TLS version that is enabled on both sides",
        "enable TLSv1.2 or TLSv1.3 in supported_protocols on both sides",
    ),
    (r"http.?request", "it spoke plain HTTP on a TLS port", "use https, or the port for it"),
    (
        r"wrong.?version.?number|record.?layer.?failure|unknown.?protocol|packet length too long",
        "it did not speak TLS",
        "switch TLS on there too, and check that the port is the right one",
    ),
    (
        r"no.?shared.?cipher|handshake.?failure",
        "both sides share no cipher suite or key type",
        "compare cipher_suites and the key types of both sides",
    ),
    (
        r"excessive.?message.?size",
        "it sent more certificates than a handshake may hold",
        "put only its own certificate and its CA's chain into its certificate file",
    ),
    (r"certificate.?verify.?failed", "its certificate is not trusted", "compare its issuer with the CAs trusted here"),
    (
        r"eof|reset|closed",
        "it closed the connection during the handshake",
        "its log says why; often it does not trust our certificate or speaks no TLS",
    ),
)


def answer_to_message(message: str) -> tuple[str, str]:
    """Give why a handshake failed and how to mend it, from OpenSSL's reason (`tlsv1 alert unknown ca`)."""
    words = message.lower().replace("_", " ")
    for pattern, why, mend in _ANSWERS:
        if re.search(pattern, words):
            return why, mend
    return message or "the handshake failed", "see the log of the peer"
