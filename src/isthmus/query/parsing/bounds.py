"""How large a query may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`depth` is `indices.query.bool.max_nested_depth`, `clauses` `indices.query.bool.max_clause_count`, `terms`
    `index.max_terms_count`, `regexp` `index.max_regex_length`, `text` the characters of any text in a query."""

    depth: int = 30
    clauses: int = 1_024
    terms: int = 65_536
    regexp: int = 1_000
    text: int = 100_000
