"""Why a hit has its score, as Elasticsearch shows it.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-explain.html
"""

from __future__ import annotations

from typing import Any

import msgspec
import tantivy


def explanation(
    query: tantivy.Query, searcher: tantivy.Searcher, address: tantivy.DocAddress, score: float | None
) -> dict[str, Any]:
    """Tantivy's explanation with the names of Elasticsearch's. The value of the whole is the hit's score."""
    told = shaped(msgspec.json.decode(query.explain(searcher, address).to_json()))
    return told if score is None else {**told, "value": score}


def shaped(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "value": told["value"],
        "description": told["description"],
        "details": [shaped(detail) for detail in told.get("details") or []],
    }
