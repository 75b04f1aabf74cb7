"""What somebody is told who sees a part is what there would be if there were nothing else: for random documents, roles
and requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isthmus.index.fetching.visible_source import visible_source
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.index.searching.search_view import Asked, ViewSearch
from isthmus.index.shard.views import View
from isthmus.query.dates import RequestDates
from isthmus.query.parsing import Bounds
from isthmus.query.partial import PartialResult
from isthmus.search.call import SearchCall
from isthmus.search.parsing import parsed_search
from isthmus.search.response import answer as told_of
from isthmus.security.acting import Acting, acting, acting_as, doing
from isthmus.security.authorization.access import IndexAccess
from isthmus.security.authorization.limits import Limits, limits_of
from isthmus.security.authorization.permission import user_permission
from isthmus.security.roles.descriptor import FieldSecurity
from isthmus.security.roles.parsing import parse_role
from isthmus.security.roles.queries import parse_role_query
from isthmus.security.subject import User
from tests.index.projection.query_model import matches
from tests.index.projection.small_index import NOW, SmallIndex, small_index
from tests.search.site import Site, ids, seen

Document = dict[str, list[Any]]
PROPERTIES = {"k": {"type": "keyword"}, "l": {"type": "keyword"}, "n": {"type": "long"}, "m": {"type": "long"}}
VALUES: Mapping[str, list[Any]] = {"k": ["a", "b", "c"], "l": ["a", "x"], "n": [1, 2, 3], "m": [1, 9]}
FIELDS = st.sampled_from(sorted(PROPERTIES))
USER = User(username="jo")
SEARCH = "indices:data/read/search"


@st.composite
def leaves(draw: st.DrawFn) -> Any:
    field = draw(FIELDS)
    value = draw(st.sampled_from(VALUES[field]))
    return draw(
        st.sampled_from(
            [
                {"term": {field: value}},
                {"terms": {field: VALUES[field][:2]}},
                {"range": {field: {"gte": value}}},
                {"exists": {"field": field}},
                {"match_all": {}},
            ]
        )
    )


def queries() -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves(),
        lambda inner: st.builds(
            lambda kind, parts: {"bool": {kind: parts}},
            st.sampled_from(["filter", "must", "should", "must_not"]),
            st.lists(inner, min_size=1, max_size=2),
        ),
        max_leaves=4,
    )


def documents() -> st.SearchStrategy[list[Document]]:
    some = {name: st.lists(st.sampled_from(values), min_size=1, max_size=2) for name, values in VALUES.items()}
    return st.lists(st.fixed_dictionaries({}, optional=some), min_size=1, max_size=8)


def accesses() -> st.SearchStrategy[IndexAccess]:
    """Layers of several roles each, as of an API key and its owner."""
    texts = queries().map(json.dumps)
    granted = st.lists(FIELDS, max_size=3, unique=True).map(lambda names: FieldSecurity(grant=tuple(names)))
    excluded = st.lists(FIELDS, max_size=2, unique=True).map(lambda names: FieldSecurity(excluded=tuple(names)))
    of_documents = st.lists(st.lists(texts, max_size=2).map(tuple), max_size=2).map(tuple)
    of_fields = st.lists(st.lists(granted | excluded, max_size=2).map(tuple), max_size=2).map(tuple)
    return st.builds(IndexAccess, of_documents, of_fields).filter(lambda one: bool(one.documents or one.fields))


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    sort = draw(st.lists(FIELDS, max_size=2, unique=True))
    direction = draw(st.sampled_from(["asc", "desc"]))
    field, other = draw(FIELDS), draw(FIELDS)
    least = draw(st.sampled_from([0, 1]))
    aggregations: dict[str, Any] = {
        "terms": {"terms": {"field": field, "min_doc_count": least}, "aggs": {"in": {"value_count": {"field": other}}}},
        "missing": {"missing": {"field": field}},
        "distinct": {"cardinality": {"field": other}},
        "all": {"global": {}, "aggs": {"of": {"terms": {"field": other, "min_doc_count": least}}}},
        "sum": {"stats": {"field": draw(st.sampled_from(["n", "m"]))}},
        "pages": {"composite": {"sources": [{"p": {"terms": {"field": field, "missing_bucket": True}}}]}},
        "chosen": {"filter": draw(queries())},
    }
    body: dict[str, Any] = {
        "query": {"constant_score": {"filter": draw(queries())}},
        "sort": [*({name: direction} for name in sort), "_doc"],
        "fields": ["*"],
        "docvalue_fields": ["k", "m"],
        "aggs": {name: aggregations[name] for name in draw(st.sets(st.sampled_from(sorted(aggregations))))},
    }
    if draw(st.booleans()):
        body["post_filter"] = draw(queries())
    return body


def sees(access: IndexAccess, id_: str, document: Document) -> bool:
    """Whether a document is seen, by the plainest evaluation."""
    groups = [[parse_role_query(query) for query in group] for group in access.documents]
    return all(any(matches(query, id_, document) for query in group) for group in groups)


def answer(index: SmallIndex, stored: Sequence[StoredDocument], body: Any, limits: Limits | None = None) -> Any:
    """What is told, by the ids of the hits: the places in the indices differ."""
    request = parsed_search(json.dumps(body).encode(), {}, Bounds()).request
    described = IndexMetadata(name="things", uuid="u", node="one", creation_date=0)
    by_number = {one.seq_no: one for one in stored}
    view = View("1", index.reading(), index.mapping)
    search = ViewSearch(described, view, lambda numbers: {one: by_number[one] for one in numbers}, NOW, limits)
    found: PartialResult = search.search(Asked(request=request, now=NOW, count=100))
    keys = len(request.sort) - 1
    hits = [(one.id, one.sort[:keys], json.loads(one.source or b"{}"), one.fields) for one in found.hits]
    told = told_of(
        request, found, took=0, dates=RequestDates(NOW), max_buckets=1000, typed_keys=False, total_as_int=False
    )
    return found.total, hits, told.get("aggregations")


def filled(index: SmallIndex, documents: Mapping[str, Any]) -> list[StoredDocument]:
    stored = []
    for place, (id_, document) in enumerate(documents.items()):
        index.write(id_, document)
        stored.append(StoredDocument(id=id_, seq_no=place, version=1, source=json.dumps(document).encode()))
    index.projection.commit()
    return stored


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), accesses(), st.lists(requests(), min_size=4, max_size=6))
def test_who_sees_a_part_is_told_what_a_part_alone_would_tell(
    given_documents: list[Document], access: IndexAccess, asked: list[dict[str, Any]]
) -> None:
    whole = {str(place): document for place, document in enumerate(given_documents)}
    part = {
        id_: json.loads(visible_source(json.dumps(document).encode(), access))
        for id_, document in whole.items()
        if sees(access, id_, document)
    }
    limits = limits_of(access, USER)
    assert limits is not None
    with ExitStack() as stack:
        of_all, of_some = (stack.enter_context(small_index(PROPERTIES)) for _ in range(2))
        stored, seen = filled(of_all, whole), filled(of_some, part)
        for body in asked:
            assert answer(of_all, stored, body, limits) == answer(of_some, seen, body), body


@pytest.mark.parametrize("holder", ["one", "two"])
async def test_who_sees_a_part_is_told_the_same_whichever_node_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holder: str
) -> None:
    site = Site(tmp_path)
    index = await site.index("logs", {"1": {"n": 1, "s": "x"}, "2": {"n": 2, "s": "y"}}, node=holder)
    part = {"term": {"n": 1}}
    group = {"names": ["*"], "privileges": ["read"], "query": part, "field_security": {"grant": ["n"]}}
    permission = user_permission([parse_role("r", {"indices": [group]})])
    with monkeypatch.context() as limited, acting_as(Acting(acting().authentication, permission, SEARCH)):
        limited.setattr(site.network, "permissions", lambda _who: permission)
        found = seen(await site.one.search.search(SearchCall(indices="logs")))
        assert [(hit["_id"], hit["_source"]) for hit in found["hits"]["hits"]] == [("1", {"n": 1})]
        with doing("indices:data/read/get"):
            one, other = await site.one.documents.get(index, ["1", "2"])
        assert (one is not None and json.loads(one.source), other) == ({"n": 1}, None)
    assert ids(seen(await site.one.search.search(SearchCall(indices="logs")))) == ["1", "2"]
    await site.close()


@pytest.fixture
def index() -> Iterator[SmallIndex]:
    with small_index({"k": {"type": "keyword"}, "t": {"type": "text"}}) as made:
        yield made


def test_a_role_query_may_be_about_a_field_that_is_hidden(index: SmallIndex) -> None:
    stored = filled(index, {"1": {"k": "a", "t": "one"}, "2": {"k": "b", "t": "two"}})
    limits = limits_of(IndexAccess((('{"term": {"k": "a"}}',),), ((FieldSecurity(grant=("t",)),),)), USER)
    assert answer(index, stored, {"sort": ["_doc"]}, limits)[1] == [("1", (), {"t": "one"}, None)]
    assert answer(index, stored, {"query": {"term": {"k": "a"}}, "sort": ["_doc"]}, limits)[0] == 0
