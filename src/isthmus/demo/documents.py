"""The step of the demo that stores log lines on one node and searches them from the other."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from isthmus.demo.corpus import LOG_MAPPING, Document, log_lines
from isthmus.demo.narrator import Narrator
from isthmus.demo.person import Person

LINES = 3_000
INDEX = "logs"
CA = "certs/ca/ca.crt"
REFUSED = {"query": {"bool": {"filter": [{"term": {"level": "ERROR"}}, {"match_phrase": {"message": "was refused"}}]}}}
BY_SERVICE = {
    "size": 0,
    "aggs": {"services": {"terms": {"field": "service"}, "aggs": {"bytes": {"sum": {"field": "bytes"}}}}},
}


class Documents:
    """Plays the step in `folder`: `first` holds the index, `second` is asked (HTTP addresses)."""

    def __init__(self, folder: Path, narrator: Narrator, person: Person, first: str, second: str) -> None:
        self._folder = folder
        self._say = narrator
        self._person = person
        self._first = first
        self._second = second
        self._lines = list(log_lines(LINES))

    def play(self) -> None:
        """Index, search, and compare with what the lines themselves say."""
        self._index()
        self._say.check(
            "each line is there, and node-0002 counts them on node-0001",
            holds=self._search({"size": 0, "track_total_hits": True})["hits"]["total"]["value"] == LINES,
        )
        refused = self._search({**REFUSED, "size": 2, "sort": [{"@timestamp": "desc"}]})["hits"]
        for hit in refused["hits"]:
            self._say.saw(f"{hit['_source']['@timestamp']} {hit['_source']['message']}")
        expected = [line for line in self._lines if line["level"] == "ERROR" and "was refused" in line["message"]]
        self._say.check(
            f"the phrase is found in the {len(expected)} lines that hold it, the latest first",
            holds=refused["total"]["value"] == len(expected)
            and [hit["_source"]["sequence"] for hit in refused["hits"]]
            == [line["sequence"] for line in expected[:-3:-1]],
        )
        self._check_sums(self._search(BY_SERVICE)["aggregations"]["services"]["buckets"])
        self._move()

    def _move(self) -> None:
        """Bring the index to the node that was asked so far, and ask again."""
        order = {"index": INDEX, "shard": 0, "from_node": "node-0001", "to_node": "node-0002"}
        (self._folder / "move.json").write_text(json.dumps({"commands": [{"move": order}]}))
        self._person.sends(self._second, "POST", "_cluster/reroute", "move.json", CA)
        self._person.asks(self._second, f"_cluster/health/{INDEX}?wait_for_no_relocating_shards=true", CA)
        shard = json.loads(self._person.asks(self._second, f"_cat/shards/{INDEX}?format=json&h=state,id", CA))
        here = json.loads(self._person.asks(self._second, "_nodes/_local", CA))["nodes"]
        found = self._search({"size": 0, "track_total_hits": True})["hits"]["total"]["value"]
        self._say.check(
            "the index moved to node-0002 with every line",
            holds=[(one["state"], one["id"] in here) for one in shard] == [("STARTED", True)] and found == LINES,
        )

    def _index(self) -> None:
        (self._folder / "mapping.json").write_text(json.dumps({"mappings": LOG_MAPPING}))
        self._person.sends(self._first, "PUT", INDEX, "mapping.json", CA)
        (self._folder / "lines.ndjson").write_text("".join(map(_action, self._lines)))
        answer = json.loads(
            self._person.sends(self._first, "POST", f"{INDEX}/_bulk?refresh=true", "lines.ndjson", CA, lines=True)
        )
        self._say.saw(f"took: {answer['took']} ms, errors: {answer['errors']}, items: {len(answer['items'])}")

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        (self._folder / "search.json").write_text(json.dumps(body))
        self._say.saw(json.dumps(body))
        answer: dict[str, Any] = json.loads(
            self._person.sends(self._second, "POST", f"{INDEX}/_search", "search.json", CA)
        )
        return answer

    def _check_sums(self, buckets: list[dict[str, Any]]) -> None:
        counts = Counter(line["service"] for line in self._lines)
        sums: Counter[str] = Counter()
        for line in self._lines:
            sums[line["service"]] += line["bytes"]
        for bucket in buckets:
            self._say.saw(f"{bucket['key']:10} {bucket['doc_count']:5} lines {bucket['bytes']['value']:12.0f} bytes")
        self._say.check(
            "lines and bytes of each service are what adding them up by hand gives",
            holds={one["key"]: (one["doc_count"], one["bytes"]["value"]) for one in buckets}
            == {service: (count, float(sums[service])) for service, count in counts.items()},
        )


def _action(line: Document) -> str:
    return f'{{"index":{{"_id":"{line["sequence"]}"}}}}\n{json.dumps(line, ensure_ascii=False)}\n'
