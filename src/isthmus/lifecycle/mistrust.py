"""Findings from who trusts whom: each failed dial is told once, at the node that most of them have in common. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from isthmus.pki.rules.facts import NodeFacts
from isthmus.pki.rules.rule import Finding
from isthmus.pki.trust_matrix import TrustMatrix, Verdict

_PAGE = "RFC 5280 section 6; RFC 6125 section 6.4"


@dataclass(frozen=True)
class _Failure:
    dialler: int
    dialled: int
    verdict: Verdict

    def involves(self, node: int) -> bool:
        return node in (self.dialler, self.dialled)


def mistrust(nodes: Sequence[NodeFacts], matrix: TrustMatrix) -> Iterator[Finding]:
    """Give one finding for each node that refuses others or is refused, until every refused dial is told of.

    One stranger among many nodes is one finding, and not one at each of them.
    """
    left = [
        _Failure(dialler, dialled, verdict)
        for dialler, row in enumerate(matrix.rows)
        for dialled, verdict in enumerate(row)
        if dialler != dialled and verdict.state == "refused"
    ]
    while left:
        counts = Counter(end for failure in left for end in (failure.dialler, failure.dialled))
        node = counts.most_common(1)[0][0]
        yield _finding(nodes[node], node, [failure for failure in left if failure.involves(node)], matrix)
        left = [failure for failure in left if not failure.involves(node)]


def _finding(facts: NodeFacts, node: int, failures: Sequence[_Failure], matrix: TrustMatrix) -> Finding:
    to = sum(failure.dialled == node for failure in failures)
    first = failures[0]
    dial = f"[{matrix.names[first.dialler]}] dials [{matrix.names[first.dialled]}]"
    sentence = f"{_dials(to, len(failures) - to)}; when {dial}, {first.verdict.why}"
    return Finding("trust", "error", _PAGE, facts.name, "transport", facts.where, sentence, first.verdict.mend)


def _dials(to: int, by: int) -> str:
    parts = [f"{number} other{'s' if number > 1 else ''}" for number in (to, by)]
    if not by:
        return f"{parts[0]} cannot dial it"
    return f"it cannot dial {parts[1]}" + (f" and {parts[0]} cannot dial it" if to else "")
