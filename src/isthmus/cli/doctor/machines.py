"""The report for programs: JSON and JUnit XML.

JSON, format version 1 (fields may be added, none is taken away or changes its meaning):

    format_version  1
    generated       moment of the look, ISO 8601 in UTC
    status          the exit status
    counts          {error, warning, note}
    subjects        [{name, where, kind: node|file|port}]
    findings        [{rule, severity: error|warning|note, page, node, channel, where, sentence, mend}]; node is empty
                    for all nodes together, channel may name several with commas
    trust           null for fewer than two nodes, else {nodes: [name], states: [[ok|refused|unknown|clear]] by dialler
                    and dialled, failures: [{dialler, dialled, state, why, mend}]}
    certificates    [{subject, issuer, serial_number, sha256, is_ca, not_before, not_after, days_left, nodes, files}],
                    the first to expire first; nodes names ports too that serve it
    ports           what was seen of each port (--live): [{address, protocol, channel, tls, versions, agreed,
                    cipher_suites: {accepted, whole}, client_authentication, accepted_authorities, alien, namesake,
                    node: null|{name, cluster_name, version}, served: [{subject, serial_number, sha256, not_after}],
                    remark}]
"""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from isthmus.cli.doctor.seen import for_programs
from isthmus.lifecycle.diagnosis import SEVERITIES, Diagnosis, Expiry, Section, Subject
from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.rules.rule import Finding
from isthmus.pki.trust_matrix import TrustMatrix

FORMAT_VERSION = 1

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(diagnosis: Diagnosis, *, strict: bool) -> str:
    """Write the report as JSON, in the shape that the head of this module documents."""
    told = {
        "format_version": FORMAT_VERSION,
        "generated": diagnosis.now.isoformat(timespec="seconds"),
        "status": diagnosis.status(strict=strict),
        "counts": {severity: diagnosis.count(severity) for severity in SEVERITIES},
        "subjects": [{"name": one.name, "where": one.where, "kind": _kind(one)} for one in diagnosis.subjects],
        "findings": [_finding(one) for one in diagnosis.findings],
        "trust": None if diagnosis.matrix is None else _trust(diagnosis.matrix),
        "certificates": [_certificate(one, diagnosis) for one in diagnosis.expiries],
        "ports": [for_programs(one.port) for one in diagnosis.subjects if one.port is not None],
    }
    return json.dumps(told, indent=2)


def junit(diagnosis: Diagnosis, *, strict: bool) -> str:
    """Write the report as JUnit XML: a suite for each subject, a case for each finding.

    Errors are failures, and warnings too where `strict`; other findings pass, with what they say in `system-out`. A
    subject without findings has one case that passes.
    """
    failing = SEVERITIES[: 2 if strict else 1]
    root = ElementTree.Element("testsuites", name="isthmus doctor")
    for section in diagnosis.sections():
        root.append(_suite(section, failing, diagnosis))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _kind(subject: Subject) -> str:
    if subject.port is not None:
        return "port"
    return "file" if subject.is_file else "node"


def _finding(finding: Finding) -> dict[str, str]:
    return {name: getattr(finding, name) for name in Finding.__slots__}


def _trust(matrix: TrustMatrix) -> dict[str, Any]:
    failures = [
        {"dialler": a, "dialled": b, "state": one.state, "why": one.why, "mend": one.mend}
        for a, b, one in matrix.pairs()
        if one.state != "ok"
    ]
    states = [[verdict.state for verdict in row] for row in matrix.rows]
    return {"nodes": list(matrix.names), "states": states, "failures": failures}


def _certificate(expiry: Expiry, diagnosis: Diagnosis) -> dict[str, Any]:
    one = expiry.certificate
    return {
        "subject": distinguished_name_text(one.subject),
        "issuer": distinguished_name_text(one.issuer),
        "serial_number": f"{one.serial_number:x}",
        "sha256": fingerprint(one),
        "is_ca": expiry.is_ca,
        "not_before": one.not_valid_before_utc.isoformat(),
        "not_after": one.not_valid_after_utc.isoformat(),
        "days_left": expiry.days_left(diagnosis.now),
        "nodes": list(expiry.nodes),
        "files": list(expiry.files),
    }


def _suite(section: Section, failing: tuple[str, ...], diagnosis: Diagnosis) -> ElementTree.Element:
    name, findings = _xml(section.name), section.findings
    failures = sum(one.severity in failing for one in findings)
    suite = ElementTree.Element(
        "testsuite",
        name=name,
        tests=str(max(1, len(findings))),
        failures=str(failures),
        errors="0",
        skipped="0",
        timestamp=diagnosis.now.isoformat(timespec="seconds"),
    )
    if not findings:
        ElementTree.SubElement(suite, "testcase", classname=name, name="nothing found")
    for one in findings:
        place = f"{one.rule}: {one.where}" if one.where else one.rule
        case = ElementTree.SubElement(suite, "testcase", classname=name, name=_xml(place))
        told = _xml(f"{one.severity}: {one.sentence}\n{one.mend}\n{one.page}")
        if one.severity in failing:
            failure = ElementTree.SubElement(case, "failure", message=_xml(one.sentence), type=one.severity)
            failure.text = told
        else:
            ElementTree.SubElement(case, "system-out").text = told
    return suite


def _xml(text: str) -> str:
    """XML has no way to write control characters."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
