"""What was seen of a port, in words and for programs."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from isthmus.lifecycle.probing.alien import name_for_people
from isthmus.lifecycle.probing.port import PURPOSES, PortReport
from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text


def lines(report: PortReport) -> list[tuple[str, str]]:
    """Say it line by line: what, and how it is."""
    told = [("speaks", _spoken(report))]
    if report.channel:
        told.append(("is for", PURPOSES[report.channel]))
    if not report.tls:
        return told
    seen = report.best
    told.append(("TLS versions", ", ".join(f"{name} {answer}" for name, answer in report.versions)))
    told.append(("agreed on", f"{seen.protocol} {seen.cipher}".strip() or "nothing"))
    if report.suites.accepted:
        more = "" if report.suites.whole else ", and perhaps more: it stopped answering"
        told.append(("suites of TLS 1.2", f"{', '.join(report.suites.accepted)}{more}"))
    told.append(("client certificate", report.client_authentication))
    told.append(("asks for one of", ", ".join(map(name_for_people, seen.accepted_authorities)) or "no CA named"))
    told.append(("foreign CA", report.alien))
    told.append(("namesake of the CA", report.namesake))
    if seen.handshake is not None:
        who = seen.handshake
        told.append(("node", f"{who.node_name} of cluster {who.cluster_name}, version {who.version}"))
    told += [("serves", _described(one)) for one in report.served]
    return [*told, ("said", seen.remark)] if seen.remark else told


def for_programs(report: PortReport) -> dict[str, Any]:
    """Say it as the value of `ports` in the JSON report."""
    seen = report.best
    who = seen.handshake
    node = None if who is None else {"name": who.node_name, "cluster_name": who.cluster_name, "version": who.version}
    return {
        "address": report.address,
        "protocol": report.protocol,
        "channel": report.channel,
        "tls": report.tls,
        "versions": dict(report.versions),
        "agreed": {"protocol": seen.protocol, "cipher": seen.cipher},
        "cipher_suites": {"accepted": list(report.suites.accepted), "whole": report.suites.whole},
        "client_authentication": report.client_authentication,
        "accepted_authorities": [name_for_people(one) for one in seen.accepted_authorities],
        "alien": report.alien,
        "namesake": report.namesake,
        "node": node,
        "served": [
            {
                "subject": distinguished_name_text(one.subject),
                "serial_number": f"{one.serial_number:x}",
                "sha256": fingerprint(one),
                "not_after": one.not_valid_after_utc.isoformat(),
            }
            for one in report.served
        ],
        "remark": seen.remark,
    }


def _spoken(report: PortReport) -> str:
    if not report.tls:
        return f"{report.protocol}, without TLS" if report.protocol else "nothing known"
    return f"{report.protocol}, with TLS" if report.channel else "TLS; what is inside is not told without a certificate"


def _described(one: x509.Certificate) -> str:
    return (
        f"[{distinguished_name_text(one.subject)}] serial {one.serial_number:x} until "
        f"{one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC, sha256 {fingerprint(one)}"
    )
