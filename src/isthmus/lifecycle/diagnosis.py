"""What a look at nodes and files has shown: findings in order, who trusts whom, and when what expires. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509

from isthmus.lifecycle.mistrust import mistrust
from isthmus.lifecycle.probing.port import PortReport
from isthmus.pki.form import is_authority
from isthmus.pki.rules.facts import NodeFacts
from isthmus.pki.rules.rule import Finding, Severity
from isthmus.pki.trust_matrix import TrustMatrix, trust_matrix

TOGETHER = "all nodes together"
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class Subject:
    """What was looked at: a node by its folder, a file that was named alone, or a `port` that was dialled.

    `is_opensearch` is for a folder.
    """

    name: str
    where: str
    facts: NodeFacts
    is_file: bool = False
    is_opensearch: bool = False
    port: PortReport | None = None

    @property
    def is_node(self) -> bool:
        """Whether it is one to compare with others."""
        return not self.is_file and self.port is None


@dataclass(frozen=True)
class Expiry:
    """A certificate, whose it is (nodes, and ports that serve it) and in which files it was met."""

    certificate: x509.Certificate
    is_ca: bool
    nodes: tuple[str, ...]
    files: tuple[str, ...]

    def days_left(self, now: datetime) -> int:
        """Whole days until it expires, negative once it has."""
        left = self.certificate.not_valid_after_utc - now
        return left.days if left > timedelta() else min(-1, -(-left).days)


@dataclass(frozen=True)
class Section:
    """What was found of one subject, or of all nodes together (then `where` is empty)."""

    name: str
    where: str
    findings: tuple[Finding, ...]
    port: PortReport | None = None


@dataclass(frozen=True)
class Diagnosis:
    """The result of one look at the moment `now`. `matrix` is None where there are not two nodes to compare."""

    now: datetime
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]
    matrix: TrustMatrix | None
    expiries: tuple[Expiry, ...]

    def sections(self) -> list[Section]:
        """Group the findings: those of all nodes together if there are any, then one section for each subject."""
        together = tuple(one for one in self.findings if not one.node)
        sections = [Section(TOGETHER, "", together)] if together else []
        for name, where, port in dict.fromkeys((one.name, one.where, one.port) for one in self.subjects):
            sections.append(Section(name, where, tuple(one for one in self.findings if one.node == name), port))
        return sections

    def count(self, severity: Severity) -> int:
        """Count the findings of that severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def status(self, *, strict: bool) -> int:
        """Return the exit status: 2 with an error, 1 with a warning where `strict`, else 0."""
        if self.count("error"):
            return 2
        return 1 if strict and self.count("warning") else 0


def diagnose(subjects: Sequence[Subject], findings: Iterable[Finding], now: datetime) -> Diagnosis:
    """Join what rules and readers found with who trusts whom; the most severe come first within each subject."""
    nodes = [subject.facts for subject in subjects if subject.is_node]
    matrix = trust_matrix(nodes, now) if len(nodes) > 1 else None
    found = [*findings, *(mistrust(nodes, matrix) if matrix else ())]
    order = {subject.name: at for at, subject in enumerate(subjects)}
    return Diagnosis(
        now,
        tuple(subjects),
        tuple(sorted(_merged(found), key=lambda one: _rank(one, order))),
        matrix,
        tuple(_expiries(subjects)),
    )


def _merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is wrong with a file that several channels use is one finding, which names them all."""
    channels: dict[Finding, dict[str, None]] = {}
    for finding in findings:
        channels.setdefault(replace(finding, channel=""), {})[finding.channel] = None
    for finding, named in channels.items():
        yield replace(finding, channel=", ".join(name for name in named if name))


def _rank(finding: Finding, order: dict[str, int]) -> tuple[int, int, str, str]:
    at = order.get(finding.node, -1)
    return at, SEVERITIES.index(finding.severity), finding.where, finding.rule


def _expiries(subjects: Sequence[Subject]) -> list[Expiry]:
    nodes: dict[x509.Certificate, list[str]] = {}
    files: dict[x509.Certificate, list[str]] = {}
    for subject in subjects:
        for channel in subject.facts.channels:
            for file in channel.files:
                for certificate in file.certificates:
                    nodes.setdefault(certificate, []).append(subject.name)
                    files.setdefault(certificate, []).append(file.path)
        for certificate in subject.port.served if subject.port else ():
            nodes.setdefault(certificate, []).append(subject.name)
    found = [
        Expiry(one, is_authority(one), tuple(dict.fromkeys(nodes[one])), tuple(dict.fromkeys(files.get(one, ()))))
        for one in nodes
    ]
    return sorted(found, key=lambda expiry: expiry.certificate.not_valid_after_utc)
