"""The indices that both sides get before they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from isthmus.demo.corpus import LOG_MAPPING, log_lines
from isthmus.demo.prose import PROSE_MAPPING, prose
from tests.interop.differential.asked import lines
from tests.interop.sides.side import Answer, Line

BATCH = 500
ONE_SHARD = {"number_of_shards": 1, "number_of_replicas": 0}
PLAIN_PROSE_MAPPING = {
    "properties": {**PROSE_MAPPING["properties"], "text": {"type": "text", "fields": {"keyword": {"type": "keyword"}}}}
}
EDGE_MAPPING: dict[str, Any] = {
    "properties": {
        "short_word": {"type": "keyword", "ignore_above": 10},
        "or_none": {"type": "keyword", "null_value": "NONE"},
        "text": {"type": "text", "copy_to": "everything"},
        "more": {"type": "text", "copy_to": "everything"},
        "everything": {"type": "text"},
        "long": {"type": "long"},
        "integer": {"type": "integer", "null_value": 7},
        "short": {"type": "short"},
        "byte": {"type": "byte"},
        "double": {"type": "double"},
        "float": {"type": "float"},
        "half": {"type": "half_float"},
        "day": {"type": "date", "format": "yyyy-MM-dd||epoch_millis"},
        "moment": {"type": "date"},
        "flag": {"type": "boolean"},
        "ip": {"type": "ip"},
        "inner": {"properties": {"word": {"type": "keyword"}, "deep": {"properties": {"n": {"type": "long"}}}}},
        "other_long": {"type": "alias", "path": "long"},
        "not_searched": {"type": "keyword", "index": False},
        "not_sorted": {"type": "keyword", "doc_values": False},
        "ignored": {"type": "object", "enabled": False},
    }
}
EDGE_DOCUMENTS: tuple[dict[str, Any], ...] = (
    {"short_word": "alpha", "or_none": "x", "text": "quick brown fox", "more": "lazy dog", "long": 1, "double": 0.5},
    {"short_word": "much too long for it", "or_none": None, "text": "Quick! The fox, the FOX.", "long": -5},
    {"short_word": ["beta", "alpha"], "long": [3, 9, 27], "double": [1.5, -2.25], "text": ["one two", "three four"]},
    {"long": 9223372036854775807, "integer": 2147483647, "short": 32767, "byte": 127, "double": 1e300},
    {"long": -9223372036854775808, "integer": -2147483648, "short": -32768, "byte": -128, "double": -1e-300},
    {"float": 0.1, "half": 0.333, "integer": None, "flag": True, "day": "2024-02-29"},
    {"float": 16777217, "half": 2048.5, "flag": False, "day": 1709164800000, "moment": "2024-02-29T23:30:00+02:00"},
    {"flag": "true", "long": "42", "double": "4.5", "moment": "2024-12-31"},
    {"moment": ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00.123Z"], "day": ["2024-01-01", "2024-06-01"]},
    {"ip": "192.168.1.7", "inner": {"word": "in", "deep": {"n": 5}}},
    {"ip": ["10.0.0.1", "2001:db8::5"], "inner.word": "dotted", "inner": {"deep.n": 6}},
    {"ip": "::ffff:10.0.0.9", "ignored": {"anything": {"goes": 1}}, "not_searched": "here", "not_sorted": "there"},
    {"text": "Größe café naïve ÅNGSTRÖM", "short_word": "ß"},
    {"text": "東京 タワー 서울 ไทย"},
    {"text": "user@example.com wi-fi O'Neil 3.14 1,000 foo_bar C++ 🚀 rocket", "short_word": ""},
    {"text": "", "short_word": [], "long": []},
    {},
    {"text": "fox " * 40, "short_word": "gamma", "long": 100},
    {"text": "a b c d e f g h i j k l m n o p", "long": 100, "double": 2},
    {"or_none": ["p", None, "q"], "long": 100, "inner": [{"word": "w1"}, {"word": "w2"}]},
)


CONSTANT_MAPPING = {"properties": {"same": {"type": "constant_keyword", "value": "here"}, "n": {"type": "long"}}}
CONSTANT_DOCUMENTS: tuple[dict[str, Any], ...] = ({"n": 1}, {"n": 2, "same": "here"}, {"n": 2}, {})
NORMALIZED_MAPPING = {"properties": {"lower": {"type": "keyword", "normalizer": "lowercase"}}}
NORMALIZED_DOCUMENTS = ({"lower": "GROSS Straße"}, {"lower": "東京"}, {"lower": ["Ab", "aB"]})


def load(line: Line) -> None:
    """Create and fill the indices, and merge each into one segment, so that scores have one set of statistics."""
    _fill(line, "logs", LOG_MAPPING, log_lines(2000, seed=1))
    _fill(line, "logs-2026-a", LOG_MAPPING, log_lines(300, seed=2))
    _fill(line, "logs-2026-b", LOG_MAPPING, log_lines(300, seed=3))
    _fill(line, "dynamic", None, log_lines(200, seed=4))
    _fill(line, "prose", PLAIN_PROSE_MAPPING, prose(400, seed=5))
    _fill(line, "edge", EDGE_MAPPING, iter(EDGE_DOCUMENTS))
    if _has_languages(line):
        _fill(line, "english", PROSE_MAPPING, prose(400, seed=5))
    if _takes(line, NORMALIZED_MAPPING):
        _fill(line, "normalized", NORMALIZED_MAPPING, iter(NORMALIZED_DOCUMENTS))
    if _takes(line, CONSTANT_MAPPING):
        _fill(line, "constant", CONSTANT_MAPPING, iter(CONSTANT_DOCUMENTS))
    line.must("POST", "/_aliases", {"actions": _ALIASES})


_ALIASES = [
    {"add": {"index": "logs-2026-a", "alias": "year"}},
    {"add": {"index": "logs-2026-b", "alias": "year", "is_write_index": True}},
    {"add": {"index": "logs", "alias": "failures", "filter": {"range": {"status": {"gte": 500}}}}},
]


def _fill(line: Line, index: str, mapping: dict[str, Any] | None, documents: Iterable[dict[str, Any]]) -> None:
    line.must("PUT", f"/{index}", {"settings": ONE_SHARD, **({} if mapping is None else {"mappings": mapping})})
    for batch in _batches(enumerate(documents)):
        parts = [part for number, document in batch for part in ({"index": {"_id": f"{number}"}}, document)]
        answer = line.must("POST", f"/{index}/_bulk", lines(*parts))
        if answer["errors"]:
            failed = [item for item in answer["items"] if "error" in item["index"]]
            raise AssertionError(f"[{index}] could not be filled: {failed[:2]}")
    merged = line.ask("POST", f"/{index}/_forcemerge?max_num_segments=1")
    if merged.status != 200 and not _merges_by_itself(merged):
        raise AssertionError(f"[{index}] could not be merged: {merged}")
    line.must("POST", f"/{index}/_refresh")


def _takes(line: Line, mapping: dict[str, Any]) -> bool:
    """Whether the engine's published parts know a mapping's types."""
    created = line.ask("PUT", "/tried", {"mappings": mapping}).status == 200
    if created:
        line.must("DELETE", "/tried")
    return created


def _batches(documents: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    rest = iter(documents)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _merges_by_itself(answer: Answer) -> bool:
    """Isthmus says so; its statistics of terms are those of the whole index, however many segments there are."""
    return answer.status == 400 and answer.body["error"]["type"] == "illegal_argument_exception"


def _has_languages(line: Line) -> bool:
    """The published jars of Elasticsearch lack the analyzers of languages."""
    return line.ask("POST", "/_analyze", {"analyzer": "english", "text": "houses"}).status == 200
