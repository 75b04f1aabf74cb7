"""Words that every form of the report uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from isthmus.lifecycle.diagnosis import SEVERITIES, Diagnosis, Expiry
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.rules.rule import Finding
from isthmus.pki.trust_matrix import State, TrustMatrix

STATES: dict[State, str] = {
    "ok": "trusted",
    "refused": "refused",
    "unknown": "not known: a file cannot be read",
    "clear": "no TLS",
}


def plain(text: str) -> str:
    """Make what came out of files fit to be shown: no control characters."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def counted(number: int, thing: str) -> str:
    """Say `1 error`, `2 errors`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def tally(findings: Sequence[Finding]) -> str:
    """Say how many findings of each severity there are: `1 error, 2 warnings`."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(counted(counts[one], one) for one in SEVERITIES if counts[one]) or "nothing found"


def conclusion(diagnosis: Diagnosis) -> str:
    """Say in one line what was looked at and what was found."""
    files = sum(subject.is_file for subject in diagnosis.subjects)
    nodes = sum(subject.is_node for subject in diagnosis.subjects)
    counts = {"node": nodes, "file": files, "port": len(diagnosis.subjects) - nodes - files}
    seen = [counted(number, thing) for thing, number in counts.items() if number]
    return f"{' and '.join(seen)}: {tally(diagnosis.findings)}"


def trust_in_words(matrix: TrustMatrix) -> str:
    """Say how many of all dials succeed."""
    states = Counter(verdict.state for _, _, verdict in matrix.pairs())
    others = [f"{number:,} {STATES[state]}" for state, number in states.items() if state != "ok" and number]
    return f"{states['ok']:,} of {states.total():,} dials succeed" + "".join(f", {one}" for one in others)


def due(days: int) -> str:
    """Say how long that is from now."""
    if days < 0:
        return f"expired {counted(-days, 'day')} ago"
    return "today" if days == 0 else f"in {counted(days, 'day')}"


def urgency(days: int) -> str:
    """Name the class of a date: `bad` within a week, `soon` within 30 days, else `good`."""
    return "bad" if days <= 7 else "soon" if days <= 30 else "good"


def title_of(expiry: Expiry) -> str:
    """Name a certificate by its subject."""
    certificate = expiry.certificate
    return plain(distinguished_name_text(certificate.subject)) or f"serial {certificate.serial_number:x}"
