"""What is wrong with a port that no rule over files could tell: who is let in, who is there, what is served. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography import x509

from isthmus.lifecycle.probing.port import CHANNELS, PURPOSES, PortReport, default_channel
from isthmus.lifecycle.probing.rules import judge_port
from isthmus.pki.explain import fingerprint
from isthmus.pki.rules import Circumstances, Finding, Severity
from isthmus.pki.verify import trusted_path

_PAGE = "isthmus doctor --live"
_NAMES = {channel: protocol for protocol, channel in CHANNELS.items()} | {"remote_cluster_server": "remote cluster"}


@dataclass(frozen=True)
class Expected:
    """What a port is measured by.

    `trusted` says whom we trust (None: unknown). `channel` is what the port should be by the settings of `node`, both
    empty if no folder tells. `tls`: it should speak TLS; `lets_us_in`: the identity that it is dialled with should be
    accepted. `certificates` should be served, by channel; that of the empty name whatever channel it is. `ports` are
    where the node's settings put its channels.
    """

    trusted: tuple[x509.Certificate, ...] | None = None
    channel: str = ""
    node: str = ""
    tls: bool = False
    lets_us_in: bool = True
    certificates: Mapping[str, x509.Certificate] = field(default_factory=dict)
    ports: Mapping[str, str] = field(default_factory=dict)


def findings(report: PortReport, expected: Expected, circumstances: Circumstances) -> tuple[Finding, ...]:
    """Judge one port, by the rules and by what is expected of it; empty if nothing is wrong."""
    if not report.tls:
        return (*_without_tls(report, expected, circumstances), *_other_port(report, expected))
    return (
        *_other_port(report, expected),
        *_certificate(report, expected),
        *_aliens(report),
        *_refused(report, expected),
        *_trust(report, expected),
        *judge_port(report, expected.trusted, circumstances),
    )


def _without_tls(report: PortReport, expected: Expected, circumstances: Circumstances) -> Iterator[Finding]:
    if report.channel and not expected.tls:
        yield from judge_port(report, None, circumstances)
    elif report.protocol:
        yield _finding(
            report,
            "live-plain",
            "error",
            f"it speaks {report.protocol} without TLS",
            "switch TLS on for this channel and restart the node, or ask another port",
        )
    elif report.nobody.outcome == "no_tls":
        yield _finding(report, "live-no-tls", "error", report.nobody.why, "check that this is the right port")
    else:
        yield _finding(report, "live-unreachable", "error", report.nobody.why, _reaching(report))


def _reaching(report: PortReport) -> str:
    if default_channel(report.address) == "remote_cluster_server" and not report.nobody.connected:
        return "remote_cluster_server.enabled: true opens this port; check also address and firewall"
    return "check address, firewall, and whether the node runs"


def _other_port(report: PortReport, expected: Expected) -> Iterator[Finding]:
    """9200, 9300 and 9443 are taken for each other."""
    meant = expected.channel or default_channel(report.address)
    if not report.channel or not meant or report.channel == meant:
        return
    by = f"by the settings of [{expected.node}]" if expected.channel else "where settings name no other"
    yield _finding(
        report,
        "live-other-port",
        "error" if expected.channel else "warning",
        f"it is the {_NAMES[report.channel]} port, for {PURPOSES[report.channel]}; {by} it would be "
        f"the {_NAMES[meant]} port, for {PURPOSES[meant]}",
        f"the {_NAMES[meant]} port was probably meant: {_where_it_is(meant, expected)}",
    )


def _where_it_is(meant: str, expected: Expected) -> str:
    if expected.channel:
        return "the node runs with other settings than its folder has; restart it, or see GET _nodes/transport,http"
    if meant in expected.ports:
        return f"by the settings of [{expected.node}] it listens on {expected.ports[meant]}"
    return "look for its number in the node's settings or GET _nodes/transport,http"


def _certificate(report: PortReport, expected: Expected) -> Iterator[Finding]:
    """Seen after reloads that were reported and did not happen."""
    held = expected.certificates.get("") or expected.certificates.get(report.channel or expected.channel)
    served = report.served[0]
    if held is not None and served != held:
        yield _finding(
            report,
            "live-other-certificate",
            "error",
            f"it serves another certificate than its files hold: serial {served.serial_number:x} "
            f"(sha256 {fingerprint(served)}), the file has {held.serial_number:x} (sha256 {fingerprint(held)})",
            "reload its certificates or restart it, and look again",
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


def _refused(report: PortReport, expected: Expected) -> Iterator[Finding]:
    if expected.lets_us_in and report.known is not None and report.known.outcome == "refused_us":
        yield _finding(report, "live-refuses-us", "error", report.known.why, "dial with a certificate of its CA")


def _trust(report: PortReport, expected: Expected) -> Iterator[Finding]:
    """On the transport a rule says so."""
    if expected.trusted is None or report.channel == "transport":
        return
    if not trusted_path(report.served[0], report.served[1:], expected.trusted):
        yield _finding(
            report,
            "live-not-trusted",
            "error",
            "what it serves leads to no CA that is trusted",
            "serve the intermediate certificates too, or trust the CA that issued it",
        )


def _finding(report: PortReport, rule: str, severity: Severity, sentence: str, mend: str) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        page=_PAGE,
        node=report.address,
        channel=report.channel,
        where=report.address,
        sentence=sentence,
        mend=mend,
    )
