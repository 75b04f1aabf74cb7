"""What is wrong with a port, from what was seen of it. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from isthmus.lifecycle.line import split_address
from isthmus.lifecycle.probe import PortReport
from isthmus.pki.explain import fingerprint
from isthmus.pki.form import extension
from isthmus.pki.names import certificate_names, distinguished_name_text
from isthmus.pki.rules.rule import Finding, Severity
from isthmus.pki.verify import build_chain, trusted_path

_SOON = timedelta(days=30)
_OLD = ("TLSv1", "TLSv1.1")
_PAGE = "doctor --live"


@dataclass(frozen=True)
class Expected:
    """What a port is measured by: the moment, whom we trust (None: unknown), and the certificate it should serve."""

    now: datetime
    trusted: tuple[x509.Certificate, ...] | None = None
    certificate: x509.Certificate | None = None


def findings(report: PortReport, expected: Expected) -> tuple[Finding, ...]:
    """Judge one port; empty if nothing is wrong."""
    if not report.tls:
        return tuple(_without_tls(report))
    return (
        *_aliens(report),
        *_clients(report),
        *_versions(report),
        *_dates(report, expected.now),
        *_host(report),
        *_order(report),
        *_trust(report, expected.trusted),
        *_certificate(report, expected.certificate),
    )


def covers(certificate: x509.Certificate, host: str) -> bool:
    """Tell whether the subject alternative names hold `host`, a name or an address (RFC 9525 section 6)."""
    found = extension(certificate, x509.SubjectAlternativeName)
    if found is None:
        return False
    try:
        return ipaddress.ip_address(host) in found[0].get_values_for_type(x509.IPAddress)
    except ValueError:
        names = {name.lower() for name in found[0].get_values_for_type(x509.DNSName)}
        wanted = host.lower().rstrip(".")
        _, dot, rest = wanted.partition(".")
        return wanted in names or ("." in rest and f"*{dot}{rest}" in names)


def _without_tls(report: PortReport) -> Iterator[Finding]:
    if report.protocol:
        yield _finding(
            report,
            "live-plain",
            "error",
            f"it speaks {report.protocol} without TLS",
            "switch TLS on for this channel, or ask another port",
        )
    elif report.nobody.outcome == "no_tls":
        yield _finding(report, "live-no-tls", "error", report.nobody.why, "check that this is the right port")
    else:
        yield _finding(
            report, "live-unreachable", "error", report.nobody.why, "check address, firewall, and whether the node runs"
        )


def _aliens(report: PortReport) -> Iterator[Finding]:
    answers = (("a foreign CA", report.alien), ("a foreign CA that bears the name of a trusted one", report.namesake))
    for whose, answer in answers:
        if answer == "accepted":
            yield _finding(
                report,
                "live-accepts-alien",
                "error",
                f"it accepts a certificate of {whose}: anybody can pass for a node or a user",
                "set client_authentication: required and a verification_mode other than none",
            )
        elif answer == "no answer":
            yield _finding(
                report,
                "live-alien-undecided",
                "note",
                f"whether it refuses a certificate of {whose} could not be seen: it ended without saying why",
                "look for a refused handshake in its log",
            )


def _clients(report: PortReport) -> Iterator[Finding]:
    if report.protocol == "transport" and report.client_authentication in ("none", "optional"):
        yield _finding(
            report,
            "live-client-certificate-not-required",
            "error",
            f"the transport port lets in who has no certificate: its client authentication is "
            f"{report.client_authentication}",
            "set xpack.security.transport.ssl.client_authentication: required",
        )
    if report.known is not None and report.known.outcome == "refused_us":
        yield _finding(report, "live-refuses-us", "error", report.known.why, "dial with a certificate of its CA")


def _versions(report: PortReport) -> Iterator[Finding]:
    old = [name for name, answer in report.versions if name in _OLD and answer == "accepted"]
    if old:
        yield _finding(
            report, "live-old-tls", "warning", f"it accepts {' and '.join(old)}", "leave TLSv1.2 and TLSv1.3 only"
        )


def _dates(report: PortReport, now: datetime) -> Iterator[Finding]:
    for one in report.served:
        shown, end = distinguished_name_text(one.subject), one.not_valid_after_utc
        if end < now:
            yield _finding(
                report, "live-expired", "error", f"[{shown}] expired on {end:%Y-%m-%d %H:%M} UTC", "renew it"
            )
        elif end < now + _SOON:
            yield _finding(
                report, "live-expires-soon", "warning", f"[{shown}] expires on {end:%Y-%m-%d %H:%M} UTC", "renew it"
            )
        if one.not_valid_before_utc > now:
            yield _finding(
                report,
                "live-not-yet-valid",
                "error",
                f"[{shown}] is valid only from {one.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
                "check the clocks",
            )


def _host(report: PortReport) -> Iterator[Finding]:
    host, _ = split_address(report.address)
    if not covers(report.served[0], host):
        held = ", ".join(certificate_names(report.served[0])) or "none"
        yield _finding(
            report,
            "live-host-not-covered",
            "warning",
            f"the certificate it serves does not hold [{host}] among its alternative names; its names: {held}",
            "issue it anew with --dns or --ip for that name",
        )


def _order(report: PortReport) -> Iterator[Finding]:
    served = report.served
    if build_chain(served[0], served[1:]) != served:
        yield _finding(
            report,
            "live-chain-order",
            "warning",
            f"the {len(served)} certificates it serves are no chain in order, each signed by the next",
            "put its own certificate first into the file, then its issuer, and so on",
        )


def _trust(report: PortReport, trusted: Sequence[x509.Certificate] | None) -> Iterator[Finding]:
    if trusted is None:
        return
    if not trusted_path(report.served[0], report.served[1:], trusted):
        why = report.known.why if report.known is not None and report.known.outcome == "refused_it" else ""
        yield _finding(
            report,
            "live-not-trusted",
            "error",
            why or "what it serves leads to no CA that is trusted",
            "serve the intermediate certificates too, or trust the CA that issued it",
        )


def _certificate(report: PortReport, certificate: x509.Certificate | None) -> Iterator[Finding]:
    served = report.served[0]
    if certificate is not None and served != certificate:
        yield _finding(
            report,
            "live-other-certificate",
            "error",
            f"it serves the serial {served.serial_number:x} (sha256 {fingerprint(served)}), "
            f"not {certificate.serial_number:x} (sha256 {fingerprint(certificate)})",
            "reload its certificates, and look again",
        )


def _finding(report: PortReport, rule: str, severity: Severity, sentence: str, mend: str) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        page=_PAGE,
        node="",
        channel=report.protocol,
        where=report.address,
        sentence=sentence,
        mend=mend,
    )
