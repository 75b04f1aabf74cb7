"""What an application does with the official client, unmodified.

`python -m tests.live.driving URL CA USER PASSWORD` runs it with the client on the path.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from elasticsearch import BadRequestError, ConflictError, Elasticsearch, NotFoundError, helpers

INDEX = "shop"
COUNT = 250
ONE_SHARD = {"number_of_shards": 1, "number_of_replicas": 0}
MAPPINGS = {
    "properties": {
        "name": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
        "kind": {"type": "keyword"},
        "price": {"type": "double"},
        "added": {"type": "date"},
    }
}


def drive(client: Elasticsearch) -> list[str]:
    """Take every step; raises AssertionError or the client's errors. Returns the names of the steps."""
    for step in STEPS:
        step(client)
    return [step.__name__.strip("_") for step in STEPS]


def _info(client: Elasticsearch) -> None:
    assert client.ping()
    assert client.info()["version"]["number"].startswith(("8.", "9."))
    assert client.cluster.health()["status"] in ("green", "yellow")


def _create(client: Elasticsearch) -> None:
    assert client.indices.create(index=INDEX, settings=ONE_SHARD, mappings=MAPPINGS)["acknowledged"]
    assert client.indices.exists(index=INDEX)
    assert not client.indices.exists(index="nothing")
    mapped = client.indices.get_mapping(index=INDEX)[INDEX]["mappings"]["properties"]
    assert mapped["price"] == {"type": "double"}
    assert client.indices.get_settings(index=INDEX)[INDEX]["settings"]["index"]["number_of_shards"] == "1"


def _documents(client: Elasticsearch) -> None:
    made = client.index(index=INDEX, id="a", document={"name": "Green lamp", "kind": "lamp", "price": 10.5})
    assert (made["result"], made["_version"]) == ("created", 1)
    assert client.get(index=INDEX, id="a")["_source"]["name"] == "Green lamp"
    assert client.get_source(index=INDEX, id="a")["kind"] == "lamp"
    assert client.exists(index=INDEX, id="a")
    changed = client.update(index=INDEX, id="a", doc={"price": 11})
    assert changed["result"] == "updated"
    client.index(
        index=INDEX,
        id="a",
        document={"name": "Lamp"},
        if_seq_no=changed["_seq_no"],
        if_primary_term=changed["_primary_term"],
    )
    _raises(ConflictError, lambda: client.create(index=INDEX, id="a", document={}))
    assert client.delete(index=INDEX, id="a", refresh="wait_for")["result"] == "deleted"
    _raises(NotFoundError, lambda: client.get(index=INDEX, id="a"))


def _bulk(client: Elasticsearch) -> None:
    kinds = ("lamp", "chair", "table")
    actions = (
        {
            "_index": INDEX, "_id": str(number), "name": f"Item number {number}", "kind": kinds[number % 3],
            "price": number / 4, "added": f"2026-01-{number % 28 + 1:02d}",
        }
        for number in range(COUNT)
    )  # fmt: skip
    done, errors = helpers.bulk(client, actions, chunk_size=100, refresh=True)
    assert (done, errors) == (COUNT, [])
    found = client.mget(index=INDEX, ids=["1", "2", "nobody"])["docs"]
    assert [one["found"] for one in found] == [True, True, False]


def _search(client: Elasticsearch) -> None:
    assert client.count(index=INDEX)["count"] == COUNT
    answer = client.search(
        index=INDEX,
        query={"bool": {"must": {"match": {"name": "item"}}, "filter": {"term": {"kind": "lamp"}}}},
        sort=[{"price": "desc"}],
        size=3,
        source={"includes": ["price"]},
        highlight={"fields": {"name": {}}},
        aggs={"kinds": {"terms": {"field": "kind"}, "aggs": {"mean": {"avg": {"field": "price"}}}}},
    )
    assert [hit["_id"] for hit in answer["hits"]["hits"]] == ["249", "246", "243"]
    assert answer["hits"]["hits"][0]["_source"] == {"price": 62.25}
    assert answer["hits"]["hits"][0]["highlight"]["name"] == ["<em>Item</em> number 249"]
    assert answer["aggregations"]["kinds"]["buckets"][0]["doc_count"] == 84
    several = client.msearch(searches=[{"index": INDEX}, {"query": {"match_all": {}}, "size": 0}, {}, {"size": 0}])
    assert [one["status"] for one in several["responses"]] == [200, 200]
    assert client.explain(index=INDEX, id="1", query={"term": {"kind": "chair"}})["matched"]
    assert client.indices.validate_query(index=INDEX, query={"match_all": {}})["valid"]
    assert "kind" in client.field_caps(index=INDEX, fields="k*")["fields"]
    assert len(client.indices.analyze(analyzer="standard", text="two words")["tokens"]) == 2
    _raises(BadRequestError, lambda: client.search(index=INDEX, query={"nonsense": {}}))


def _scroll(client: Elasticsearch) -> None:
    seen = {hit["_id"] for hit in helpers.scan(client, index=INDEX, query={"query": {"match_all": {}}}, size=60)}
    assert len(seen) == COUNT


def _point_in_time(client: Elasticsearch) -> None:
    opened = client.open_point_in_time(index=INDEX, keep_alive="1m")["id"]
    client.delete(index=INDEX, id="0", refresh=True)
    seen: list[str] = []
    after: list[Any] | None = None
    while True:
        answer = client.search(
            pit={"id": opened, "keep_alive": "1m"}, sort=[{"price": "asc"}], size=100, search_after=after
        )
        hits = answer["hits"]["hits"]
        if not hits:
            break
        seen += [hit["_id"] for hit in hits]
        after = hits[-1]["sort"]
    assert seen == [str(number) for number in range(COUNT)]
    assert client.close_point_in_time(id=opened)["succeeded"]
    assert client.count(index=INDEX)["count"] == COUNT - 1


def _aliases(client: Elasticsearch) -> None:
    client.indices.put_alias(index=INDEX, name="lamps", filter={"term": {"kind": "lamp"}})
    assert client.count(index="lamps")["count"] == 83
    client.indices.update_aliases(
        actions=[
            {"remove": {"index": INDEX, "alias": "lamps"}},
            {"add": {"index": INDEX, "alias": "current", "is_write_index": True}},
        ]
    )
    assert client.indices.exists_alias(name="current")
    assert not client.indices.exists_alias(name="lamps")
    assert client.indices.get_alias(index=INDEX)[INDEX]["aliases"] == {"current": {"is_write_index": True}}


def _templates(client: Elasticsearch) -> None:
    client.cluster.put_component_template(name="dated", template={"mappings": {"properties": {"at": {"type": "date"}}}})
    client.indices.put_index_template(
        name="notes",
        index_patterns=["notes-*"],
        priority=10,
        composed_of=["dated"],
        template={"settings": ONE_SHARD, "aliases": {"notes": {}}},
    )
    client.index(index="notes-1", document={"at": "2026-05-05", "text": "a note"}, refresh=True)
    assert client.indices.get_mapping(index="notes-1")["notes-1"]["mappings"]["properties"]["at"] == {"type": "date"}
    assert client.search(index="notes")["hits"]["total"]["value"] == 1
    client.indices.delete_index_template(name="notes")
    client.cluster.delete_component_template(name="dated")


def _cat(client: Elasticsearch) -> None:
    rows: Any = client.cat.indices(index=INDEX, format="json").body
    assert rows[0]["docs.count"] == str(COUNT - 1)
    assert client.indices.stats(index=INDEX)["indices"][INDEX]["primaries"]["docs"]["count"] == COUNT - 1
    resolved = client.indices.resolve_index(name=f"{INDEX},notes-*")["indices"]
    assert [one["name"] for one in resolved] == ["notes-1", INDEX]


def _end(client: Elasticsearch) -> None:
    client.indices.flush(index=INDEX)
    client.indices.refresh(index=INDEX)
    for index in (INDEX, "notes-1"):
        assert client.indices.delete(index=index)["acknowledged"]
    _raises(NotFoundError, lambda: client.search(index=INDEX))


STEPS: tuple[Callable[[Elasticsearch], None], ...] = (
    _info, _create, _documents, _bulk, _search, _scroll, _point_in_time, _aliases, _templates, _cat, _end,
)  # fmt: skip


def _raises(kind: type[Exception], call: Callable[[], object]) -> None:
    try:
        call()
    except kind:
        return
    raise AssertionError(f"nothing raised {kind.__name__}")


def main(url: str, trust: str, user: str, password: str) -> None:
    """Drive the client of this interpreter's path against a node."""
    with Elasticsearch(url, ca_certs=trust, basic_auth=(user, password), max_retries=0, request_timeout=60) as client:
        sys.stdout.write(", ".join(drive(client)))


if __name__ == "__main__":
    main(*sys.argv[1:])
