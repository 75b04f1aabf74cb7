"""Records what a real Elasticsearch answers: `python -m tests.index.mapping.record ADDRESS`."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.index.mapping.asked import CASES, Step

RECORDED = Path(__file__).with_name("recorded.jsonl")


def main(address: str) -> None:
    """Lead the engine through every case, and write down what it said and what the mapping was in the end."""
    lines = []
    for name, steps in CASES.items():
        _call(address, "DELETE", "/mapped", None)
        answers = [_call(address, *_request(step)) for step in steps]
        status, shown = _call(address, "GET", "/mapped/_mapping", None)
        told = [[status, None] if status < 300 else [status, _error(answer)] for status, answer in answers]
        mapping = shown["mapped"]["mappings"] if status == 200 else None
        lines.append(json.dumps({"name": name, "told": told, "mapping": mapping}, separators=(",", ":")))
    RECORDED.write_text("\n".join(lines) + "\n")


def _request(step: Step) -> tuple[str, str, Any]:
    if "mappings" in step:
        return "PUT", "/mapped", step
    if "grow" in step:
        return "PUT", "/mapped/_mapping", step["grow"]
    return "POST", "/mapped/_doc", step["doc"]


def _error(answer: Any) -> list[str]:
    return [answer["error"]["type"], answer["error"]["reason"]]


def _call(address: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    request = urllib.request.Request(
        address + path,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
