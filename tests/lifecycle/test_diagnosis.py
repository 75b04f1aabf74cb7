"""Findings of many nodes are told where they belong, and dates by the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from isthmus.lifecycle.diagnosis import Diagnosis, Subject, diagnose
from isthmus.lifecycle.folders import read_folder
from isthmus.pki.rules.rule import Finding, Severity
from tests.certificates import Authority, make_ca
from tests.lifecycle.folders.writing import nobody, pem_node

NOW = datetime.now(UTC)


def subject(folder: Path, name: str, ca: Authority) -> Subject:
    node = read_folder(pem_node(folder / name, ca, name), nobody)
    return Subject(node.name, str(node.where), node.facts)


def finding(severity: Severity, node: str = "a") -> Finding:
    return Finding("rule", severity, "page", node, "", "there", f"a {severity}", "mend it")


def test_one_stranger_is_one_finding_and_not_one_at_each_node(tmp_path: Path) -> None:
    ca = make_ca("east CA")
    subjects = [subject(tmp_path, f"n{at}", ca) for at in range(4)]
    stranger = subject(tmp_path, "stranger", make_ca("west CA"))
    [told] = diagnose([*subjects, stranger], [], NOW).findings
    assert (told.node, told.severity) == ("stranger", "error")
    assert "it cannot dial 4 others and 4 others cannot dial it" in told.sentence


def test_two_camps_are_told_of_until_no_refusal_is_left(tmp_path: Path) -> None:
    east, west = make_ca("east CA"), make_ca("west CA")
    subjects = [subject(tmp_path, f"{ca}{at}", {"e": east, "w": west}[ca]) for ca in "ew" for at in range(3)]
    assert len(diagnose(subjects, [], NOW).findings) == 3


def test_the_most_severe_comes_first_and_what_is_said_twice_is_told_once(tmp_path: Path) -> None:
    one = subject(tmp_path, "a", make_ca())
    found = diagnose([one], [finding("note"), finding("error"), finding("warning"), finding("error")], NOW).findings
    assert [each.severity for each in found] == ["error", "warning", "note"]


def test_a_file_that_two_channels_use_is_one_finding_that_names_both(tmp_path: Path) -> None:
    one = subject(tmp_path, "a", make_ca())
    twice = [replace(finding("error"), channel=channel) for channel in ("transport", "http")]
    assert [each.channel for each in diagnose([one], twice, NOW).findings] == ["transport, http"]


@pytest.mark.parametrize(
    ("severity", "strict", "status"),
    [("note", True, 0), ("warning", False, 0), ("warning", True, 1), ("error", False, 2), ("error", True, 2)],
)
def test_the_status_is_that_of_the_most_severe(severity: Severity, strict: bool, status: int) -> None:
    assert Diagnosis(NOW, (), (finding(severity),), None, ()).status(strict=strict) == status


def test_a_ca_that_all_nodes_trust_is_one_date_and_days_are_whole(tmp_path: Path) -> None:
    ca = make_ca("east CA")
    diagnosis = diagnose([subject(tmp_path, name, ca) for name in ("a", "b")], [], NOW)
    [authority] = [one for one in diagnosis.expiries if one.is_ca]
    assert authority.nodes == ("a", "b")
    end = authority.certificate.not_valid_after_utc
    assert [authority.days_left(end + timedelta(hours=hours)) for hours in (-49, -1, 1, 49)] == [2, 0, -1, -2]
