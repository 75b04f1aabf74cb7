"""Records what a real engine answers: `python -m tests.index.analysis.record ELASTICSEARCH OPENSEARCH`, two addresses.

The published jars of Elasticsearch lack the module of most tokenizers and filters; OpenSearch 2.19 has the same Lucene
9.12. What Elasticsearch has, it is asked.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.index.analysis.asked import asked

RECORDED = Path(__file__).with_name("recorded.jsonl")


def main(elasticsearch: str, opensearch: str) -> None:
    """Ask for everything, and write it down."""
    lines = [json.dumps(_answered(body, elasticsearch, opensearch), separators=(",", ":")) for body in asked()]
    RECORDED.write_text("\n".join(lines) + "\n")


def _answered(body: dict[str, Any], elasticsearch: str, opensearch: str) -> dict[str, Any]:
    for engine, address in (("elasticsearch", elasticsearch), ("opensearch", opensearch)):
        tokens = _tokens(address, body)
        if tokens is not None:
            return {"engine": engine, "body": body, "tokens": tokens}
    raise SystemExit(f"neither answers {body}")


def _tokens(address: str, body: dict[str, Any]) -> list[list[Any]] | None:
    request = urllib.request.Request(
        f"{address}/_analyze", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)["tokens"]
    except urllib.error.HTTPError:
        return None
    return [[one[key] for key in ("token", "start_offset", "end_offset", "type", "position")] for one in found]


if __name__ == "__main__":
    main(*sys.argv[1:])
