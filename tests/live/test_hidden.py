"""Documents and fields that somebody may not see: no door of a live node tells of them, in whatever way it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch

from isthmus.demo.nodes import NodeProcess
from tests.live.hidden import ALIAS, PEOPLE, PERSONS, SECRET, WHOLE, comparable, fill, told, twin, user
from tests.live.site import OWNER, SOON, Site

Clients = dict[str, Elasticsearch]
ALL: dict[str, Any] = {"match_all": {}}
SORTED: dict[str, Any] = {"sort": ["n"]}


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    node = shared_site.start(OWNER)
    shared_site.wait_for_members(node, OWNER)
    with shared_site.client(node) as elastic:
        fill(elastic)
    return node


@pytest.fixture(scope="module")
def clients(shared_site: Site, node: NodeProcess) -> Iterator[Clients]:
    """A client of each person, and of a superuser."""

    def client(**given: Any) -> Elasticsearch:
        ca = str(shared_site.root / "ca.crt")
        return Elasticsearch(f"https://{node.http}", ca_certs=ca, max_retries=0, request_timeout=SOON, **given)

    made: Clients = {"elastic": shared_site.client(node)}
    for name, person in PERSONS.items():
        made[name] = client(basic_auth=(user(name), SECRET))
        if person.key is not None:
            key = made[name].security.create_api_key(name="key", role_descriptors={"own": {"indices": [person.key]}})
            made[name].close()
            made[name] = client(api_key=key["encoded"])
    yield made
    for one in made.values():
        one.close()


def query(given: Any) -> dict[str, Any]:
    return {"query": given, **SORTED}


def aggregation(given: Any, **inner: Any) -> dict[str, Any]:
    return {"size": 0, "aggs": {"found": {**given, **({"aggs": inner} if inner else {})}}}


SEARCHES: dict[str, dict[str, Any]] = {
    "everything": SORTED,
    "best first": {"query": {"constant_score": {"filter": ALL}}, "sort": ["_score", "n"]},
    "term": query({"term": {"secret": "secret-3"}}),
    "terms": query({"terms": {"secret": ["secret-1", "secret-3"]}}),
    "term of a number": query({"term": {"pay": 1001}}),
    "prefix": query({"prefix": {"secret": "secret"}}),
    "wildcard": query({"wildcard": {"secret": "*cret-*"}}),
    "regexp": query({"regexp": {"secret": "secret-[0-9]"}}),
    "fuzzy": query({"fuzzy": {"secret": "secret-x"}}),
    "range": query({"range": {"pay": {"gte": 1002}}}),
    "range of dates": query({"range": {"born": {"lt": "1990-05-01"}}}),
    "exists": query({"exists": {"field": "secret"}}),
    "exists of a text": query({"exists": {"field": "hush"}}),
    "exists below an object": query({"exists": {"field": "obj"}}),
    "exists of one below": query({"exists": {"field": "obj.closed"}}),
    "match": query({"match": {"hush": "number"}}),
    "match phrase": query({"match_phrase": {"hush": "hush number"}}),
    "match phrase prefix": query({"match_phrase_prefix": {"hush": "hush num"}}),
    "match in a multi-field": query({"match": {"secret.words": "secret"}}),
    "multi match": query({"multi_match": {"query": "secret-3 number fox", "fields": ["*"], "lenient": True}}),
    "cross fields": query({"multi_match": {"query": "number fox", "fields": ["hush", "text"], "type": "cross_fields"}}),
    "query string": query({"query_string": {"query": "number OR secret-3 OR dog"}}),
    "query string of a field": query({"query_string": {"query": "secret:secret-3 OR hush:number OR _exists_:pay"}}),
    "simple query string": query({"simple_query_string": {"query": "number | secret-3 | dog"}}),
    "ids": query({"ids": {"values": ["1", "3", "5"]}}),
    "not": query({"bool": {"must_not": {"exists": {"field": "secret"}}}}),
    "alias field": query({"term": {"also": "secret-3"}}),
    "constant": query({"term": {"same": "constant"}}),
    "flattened": query({"term": {"flat.b": "b-1"}}),
    "flattened as a whole": query({"term": {"flat": "b-1"}}),
    "flattened, a key": query({"exists": {"field": "flat.a"}}),
    "terms lookup": query({"terms": {"n": {"index": "INDEX", "id": "3", "path": "n"}}}),
    "terms lookup of a field": query({"terms": {"pay": {"index": "INDEX", "id": "1", "path": "pay"}}}),
    "post filter": {"post_filter": {"term": {"secret": "secret-1"}}, **SORTED},
    "named": query({"bool": {"should": [{"term": {"secret": {"value": "secret-1", "_name": "s"}}}, ALL]}}),
    "sort": {"sort": [{"secret": "desc"}, "n"]},
    "sort of numbers": {"sort": [{"pay": "desc"}, "n"]},
    "sort with missing": {"sort": [{"pay": {"order": "asc", "missing": "_first"}}, "n"]},
    "search after": {"sort": [{"pay": "asc"}, "n"], "search_after": [1003, 3]},
    "collapse": {"collapse": {"field": "team"}, **SORTED},
    "collapse by a field": {"collapse": {"field": "secret"}, "size": 1, **SORTED},
    "fields": {
        "fields": ["secret*", "hush*", "*ay", "born", "same", "also", "obj.*", "list.*", "t*", "n"],
        "_source": False, **SORTED,
    },
    "docvalue fields": {"docvalue_fields": ["secret", "pay", "born", "hush.raw", "n"], "_source": False, **SORTED},
    "source": {"_source": ["secret", "obj", "list.closed", "n"], **SORTED},
    "highlight": {
        **query({"query_string": {"query": "number secret-3 fox", "lenient": True}}),
        "highlight": {"fields": {"*": {}}},
    },
    "highlight of any": {
        **query({"match": {"text": "fox number"}}),
        "highlight": {"require_field_match": False, "fields": {"hush": {"no_match_size": 50}, "text": {}}},
    },
    "min score": {**query({"constant_score": {"filter": {"exists": {"field": "pay"}}}}), "min_score": 1},
    "agg terms": aggregation({"terms": {"field": "secret", "size": 100}}),
    "agg terms that no document has": aggregation({"terms": {"field": "secret", "min_doc_count": 0, "size": 100}}),
    "agg teams that no document has": aggregation({"terms": {"field": "team", "min_doc_count": 0}}),
    "agg terms within none": {
        "query": {"match_none": {}}, **aggregation({"terms": {"field": "pay", "min_doc_count": 0, "size": 100}}),
    },
    "agg terms with missing": aggregation({"terms": {"field": "secret", "missing": "secret-3"}}),
    "agg missing": aggregation({"missing": {"field": "secret"}}),
    "agg cardinality": aggregation({"cardinality": {"field": "secret"}}),
    "agg count": aggregation({"value_count": {"field": "secret"}}),
    "agg stats": aggregation({"extended_stats": {"field": "pay"}}),
    "agg percentiles": aggregation({"percentiles": {"field": "pay"}}),
    "agg histogram": aggregation({"histogram": {"field": "pay", "interval": 2}}),
    "agg empty histogram": aggregation({"histogram": {"field": "n", "interval": 1, "min_doc_count": 0}}),
    "agg date histogram": aggregation({"date_histogram": {"field": "born", "calendar_interval": "month"}}),
    "agg range": aggregation({"range": {"field": "pay", "ranges": [{"to": 1004}, {"from": 1004}]}}),
    "agg filter": aggregation({"filter": {"term": {"secret": "secret-3"}}}),
    "agg filters": aggregation({"filters": {"filters": {"a": {"exists": {"field": "hush"}}}, "other_bucket": True}}),
    "agg global": aggregation({"global": {}}, teams={"terms": {"field": "team"}}, pay={"sum": {"field": "pay"}}),
    "agg composite": aggregation({"composite": {"sources": [{"s": {"terms": {"field": "secret"}}}]}}),
    "agg composite of missing": aggregation(
        {"composite": {"sources": [{"s": {"terms": {"field": "secret", "missing_bucket": True}}}]}}
    ),
    "agg top hits": aggregation({"terms": {"field": "team"}}, top={"top_hits": {"sort": ["n"], "size": 9}}),
    "agg of a constant": aggregation({"terms": {"field": "same"}}),
    "agg flattened": aggregation({"terms": {"field": "flat.b"}}),
}  # fmt: skip


def searched(body: dict[str, Any]) -> Callable[[Elasticsearch, str], Any]:
    def search(client: Elasticsearch, index: str) -> Any:
        return client.search(index=index, **json.loads(json.dumps(body).replace("INDEX", index)))

    return search


def scrolled(client: Elasticsearch, index: str) -> Any:
    page = client.search(
        index=index, scroll="1m", size=2, sort=["secret", "n"], aggs={"t": {"terms": {"field": "team"}}}
    )
    pages = [page.body]
    while page["hits"]["hits"]:
        page = client.scroll(scroll_id=page["_scroll_id"])
        pages.append(page.body)
    client.clear_scroll(scroll_id=page["_scroll_id"])
    return pages


def in_point_in_time(client: Elasticsearch, index: str) -> Any:
    point = client.open_point_in_time(index=index, keep_alive="1m")["id"]
    answer = client.search(pit={"id": point}, query={"exists": {"field": "n"}}, sort=[{"n": "desc"}]).body
    client.close_point_in_time(id=point)
    for hit in answer["hits"]["hits"]:
        del hit["sort"][1:]  # the place in the index
    return answer


def in_lines(client: Elasticsearch, index: str) -> Any:
    return client.msearch(searches=[{"index": index}, {"size": 9, **SORTED}, {"index": index}, SEARCHES["agg global"]])


def later(client: Elasticsearch, index: str) -> Any:
    answer = client.async_search.submit(
        index=index, keep_on_completion=True, wait_for_completion_timeout="9s", **SORTED
    )
    again = client.async_search.get(id=answer["id"])
    client.async_search.delete(id=answer["id"])
    return [answer.body, again.body]


def counted(client: Elasticsearch, index: str) -> Any:
    told = [client.count(index=index).body, client.count(index=index, query={"exists": {"field": "secret"}}).body]
    table = client.perform_request("GET", f"/_cat/count/{index}?h=count", headers={"accept": "text/plain"})
    return [*told, str(table.body).strip()]


def got(client: Elasticsearch, index: str) -> Any:
    answers = [told(partial(client.get, index=index, id=id_)) for id_ in PEOPLE]
    answers += [told(partial(client.get_source, index=index, id=id_)) for id_ in PEOPLE]
    answers += [bool(client.exists(index=index, id=id_)) for id_ in PEOPLE]
    answers += [told(partial(client.get, index=index, id="1", source_includes=["secret", "obj", "n"]))]
    return [*answers, told(partial(client.get, index=index, id="3", realtime=False))]


def got_many(client: Elasticsearch, index: str) -> Any:
    return client.mget(index=index, ids=[*PEOPLE, "none"])


def explained(client: Elasticsearch, index: str) -> Any:
    answers = []
    for id_ in PEOPLE:
        for asked in (ALL, {"term": {"secret": f"secret-{id_}"}}):
            answer = told(partial(client.explain, index=index, id=id_, query=asked, source=True))
            if isinstance(answer, dict):
                answer.pop("explanation", None)  # it tells how rare terms are
            answers.append(answer)
    return answers


DOORS: dict[str, Callable[[Elasticsearch, str], Any]] = {
    **{f"search: {name}": searched(body) for name, body in SEARCHES.items()},
    "scroll": scrolled,
    "point in time": in_point_in_time,
    "msearch": in_lines,
    "async search": later,
    "count": counted,
    "get": got,
    "mget": got_many,
    "explain": explained,
}
NAMES = {WHOLE: "", ALIAS: "-alias", "people-few": "-few", "peopl*": ""}
ONE_INDEX = ("get", "mget", "explain", "search: terms lookup", "search: terms lookup of a field")


@pytest.mark.parametrize("person", PERSONS)
@pytest.mark.parametrize("door", DOORS)
def test_what_one_is_told_is_what_there_would_be_if_there_were_no_more(
    clients: Clients, door: str, person: str
) -> None:
    for name, ending in NAMES.items():
        if "*" in name and door in ONE_INDEX:
            continue  # they take the name of one index
        part = twin(person) + ending
        of_whole, of_part = (
            told(partial(DOORS[door], client, index))
            for client, index in ((clients[person], name), (clients["elastic"], part))
        )
        assert comparable(of_whole, twin(person)) == comparable(of_part, twin(person)), name


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ApiError) as found:
        call()
    body: Any = found.value.body
    return found.value.status_code, body["error"]["reason"]


UPDATE = "Can't execute an update request if field or document level security is enabled"
IN_BULK = (
    "Can't execute a bulk item request with update requests embedded if field or document level security is enabled"
)


@pytest.fixture(scope="module")
def writer(shared_site: Site, node: NodeProcess, clients: Clients) -> Iterator[Elasticsearch]:
    """Somebody who may write everything in an index, and reads a part of it."""
    elastic = clients["elastic"]
    for index in ("ledger", "tidy"):
        elastic.index(index=index, id="1", document={"n": 1, "hidden": "x"}, refresh=True)
        elastic.index(index=index, id="2", document={"n": 2, "hidden": "y"}, refresh=True)
    reads = {"names": ["ledger"], "privileges": ["read"]}
    elastic.security.put_role(
        name="writer",
        indices=[
            {**reads, "query": {"term": {"n": 1}}, "field_security": {"grant": ["n"]}},
            {"names": ["ledger", "free"], "privileges": ["write", "manage"]},
            {"names": ["free"], "privileges": ["read"]},
            {"names": ["tidy"], "privileges": ["all"], "query": {"term": {"n": 1}}},
            {"names": ["copy"], "privileges": ["all"]},
        ],
    )
    elastic.security.put_user(username="writer", password=SECRET, roles=["writer"])
    ca = str(shared_site.root / "ca.crt")
    with Elasticsearch(
        f"https://{node.http}", ca_certs=ca, basic_auth=("writer", SECRET), max_retries=0, request_timeout=SOON
    ) as client:
        yield client


def test_an_update_would_read_what_is_hidden_and_is_refused(writer: Elasticsearch) -> None:
    for id_ in ("1", "2"):
        assert refused(partial(writer.update, index="ledger", id=id_, doc={"n": 1})) == (400, UPDATE)
    told = writer.bulk(index="ledger", operations=[{"update": {"_id": "1"}}, {"doc": {}}, {"create": {"_id": "3"}}, {}])
    assert [next(iter(one.values()))["status"] for one in told["items"]] == [400, 201]
    assert told["items"][0]["update"]["error"]["reason"] == IN_BULK
    status, reason = refused(lambda: writer.update_by_query(index="ledger"))
    assert (status, "field level security" in reason) == (400, True)


def test_an_alias_would_show_what_is_hidden_and_is_refused(writer: Elasticsearch) -> None:
    status, reason = refused(lambda: writer.indices.put_alias(index="ledger", name="free"))
    assert (status, reason) == (
        400,
        "Alias requests are not allowed for users who have field or document level security enabled on one of the "
        "indices",
    )


def test_a_search_is_profiled_only_where_all_documents_are_seen(clients: Clients) -> None:
    told = "A search request cannot be profiled if document level security is enabled"
    asked: dict[str, Any] = {"index": WHOLE, "profile": True}
    assert refused(lambda: clients["documents"].search(**asked)) == (400, told)
    assert refused(lambda: clients["documents"].search(**asked, scroll="1m")) == (400, told)
    point = clients["documents"].open_point_in_time(index=WHOLE, keep_alive="1m")["id"]
    assert refused(lambda: clients["documents"].search(pit={"id": point}, profile=True)) == (400, told)
    later = clients["documents"].async_search
    assert refused(lambda: later.submit(**asked, wait_for_completion_timeout="9s")) == (400, told)
    answer = clients["documents"].msearch(searches=[{"index": WHOLE}, {"profile": True}])["responses"][0]
    assert (answer["status"], answer["error"]["reason"]) == (400, told)
    assert "profile" in clients["fields"].search(**asked)


def test_a_query_that_is_validated_tells_no_terms_of_hidden_documents(clients: Clients) -> None:
    for asked in ({"fuzzy": {"secret": "secret-x"}}, {"prefix": {"secret": "sec"}}, {"match": {"hush": "number"}}):
        for person in ("documents", "fields", "both", "none"):
            answer = clients[person].indices.validate_query(index=WHOLE, query=asked, explain=True)
            assert answer["valid"] is True
            shown = json.dumps(answer["explanations"])
            assert not [n for n in PEOPLE if f"secret-{n}" in shown], shown
    seen, unseen = (
        clients["documents"].indices.validate_query(index=WHOLE, query={"term": {"secret": one}}, explain=True)
        for one in ("secret-3", "secret-0")
    )
    assert json.dumps(seen.body).replace("secret-3", "secret-0") == json.dumps(unseen.body)


def test_what_is_not_yet_visible_to_searches_is_got_by_those_who_may_see_it(clients: Clients) -> None:
    elastic, red = clients["elastic"], clients["documents"]
    try:
        for team, found in (("red", True), ("blue", False), ("red", True), ("green", False)):
            elastic.index(index=WHOLE, id="new", document={"team": team})
            assert bool(red.exists(index=WHOLE, id="new")) is found
            assert red.mget(index=WHOLE, ids=["new", "1"])["docs"][0]["found"] is found
    finally:
        elastic.delete(index=WHOLE, id="new", refresh=True)


def test_mappings_and_capabilities_leave_out_fields_that_are_not_seen(clients: Clients) -> None:
    client = clients["fields"]
    expected = {"team", "n", "price", "day", "text", "flat", "obj", "list"}
    for answer in (client.indices.get_mapping(index=ALIAS), client.indices.get(index=ALIAS)):
        assert set(answer[WHOLE]["mappings"]["properties"]) == expected
        assert answer[WHOLE]["mappings"]["properties"]["obj"] == {"properties": {"open": {"type": "keyword"}}}
    fields = client.indices.get_field_mapping(index=WHOLE, fields="*")[WHOLE]["mappings"]
    assert set(fields) == expected - {"obj", "list"} | {"obj.open", "list.open"}
    caps = client.field_caps(index="peopl*", fields=["*"])["fields"]
    assert set(caps) == expected | {"obj.open", "list.open"}
    assert client.field_caps(index=WHOLE, fields=["secret", "obj.closed"])["fields"] == {}


def test_a_flattened_field_is_seen_as_a_whole_only_if_all_of_it_is(clients: Clients) -> None:
    asked = aggregation({"terms": {"field": "flat"}})
    for person in ("fields", "both"):
        assert clients[person].search(index=WHOLE, **asked)["aggregations"]["found"]["buckets"] == []
        assert clients[person].count(index=WHOLE, query={"term": {"flat": "a-1"}})["count"] == 0
        assert clients[person].count(index=WHOLE, query={"term": {"flat.a": "a-1"}})["count"] == 1
    assert len(clients["lifted"].search(index=WHOLE, **asked)["aggregations"]["found"]["buckets"]) == 10


def test_an_answer_that_is_remembered_is_remembered_for_those_alone_who_see_the_same(clients: Clients) -> None:
    asked = aggregation({"terms": {"field": "team"}}) | {"query": {"match": {"text": "fox"}}}
    for _ in range(3):
        found = {name: clients[name].search(index=WHOLE, **asked)["hits"]["total"]["value"] for name in PERSONS}
        assert found == {name: sum("fox" in one["text"] for one in PERSONS[name].seen().values()) for name in PERSONS}


def test_documents_are_copied_and_deleted_as_far_as_they_are_seen(writer: Elasticsearch, clients: Clients) -> None:
    writer.reindex(source={"index": "ledger"}, dest={"index": "copy"}, refresh=True)
    copied = clients["elastic"].search(index="copy")["hits"]["hits"]
    assert [(one["_id"], one["_source"]) for one in copied] == [("1", {"n": 1})]
    assert writer.delete_by_query(index="tidy", query=ALL, refresh=True)["deleted"] == 1
    assert [one["_id"] for one in clients["elastic"].search(index="tidy")["hits"]["hits"]] == ["2"]


def test_what_somebody_keeps_open_is_nobody_elses(clients: Clients) -> None:
    mine, other = clients["lifted"], clients["documents"]
    scroll = mine.search(index=WHOLE, scroll="1m", size=1)["_scroll_id"]
    assert refused(lambda: other.scroll(scroll_id=scroll))[0] == 404
    assert len(mine.scroll(scroll_id=scroll)["hits"]["hits"]) == 1
    kept = mine.async_search.submit(index=WHOLE, keep_on_completion=True, wait_for_completion_timeout="9s")["id"]
    assert refused(lambda: other.async_search.get(id=kept))[0] == 404
    assert refused(lambda: other.async_search.status(id=kept))[0] == 404
    assert refused(lambda: other.async_search.delete(id=kept))[0] == 404
    mine.async_search.delete(id=kept)
    point = mine.open_point_in_time(index=ALIAS, keep_alive="1m")["id"]
    of_other = other.search(pit={"id": point}, sort=["n"])["hits"]["hits"]
    assert {one["_source"]["team"] for one in of_other} == {"red"}  # as Elasticsearch: by the rights of who asks


def test_a_role_that_changes_hides_more_at_once(clients: Clients) -> None:
    elastic = clients["elastic"]
    red, blue = (
        {"names": [WHOLE], "privileges": ["read"], "query": {"term": {"team": one}}} for one in ("red", "blue")
    )
    elastic.security.put_role(name="changing", indices=[red])
    elastic.security.put_user(username="changing", password=SECRET, roles=["changing"])
    client = clients["documents"].options(basic_auth=("changing", SECRET))
    scroll = client.search(index=WHOLE, scroll="1m", size=1, sort=["n"])["_scroll_id"]
    elastic.security.put_role(name="changing", indices=[blue])
    assert {one["_source"]["team"] for one in client.search(index=WHOLE)["hits"]["hits"]} == {"blue"}
    assert {one["_source"]["team"] for one in client.scroll(scroll_id=scroll)["hits"]["hits"]} <= {"blue"}


def test_an_alias_shows_what_is_granted_of_it_and_names_together_what_any_of_them_shows(clients: Clients) -> None:
    elastic = clients["elastic"]
    group = {"privileges": ["read"]}
    elastic.security.put_role(
        name="two-names",
        indices=[
            {**group, "names": [WHOLE], "query": {"term": {"team": "red"}}},
            {**group, "names": [ALIAS], "query": {"term": {"team": "blue"}}},
        ],
    )
    elastic.security.put_user(username="two-names", password=SECRET, roles=["two-names"])
    client = clients["documents"].options(basic_auth=("two-names", SECRET))

    def teams(index: str) -> set[str]:
        return {one["_source"]["team"] for one in client.search(index=index)["hits"]["hits"]}

    assert [teams(WHOLE), teams(ALIAS)] == [{"red"}, {"blue"}]
    assert [teams(f"{WHOLE},{ALIAS}"), teams("*")] == [{"red", "blue"}] * 2
    assert [bool(client.exists(index=name, id="3")) for name in (WHOLE, ALIAS)] == [False, True]


BAD_QUERIES: list[Any] = [
    "{",
    "[]",
    "{}",
    {"nope": {}},
    {"terms": {"team": {"index": WHOLE, "id": "1", "path": "team"}}},
    {"bool": {"filter": [{"terms": {"team": {"index": WHOLE, "id": "1", "path": "team"}}}]}},
    {"has_child": {"type": "a", "query": ALL}},
    {"template": {}},
    {"template": {"id": "stored"}},
    {"template": {"source": "{{>partial}}"}},
    {"template": {"source": "{{{_user.username}}}"}},
    {"template": {"source": "{{#_user.roles}}{{.}}{{/_user.roles}}"}},
    {"template": {"source": "{{_user.password}}"}},
]


@pytest.mark.parametrize("query", BAD_QUERIES, ids=json.dumps)
def test_a_role_query_that_cannot_be_run_is_refused_when_the_role_is_put(clients: Clients, query: Any) -> None:
    group = {"names": [WHOLE], "privileges": ["read"], "query": query}
    status, reason = refused(lambda: clients["elastic"].security.put_role(name="bad", indices=[group]))
    assert (status, "[bad]" in reason) == (400, True), reason


def test_a_template_that_makes_no_query_for_somebody_shows_him_nothing(clients: Clients) -> None:
    elastic = clients["elastic"]
    group = {
        "names": [WHOLE],
        "privileges": ["read"],
        "query": {"template": {"source": '{"term":{{_user.full_name}}}'}},
    }
    elastic.security.put_role(name="broken", indices=[group])
    elastic.security.put_user(username="broken", password=SECRET, roles=["broken"])
    client = clients["documents"].options(basic_auth=("broken", SECRET))
    for call in (client.search, client.count, partial(client.get, id="1")):
        assert refused(partial(call, index=WHOLE))[0] == 400
