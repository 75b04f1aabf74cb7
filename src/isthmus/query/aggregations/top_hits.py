"""The best hits of each bucket, from JSON.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-metrics-top-hits-aggregation.html
"""

from __future__ import annotations

from typing import Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import TopHits
from isthmus.query.aggregations.buckets import ParseQuery
from isthmus.query.highlight_parsing import parse_highlight
from isthmus.query.json_object import JsonObject
from isthmus.query.shown_parsing import parse_fields, parse_source
from isthmus.query.sort_parsing import parse_sort
from isthmus.query.source_filter import SourceFilter

MAX_WINDOW: Final = 100


def parse_top_hits(json: JsonObject, parse_query: ParseQuery) -> TopHits:
    """Return how many hits, in which order, showing what. Raises a UsageError that names what is wrong."""
    json.refuse("explain", "script_fields", "stored_fields", "track_scores")
    size, from_ = json.integer("size", 3), json.integer("from", 0)
    if from_ + size > MAX_WINDOW:
        raise UsageError(
            "Top hits result window is too large, the top hits aggregator's from + size must be less than or equal to: "
            f"[{MAX_WINDOW}] but was [{from_ + size}]"
        )
    return TopHits(
        size=size,
        from_=from_,
        sort=json.read("sort", parse_sort, ()),
        source=json.read("_source", parse_source, SourceFilter()),
        docvalue_fields=json.read("docvalue_fields", lambda value: parse_fields(value, "docvalue_fields"), ()),
        fields=json.read("fields", lambda value: parse_fields(value, "fields"), ()),
        version=json.boolean("version", default=False),
        seq_no_primary_term=json.boolean("seq_no_primary_term", default=False),
        highlight=json.read("highlight", lambda value: parse_highlight(value, parse_query), ()),
    )
