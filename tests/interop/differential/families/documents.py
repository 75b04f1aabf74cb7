"""Documents and indices: what is written, read and changed, in this order."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked, lines
from tests.interop.differential.corpora import ONE_SHARD

_NOT_OF_THE_PRODUCT = frozenset({"took", "_shards", "creation_date", "uuid", "created", "provided_name", "error"})

_Step = tuple[str, str, str, Any]
_STEPS: tuple[_Step, ...] = (
    ("create an index", "PUT", "/books", {
        "settings": ONE_SHARD, "mappings": {"properties": {"year": {"type": "integer"}}}
    }),
    ("exists", "HEAD", "/books", None),
    ("does not exist", "HEAD", "/nothing", None),
    ("put", "PUT", "/books/_doc/1", {"title": "One", "year": 1901}),
    ("put again", "PUT", "/books/_doc/1", {"title": "One", "year": 1902}),
    ("create what is there", "PUT", "/books/_create/1", {"title": "One"}),
    ("create", "PUT", "/books/_create/2", {"title": "Two", "year": 1950, "tags": ["a", "b"]}),
    ("op_type create", "PUT", "/books/_doc/2?op_type=create", {"title": "Two"}),
    ("get", "GET", "/books/_doc/1", None),
    ("get a part", "GET", "/books/_doc/2?_source_includes=t*", None),
    ("get without source", "GET", "/books/_doc/2?_source=false", None),
    ("get _source", "GET", "/books/_source/2", None),
    ("get _source of nobody", "GET", "/books/_source/9", None),
    ("head", "HEAD", "/books/_doc/1", None),
    ("update", "POST", "/books/_update/1", {"doc": {"title": "First"}}),
    ("update that changes nothing", "POST", "/books/_update/1", {"doc": {"title": "First"}}),
    ("update without detect_noop", "POST", "/books/_update/1", {"doc": {"title": "First"}, "detect_noop": False}),
    ("update of nobody", "POST", "/books/_update/9", {"doc": {"title": "Nine"}}),
    ("upsert", "POST", "/books/_update/3", {"doc": {"title": "Three"}, "upsert": {"title": "New three"}}),
    ("doc_as_upsert", "POST", "/books/_update/4", {"doc": {"title": "Four"}, "doc_as_upsert": True}),
    ("update with _source", "POST", "/books/_update/4?_source=true", {"doc": {"year": 2004}}),
    ("if_seq_no right", "PUT", "/books/_doc/4?if_seq_no=7&if_primary_term=1", {"title": "Fourth"}),
    ("if_seq_no wrong", "PUT", "/books/_doc/4?if_seq_no=2&if_primary_term=1", {"title": "Fourth"}),
    ("external version", "PUT", "/books/_doc/5?version=42&version_type=external", {"title": "Five"}),
    ("external version too old", "PUT", "/books/_doc/5?version=41&version_type=external", {"title": "Five"}),
    ("external_gte", "PUT", "/books/_doc/5?version=42&version_type=external_gte", {"title": "Fifth"}),
    ("routing", "PUT", "/books/_doc/6?routing=here", {"title": "Six"}),
    ("get with routing", "GET", "/books/_doc/6?routing=here", None),
    ("delete", "DELETE", "/books/_doc/3", None),
    ("delete again", "DELETE", "/books/_doc/3", None),
    ("get the deleted", "GET", "/books/_doc/3", None),
    ("require_alias", "PUT", "/books/_doc/7?require_alias=true", {"title": "Seven"}),
    ("bulk", "POST", "/books/_bulk?refresh=true", lines(
        {"index": {"_id": "10"}}, {"title": "Ten", "year": 10}, {"create": {"_id": "1"}}, {"title": "x"},
        {"update": {"_id": "10"}}, {"doc": {"year": 11}}, {"delete": {"_id": "4"}}, {"delete": {"_id": "none"}},
        {"index": {"_id": "12"}}, {"year": "late"}, {"update": {"_id": "13"}}, {"doc": {"a": 1}},
        {"index": {"_index": "magazines", "_id": "1"}}, {"title": "Elsewhere"},
    )),
    ("mget", "POST", "/books/_mget", {"docs": [
        {"_id": "1"}, {"_id": "none"}, {"_index": "magazines", "_id": "1"}, {"_index": "no", "_id": "1"},
    ]}),
    ("mget by ids", "POST", "/books/_mget", {"ids": ["1", "2"]}),
    ("mget with _source", "POST", "/books/_mget?_source=title", {"ids": ["1", "2"]}),
    ("count", "GET", "/books/_count", None),
    ("mapping that grew", "GET", "/books/_mapping", None),
    ("mapping of a field", "PUT", "/books/_mapping", {"properties": {"isbn": {"type": "keyword"}}}),
    ("strict", "PUT", "/books/_mapping", {"dynamic": "strict"}),
    ("a new field where it is strict", "PUT", "/books/_doc/20", {"unheard": 1}),
    ("dynamic false", "PUT", "/books/_mapping", {"dynamic": False}),
    ("a new field that is not mapped", "PUT", "/books/_doc/20", {"unheard": 1}),
    ("alias", "PUT", "/books/_alias/library", None),
    ("get the alias", "GET", "/_alias/library", None),
    ("write through the alias", "PUT", "/library/_doc/30?refresh=true", {"title": "Thirty"}),
    ("aliases in one", "POST", "/_aliases", {"actions": [
        {"remove": {"index": "books", "alias": "library"}}, {"add": {"index": "magazines", "alias": "library"}},
    ]}),
    ("alias elsewhere", "GET", "/library/_alias", None),
    ("get a missing alias", "GET", "/_alias/none", None),
    ("settings", "PUT", "/books/_settings", {"index": {"refresh_interval": "5s"}}),
    ("a static setting", "PUT", "/books/_settings", {"index": {"number_of_shards": 3}}),
    ("component template", "PUT", "/_component_template/part", {
        "template": {"mappings": {"properties": {"at": {"type": "date"}}}}
    }),
    ("index template", "PUT", "/_index_template/paper", {
        "index_patterns": ["paper-*"], "priority": 5, "composed_of": ["part"],
        "template": {
            "settings": ONE_SHARD, "mappings": {"properties": {"page": {"type": "short"}}}, "aliases": {"papers": {}},
        },
    }),
    ("an index by the template", "PUT", "/paper-1/_doc/1?refresh=true", {
        "page": 3, "at": "2026-01-01", "title": "News",
    }),
    ("mapping by the template", "GET", "/paper-1/_mapping", None),
    ("alias by the template", "GET", "/papers/_count", None),
    ("get the template", "GET", "/_index_template/paper", None),
    ("template with a missing part", "PUT", "/_index_template/bad", {
        "index_patterns": ["bad-*"], "composed_of": ["none"],
    }),
    ("delete the template", "DELETE", "/_index_template/paper", None),
    ("dynamic mapping", "GET", "/dynamic/_mapping", None),
    ("resolve", "GET", "/_resolve/index/logs-2026-*", None),
    ("delete by query", "POST", "/books/_delete_by_query?refresh=true", {"query": {"term": {"year": 1950}}}),
    ("update by query", "POST", "/books/_update_by_query?refresh=true", None),
    ("reindex", "POST", "/_reindex?refresh=true", {"source": {"index": "books"}, "dest": {"index": "copies"}}),
    ("count the copies", "GET", "/copies/_count", None),
    ("delete an index", "DELETE", "/magazines", None),
    ("the deleted index", "GET", "/magazines/_count", None),
)  # fmt: skip

REQUESTS: list[Asked] = [
    Asked(f"documents/{name}", method, path, body, ignoring=_NOT_OF_THE_PRODUCT) for name, method, path, body in _STEPS
]
