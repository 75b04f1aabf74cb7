"""Right bodies of every API that takes one, by the last fixed part of its path. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.live.fuzzing import language
from tests.live.fuzzing.language import document

_ADD: Any = {"add": {"index": "docs", "alias": "all", "filter": {"term": {"tag": "a"}}, "routing": "1"}}
_SETTINGS: Any = {"index": {"refresh_interval": "1s", "number_of_replicas": "0", "max_result_window": 1000}}
_ANALYSIS: Any = {
    "analyzer": {"mine": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "cut"]}},
    "filter": {"cut": {"type": "stop", "stopwords": ["a"]}},
}
_INDEX: Any = {
    "settings": {"number_of_shards": 1, "analysis": _ANALYSIS},
    "mappings": {
        "dynamic": "strict",
        "properties": {"t": {"type": "text", "analyzer": "mine"}, "n": {"type": "integer"}},
    },
    "aliases": {"fuzz-alias": {"is_write_index": True}},
}
_TEMPLATE: Any = {"index_patterns": ["fuzz-*"], "priority": 7, "template": _INDEX, "composed_of": [], "version": 1}
_MISSING_TYPES = ("nested", "geo_point", "dense_vector", "join", "percolator", "half_float", "date_nanos", "float")

BODIES: Mapping[str, tuple[Any, ...]] = {
    "_alias": ({}, {"filter": {"term": {"n": 1}}, "is_write_index": False}),
    "_aliases": ({"actions": [_ADD, {"remove": {"index": "*", "alias": "gone", "must_exist": False}}]},),
    "_analyze": (
        {"analyzer": "standard", "text": ["a Quick fox", "b"]},
        {
            "tokenizer": "whitespace",
            "filter": ["lowercase", {"type": "stop", "stopwords": ["a"]}],
            "text": "A b",
            "explain": True,
        },
        {"field": "body", "text": "x"},
    ),
    "_component_template": ({"template": _INDEX, "version": 3, "_meta": {"a": 1}},),
    "_count": ({"query": {"match": {"body": "fox"}}},),
    "_create": (document(1), {"new": {"field": [1, 2.5]}}),
    "_delete_by_query": ({"query": {"term": {"tag": "zzz"}}, "max_docs": 3, "sort": ["n"]},),
    "_doc": (*map(document, range(4)), {"text": "x", "when": "2026-01-01", "deep": {"a": [{"b": 1}]}}),
    "_explain": ({"query": {"match": {"body": "fox"}}},),
    "_field_caps": ({"fields": ["*"], "index_filter": {"range": {"n": {"gte": 1}}}}, {"fields": "n"}),
    "_index_template": (_TEMPLATE,),
    "_mapping": (
        {
            "properties": {
                "extra": {"type": "keyword"},
                "o": {"properties": {"x": {"type": "date", "format": "epoch_second"}}},
            }
        },
        {
            "dynamic_templates": [{"s": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}}],
            "dynamic": False,
        },
        *({"properties": {"wrong": {"type": one}}} for one in _MISSING_TYPES),
    ),
    "_mget": (
        {"docs": [{"_index": "docs", "_id": "1", "_source": ["n"]}, {"_index": "missing", "_id": "2", "routing": "a"}]},
        {"ids": ["1", "2"]},
    ),
    "_pit": ({"index_filter": {"term": {"n": 1}}}, {"id": "bWlzc2luZw=="}),
    "_reindex": (
        {
            "source": {"index": "docs", "query": {"term": {"n": 1}}, "size": 5},
            "dest": {"index": "fuzz-copy"},
            "max_docs": 2,
        },
    ),
    "_rollover": ({"conditions": {"max_docs": 1}},),
    "_settings": (_SETTINGS, {"index.blocks.write": False, "index.refresh_interval": None}),
    "_update": (
        {"doc": {"n": 1}, "detect_noop": True},
        {"doc": {"n": 2}, "doc_as_upsert": True, "_source": True},
        {"script": {"source": "ctx._source.n++"}, "upsert": {"n": 0}},
    ),
    "_update_by_query": ({"query": {"term": {"tag": "zzz"}}, "conflicts": "proceed"},),
    "query": ({"query": {"query_string": {"query": "body:fox"}}},),
    "reroute": ({"commands": [{"move": {"index": "docs", "shard": 0, "from_node": "first", "to_node": "second"}}]},),
    "scroll": ({"scroll_id": "bWlzc2luZw==", "scroll": "1m"}, {"scroll_id": ["bWlzc2luZw=="]}),
    "settings": (
        {"persistent": {"search.max_buckets": 1000}, "transient": {"action.auto_create_index": "fuzz-*,+x"}},
        {"persistent": {"action": {"destructive_requires_name": None}}},
    ),
    "token": (
        {"grant_type": "password", "username": "elastic", "password": "wrong"},
        {"grant_type": "refresh_token", "refresh_token": "bWlzc2luZw=="},
        {"token": "bWlzc2luZw=="},
    ),
    "user": (
        {
            "password": "a long password",
            "roles": ["superuser"],
            "full_name": "A",
            "metadata": {"a": 1},
            "enabled": True,
        },
    ),
    "_password": ({"password": "another password"},),
    "{index}": ({}, _INDEX, {"settings": _SETTINGS}),
}


def search(chance: random.Random) -> dict[str, Any]:
    """A search with a few keys of those that there are."""
    body: dict[str, Any] = {}
    for key in chance.sample(sorted(language.KEYS), chance.randrange(1, 5)):
        body[key] = chance.choice(language.KEYS[key])
    if chance.random() < 0.7:
        body["query"] = one_of(chance, language.QUERIES)
    if chance.random() < 0.4:
        body["aggs"] = {
            "per": {**one_of(chance, language.AGGREGATIONS), "aggs": {"in": one_of(chance, language.AGGREGATIONS)}}
        }
    return body


def one_of(chance: random.Random, examples: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """One example under its name."""
    name = chance.choice(sorted(examples))
    return {name: chance.choice(examples[name])}


def bulk_lines(chance: random.Random) -> list[Any]:
    """Some operations of `_bulk`."""
    lines: list[Any] = []
    for number in range(chance.randrange(1, 5)):
        operation = chance.choice(("index", "create", "update", "delete"))
        lines.append({operation: {"_index": chance.choice(("docs", "fuzz-1")), "_id": str(number), "routing": "r"}})
        if operation != "delete":
            lines.append({"doc": document(number)} if operation == "update" else document(number))
    return lines


def search_lines(chance: random.Random) -> list[Any]:
    """Some searches of `_msearch`."""
    return [
        line
        for _ in range(chance.randrange(1, 4))
        for line in ({"index": chance.choice(("docs", "missing"))}, search(chance))
    ]


LINES: Mapping[str, Callable[[random.Random], list[Any]]] = {"_bulk": bulk_lines, "_msearch": search_lines}
SEARCHING = ("_search", "_async_search", "_count", "query", "template", "_explain")


def body_of(chance: random.Random, path: str) -> list[Any]:
    """Return the lines of a right body for a route: one, unless it takes lines."""
    fixed = [part for part in path.split("/") if part and not part.startswith("{")]
    last = fixed[-1] if fixed else "{index}"
    if last in LINES:
        return LINES[last](chance)
    if last in SEARCHING and chance.random() < 0.8:
        return [search(chance)]
    return [chance.choice(BODIES.get(last, ({}, search(chance))))]
