"""The page on certificates lists the rules as the program has them."""

from __future__ import annotations

from pathlib import Path

from isthmus.pki.rules import CLUSTER_RULES, RULES

PAGE = Path(__file__).parents[2] / "docs" / "certificates.md"


def test_the_page_lists_every_rule_with_its_severity_and_the_document_it_comes_from() -> None:
    listed = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert listed == [f"| `{rule.id}` | {rule.severity} | {rule.page} |" for rule in (*RULES, *CLUSTER_RULES)]
