"""Whether the paths of pipelines and orders lead to numbers, told before anything is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from isthmus.errors import UsageError
from isthmus.query.aggregation_tree import (
    Aggregation,
    CompositeBuckets,
    DateHistogramBuckets,
    FilterBucket,
    FiltersBuckets,
    GlobalBucket,
    HistogramBuckets,
    Metric,
    MissingBucket,
    Pipeline,
    RangeBuckets,
    TermsBuckets,
    TopHits,
)
from isthmus.query.aggregations.paths import Step, in_order, parse_path, paths_of
from isthmus.query.mistakes import ValidationError, shown

ONE_BUCKET: Final = (FilterBucket, MissingBucket, GlobalBucket)
MANY_BUCKETS: Final = (
    TermsBuckets,
    RangeBuckets,
    HistogramBuckets,
    DateHistogramBuckets,
    FiltersBuckets,
    CompositeBuckets,
)
STATS: Final = ("count", "min", "max", "avg", "sum")
EXTENDED: Final = (
    *STATS,
    *("sum_of_squares", "variance", "variance_population", "variance_sampling"),
    *("std_deviation", "std_deviation_population", "std_deviation_sampling"),
    *("std_upper", "std_lower", "std_upper_population", "std_lower_population"),
    *("std_upper_sampling", "std_lower_sampling"),
)
OWN: Final = ("_count", "_key", "_bucket_count")


def check_paths(aggregations: tuple[Aggregation, ...]) -> None:
    """Raise ValidationError for pipelines whose sources are not there, UsageError for orders by what has no number."""
    faults = list(_faults(aggregations, None))
    if faults:
        raise ValidationError(
            "Validation Failed: " + "".join(f"{number}: {fault};" for number, fault in enumerate(faults[:20], 1))
        )


def _faults(siblings: tuple[Aggregation, ...], parent: Aggregation | None) -> Iterator[str]:
    in_order(siblings)
    by_name = {one.name: one for one in siblings}
    for one in siblings:
        if isinstance(one.body, Pipeline):
            yield from _pipeline_faults(one, one.body, by_name, parent)
        _check_order(one)
        yield from _faults(one.aggregations, one)


def _pipeline_faults(
    one: Aggregation, body: Pipeline, siblings: dict[str, Aggregation], parent: Aggregation | None
) -> Iterator[str]:
    if body.kind == "max_bucket":
        yield from _max_bucket_faults(one, body, siblings)
        return
    yield from _parent_faults(one, body, parent)
    for path in paths_of(one):
        if path not in OWN:
            yield from _path_faults(path, siblings)


def _parent_faults(one: Aggregation, body: Pipeline, parent: Aggregation | None) -> Iterator[str]:
    if body.kind == "bucket_sort":
        if parent is None or not isinstance(parent.body, MANY_BUCKETS):
            yield f"bucket_sort aggregation [{one.name}] must be declared inside of another aggregation"
        return
    needs = (
        f"{body.kind} aggregation [{one.name}] must have a histogram, date_histogram or auto_date_histogram as parent"
    )
    if parent is None:
        yield f"{needs} but doesn't have a parent"
    elif not isinstance(parent.body, HistogramBuckets | DateHistogramBuckets):
        yield needs
    elif parent.body.min_doc_count != 0:
        yield f"parent histogram of {body.kind} aggregation [{one.name}] must have min_doc_count of 0"


def _max_bucket_faults(one: Aggregation, body: Pipeline, siblings: dict[str, Aggregation]) -> Iterator[str]:
    faults = list(_path_faults(body.buckets_path, siblings))
    yield from faults
    if faults:
        return
    first = parse_path(body.buckets_path)[0]
    if not isinstance(_past_single_buckets(body.buckets_path, siblings).body, MANY_BUCKETS):
        yield (
            "The first aggregation in buckets_path must be a multi-bucket aggregation for aggregation "
            f"[{one.name}] found :{siblings[first.name].type} for buckets path: {body.buckets_path}"
        )


def _past_single_buckets(path: str, siblings: dict[str, Aggregation]) -> Aggregation:
    """The first aggregation on a path that has not just one bucket."""
    first, *rest = parse_path(path)
    found = siblings[first.name]
    for step in rest:
        below = {one.name: one for one in found.aggregations}
        if not isinstance(found.body, ONE_BUCKET) or step.name not in below:
            break
        found = below[step.name]
    return found


def _path_faults(path: str, siblings: dict[str, Aggregation]) -> Iterator[str]:
    steps = parse_path(path)
    for at, step in enumerate(steps):
        last = at == len(steps) - 1
        if last and at and step.name in OWN:
            return
        if step.name in siblings and isinstance(siblings[step.name].body, Pipeline):
            return
        if step.name not in siblings:
            named = f"[{step.name}] found for path" if at else "found for path"
            yield f"No aggregation {named} [{shown(path)}]"
            return
        found = siblings[step.name]
        siblings = {one.name: one for one in found.aggregations}
        if last:
            yield from _number_faults(step, found, path)


def _number_faults(step: Step, found: Aggregation, path: str) -> Iterator[str]:
    if isinstance(found.body, TopHits):
        yield f"buckets_path [{shown(path)}] must reference either a number value or a single value numeric metric"
    elif isinstance(found.body, Metric) and (why := number_missing(found.body, step.key)):
        yield f"buckets_path [{shown(path)}]: {why}"


def number_missing(metric: Metric, key: str | None) -> str | None:
    """Return why a metric has not the number `key`, None if it has."""
    if metric.kind in ("stats", "extended_stats"):
        known = STATS if metric.kind == "stats" else EXTENDED
        return None if key in known else f"[{metric.kind}] needs one of [{', '.join(known)}], not [{shown(key)}]"
    if metric.kind == "percentiles":
        return None if _is_percent(key, metric) else f"[percentiles] needs one of its percents, not [{shown(key)}]"
    return None if key in (None, "value") else f"[{metric.kind}] has no [{shown(key)}]"


def _is_percent(key: str | None, metric: Metric) -> bool:
    try:
        return key is not None and float(key) in metric.percents
    except ValueError:
        return False


def _check_order(aggregation: Aggregation) -> None:
    body = aggregation.body
    if not isinstance(body, TermsBuckets | HistogramBuckets | DateHistogramBuckets):
        return
    for path, _ in body.order:
        if path not in ("_count", "_key"):
            _check_order_path(path, aggregation.aggregations)


def _check_order_path(path: str, below: tuple[Aggregation, ...]) -> None:
    steps = parse_path(path)
    said = f"Invalid aggregation order path [{shown(path)}]."
    for at, step in enumerate(steps):
        found = next((one for one in below if one.name == step.name), None)
        if found is None or isinstance(found.body, Pipeline):
            raise UsageError(f"{said} Cannot find aggregation named [{shown(step.name)}]")
        last = at == len(steps) - 1
        if not isinstance(found.body, ONE_BUCKET) and not (last and isinstance(found.body, Metric)):
            raise UsageError(f"{said} Can't sort by a [{found.type}] aggregation [{shown(step.name)}]")
        if isinstance(found.body, Metric) and (why := number_missing(found.body, step.key)):
            raise UsageError(f"{said} {why}")
        if isinstance(found.body, ONE_BUCKET) and step.key not in (None, "_count", "doc_count"):
            raise UsageError(f"{said} [{found.type}] has no [{shown(step.key)}]")
        below = found.aggregations
