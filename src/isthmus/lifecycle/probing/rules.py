"""The rules of `isthmus.pki.rules`, applied to what was seen of a port. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from cryptography import x509

from isthmus.lifecycle.probing.line import split_address
from isthmus.lifecycle.probing.port import PortReport
from isthmus.pki.rules import ChannelFacts, Circumstances, Finding, NodeFacts, judge
from isthmus.pki.verify import trusted_path

# What a port shows; the other rules look at files, or at what only settings can say.
_SEEN = frozenset(
    {
        "transport-tls-off",
        "http-tls-off",
        "transport-extended-key-usage",
        "server-extended-key-usage",
        "key-usage-without-signature",
        "mutual-tls-off",
        "address-not-covered",
        "wildcard-name",
        "chain-order",
        "chain-untrusted",
        "key-identifiers-differ",
        "issuer-may-not-sign",
        "path-too-long",
        "certificate-form",
        "weak-certificate",
        "unusual-key",
        "expired",
        "not-yet-valid",
        "expires-soon",
        "outlives-authority",
        "long-validity",
        "old-tls-version",
        "weak-cipher-suite",
    }
)
# A port cannot tell by which of its addresses others dial it, and whether they compare names at all.
_ONLY_DOUBTFUL = "address-not-covered"


def judge_port(
    report: PortReport, trusted: Collection[x509.Certificate] | None, circumstances: Circumstances
) -> Iterator[Finding]:
    """Judge what the port served, and how; `trusted` None: nobody said whom to trust."""
    for one in judge(port_facts(report, trusted), circumstances):
        if one.rule in _SEEN:
            severity = "warning" if one.rule == _ONLY_DOUBTFUL else one.severity
            yield replace(one, where=report.address, severity=severity)


def port_facts(report: PortReport, trusted: Collection[x509.Certificate] | None) -> NodeFacts:
    """Write what was seen as the facts of a node that has one channel and is called by the address dialled."""
    host, _ = split_address(report.address)
    # Of a port that does not say what it is HTTP is assumed, which demands the least.
    channel = report.channel or "http"
    versions = tuple(name for name, answer in report.versions if answer == "accepted")
    wanted = report.client_authentication
    facts = ChannelFacts(
        prefix=f"xpack.security.{channel}.ssl",
        enabled=report.tls,
        verification_mode="full",
        client_authentication="required" if wanted == "unknown" else wanted,
        supported_protocols=versions,
        cipher_suites=report.suites.accepted,
        public_key=None,
        presented=report.served,
        trusted=_above(report.served, trusted),
        files=(),
    )
    return NodeFacts(name=report.address, where=report.address, channels=(facts,), addresses={channel: (host,)})


def _above(
    served: tuple[x509.Certificate, ...], trusted: Collection[x509.Certificate] | None
) -> tuple[x509.Certificate, ...]:
    """Leave out trusted CAs that the port does not stand on: their faults are not its own."""
    if not served or not trusted:
        return ()
    way = trusted_path(served[0], served[1:], tuple(trusted))
    return tuple(one for one in way if one in trusted) or tuple(trusted)
