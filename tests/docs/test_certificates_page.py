"""The page on certificates lists the rules as the program has them."""

from __future__ import annotations

from pathlib import Path

from isthmus.pki.rules import CLUSTER_RULES, RULES

PAGE = Path(__file__).parents[2] / "docs" / "certificates.md"


def test_the_page_lists_every_rule_with_its_severity_and_the_document_it_comes_from() -> None:
    listed = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    rules = [(one.id, one.severity, one.page) for one in RULES]
    cluster_rules = [(one.id, one.severity, one.page) for one in CLUSTER_RULES]
    assert listed == [f"| `{name}` | {severity} | {page} |" for name, severity, page in (*rules, *cluster_rules)]
