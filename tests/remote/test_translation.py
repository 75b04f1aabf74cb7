"""A search that travels to another cluster means the same there, and its result means the same when it is back."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import Pipeline
from isthmus.query.body import parse_search
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.search_request import SearchRequest
from isthmus.query.tree import QueryString
from isthmus.remote.incoming.bodies import body_json
from isthmus.remote.outgoing.sources import source_of
from isthmus.wire.layouts import Named, UnsupportedError
from isthmus.wire.search.queries import QUERY
from isthmus.wire.search.source import SOURCE
from tests.remote.bodies import bodies
from tests.wire.search_messages import RECORDED, layout_of

NOT_SUPPORTED = {384: r"the query \[nested\] is not supported by this cluster"}


def parsed(body: Any, parameters: dict[str, str] | None = None) -> SearchRequest:
    return parse_search(body, partial(parse_query, bounds=Bounds()), parameters or {})


def travelled(body: dict[str, Any], **parameters: str) -> SearchRequest:
    """What the other side understands of a request."""
    sent = SOURCE.encode(source_of(body, parsed(body, parameters), parameters))
    return parsed(json.loads(body_json(SOURCE.decode(sent))))


@pytest.mark.parametrize("body", list(bodies()), ids=lambda body: json.dumps(body)[:60])
def test_a_search_means_the_same_over_there(body: dict[str, Any]) -> None:
    here, there = parsed(body), travelled(body)
    page = here.from_ + here.size
    assert (there.from_, there.size) == (0, page)
    for name in SearchRequest.__dataclass_fields__:
        if name not in ("from_", "size", "meta", "source_given"):
            assert getattr(there, name) == getattr(here, name), name


def test_the_query_of_the_url_is_sent() -> None:
    there = travelled({}, q="msg:hello", default_operator="and", df="msg").query
    assert isinstance(there, QueryString)
    assert (there.query, there.default_operator, there.fields) == ("msg:hello", "and", (("msg", 1.0),))


def test_pipelines_are_computed_here() -> None:
    body = {
        "size": 0,
        "aggs": {
            "days": {"date_histogram": {"field": "ts", "fixed_interval": "1d"}, "aggs": {"m": {"sum": {"field": "n"}}}},
            "best": {"max_bucket": {"buckets_path": "days>m"}},
        },
    }
    assert any(isinstance(one.body, Pipeline) for one in parsed(body).aggregations)
    assert [one.name for one in travelled(body).aggregations] == ["days"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"aggs": {"a": {"cardinality": {"field": "kw"}}}}, "cardinality"),
        ({"aggs": {"a": {"terms": {"field": "kw"}, "aggs": {"b": {"top_hits": {}}}}}}, "top_hits"),
        ({"profile": True}, "profile"),
        ({"pit": {"id": "abcd"}}, "point in time"),
    ],
)
def test_what_cannot_be_merged_across_clusters_is_refused_by_name(body: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        travelled(body)


@pytest.mark.parametrize(
    "recorded",
    [one for one in RECORDED if one["dir"] == "->" and one["action"] == "indices:data/read/search"],
    ids=lambda one: str(one["rid"]),
)
def test_a_recorded_search_of_elasticsearch_is_understood_or_told_by_name(recorded: dict[str, Any]) -> None:
    request = layout_of(recorded).decode(bytes.fromhex(recorded["body"]))
    if recorded["rid"] in NOT_SUPPORTED:
        with pytest.raises(UnsupportedError, match=NOT_SUPPORTED[recorded["rid"]]):
            body_json(request["source"])
        return
    body = body_json(request["source"])
    assert parsed(json.loads(body) if body else {}).size >= 0


def test_a_query_that_has_no_counterpart_is_refused_by_name() -> None:
    inner = Named("match_all", {"boost": 1.0, "_name": None})
    query = Named(
        "nested",
        {"boost": 1.0, "_name": None, "path": "p", "score_mode": "avg", "query": inner}
        | {"inner_hits": None, "ignore_unmapped": False},
    )
    source = source_of({}, parsed({}), {}) | {"queries": [QUERY.decode(QUERY.encode(query))]}
    with pytest.raises(UnsupportedError, match=r"the query \[nested\] is not supported by this cluster"):
        body_json(source)
