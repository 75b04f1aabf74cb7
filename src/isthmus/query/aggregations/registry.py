"""Which aggregations there are, how each is read, and which of Elasticsearch's are refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from isthmus.query.aggregation_tree import Body
from isthmus.query.aggregations.buckets import (
    ParseQuery,
    parse_filter,
    parse_filters,
    parse_global,
    parse_missing,
    parse_range,
    parse_terms,
)
from isthmus.query.aggregations.composite import parse_composite
from isthmus.query.aggregations.histograms import parse_date_histogram, parse_histogram
from isthmus.query.aggregations.metrics import FORMATTED, parse_cardinality, parse_metric, parse_percentiles
from isthmus.query.aggregations.pipelines import parse_bucket_sort, parse_pipeline
from isthmus.query.aggregations.top_hits import parse_top_hits
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, did_you_mean, shown, token_of

SUPPORTED: Final[Mapping[str, Callable[[JsonObject], Body]]] = {
    "terms": parse_terms,
    "range": partial(parse_range, dates=False),
    "date_range": partial(parse_range, dates=True),
    "histogram": parse_histogram,
    "date_histogram": parse_date_histogram,
    "missing": parse_missing,
    "global": parse_global,
    "composite": parse_composite,
    **{kind: partial(parse_metric, kind) for kind in FORMATTED},
    "cardinality": parse_cardinality,
    "percentiles": parse_percentiles,
    "bucket_sort": parse_bucket_sort,
    "cumulative_sum": partial(parse_pipeline, "cumulative_sum"),
    "derivative": partial(parse_pipeline, "derivative"),
    "max_bucket": partial(parse_pipeline, "max_bucket"),
}
WITH_QUERIES: Final = ("filter", "filters", "top_hits")
PARTLY: Final[Mapping[str, tuple[str, ...]]] = {
    "terms": ("script", "shard_min_doc_count", "value_type"),
    "range": ("script",),
    "date_range": ("script",),
    "histogram": ("script",),
    "date_histogram": ("script",),
    "missing": ("script", "missing"),
    **dict.fromkeys(FORMATTED, ("script",)),
    "cardinality": ("script", "rehash"),
    "percentiles": ("script", "hdr"),
    "top_hits": ("explain", "script_fields", "stored_fields", "track_scores"),
}
"""The keys of Elasticsearch that the aggregations which are there refuse."""
_BY_QUERIES: Final[Mapping[str, Callable[[JsonObject, ParseQuery], Body]]] = {
    "filters": parse_filters,
    "top_hits": parse_top_hits,
}
# fmt: off
REFUSED: Final = (
    "adjacency_matrix", "auto_date_histogram", "avg_bucket", "boxplot", "bucket_correlation",
    "bucket_count_ks_test", "bucket_script", "bucket_selector", "categorize_text", "change_point", "children",
    "cumulative_cardinality", "diversified_sampler", "extended_stats_bucket", "frequent_item_sets", "geo_bounds",
    "geo_centroid", "geo_distance", "geo_line", "geohash_grid", "geohex_grid", "geotile_grid", "inference",
    "ip_prefix", "ip_range", "matrix_stats", "median_absolute_deviation", "min_bucket", "moving_fn",
    "moving_percentiles", "multi_terms", "nested", "normalize", "parent", "percentile_ranks", "percentiles_bucket",
    "random_sampler", "rare_terms", "rate", "reverse_nested", "sampler", "scripted_metric", "serial_diff",
    "significant_terms", "significant_text", "stats_bucket", "string_stats", "sum_bucket", "t_test", "time_series",
    "top_metrics", "variable_width_histogram", "weighted_avg",
)
# fmt: on


def parse_body(kind: str, value: Any, name: str, parse_query: ParseQuery) -> Body:
    """Return the body of an aggregation of type `kind`; `name` is for errors only.

    Raises ParsingError for a type that is unknown or not supported, a UsageError for what the body says wrong.
    """
    if kind in REFUSED:
        raise ParsingError(f"Aggregation type [{kind}] is not supported", where=f"aggregation [{shown(name)}]")
    if kind not in SUPPORTED and kind not in WITH_QUERIES:
        known = sorted([*SUPPORTED, *WITH_QUERIES])
        raise ParsingError(f"Unknown aggregation type [{shown(kind)}]{did_you_mean(kind, known)}")
    if not isinstance(value, Mapping):
        raise ParsingError(f"Expected [START_OBJECT] under [{kind}], but got a [{token_of(value)}] in [{shown(name)}]")
    if kind == "filter":
        return parse_filter(value, parse_query)
    json = JsonObject(value, kind)
    body = _BY_QUERIES[kind](json, parse_query) if kind in _BY_QUERIES else SUPPORTED[kind](json)
    json.end()
    return body
