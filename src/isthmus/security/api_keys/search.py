"""Which API keys a query finds: a small part of the query language, over a few fields of each key. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-query-api-key.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, Final, TypeAlias

from isthmus.errors import UsageError
from isthmus.query import tree
from isthmus.query.date_formats import DateError
from isthmus.query.dates import RequestDates
from isthmus.query.json_object import JsonObject
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.sort_parsing import parse_sort
from isthmus.query.sorts import SortKey
from isthmus.security.api_keys.stored import ApiKey
from isthmus.security.patterns import patterns

MAX_WINDOW: Final = 10_000
DEFAULT_SIZE: Final = 10
_DATES: Final = ("creation", "expiration", "invalidation")
_METADATA: Final = "metadata"

Value: TypeAlias = str | int | bool
Test: TypeAlias = Callable[[ApiKey], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyQuery:
    """What is searched for; `query` None: every key. `after` are the sort values of the last key of the page before."""

    query: tree.Query | None
    sort: tuple[SortKey, ...]
    offset: int
    size: int
    after: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of keys, each with its sort values, and how many there are in all."""

    total: int
    page: Sequence[tuple[ApiKey, tuple[Value | None, ...]]]


def parse_key_query(body: Any, bounds: Bounds) -> KeyQuery:
    """Return what a body searches for. Raises UsageError for what is not served, by name."""
    given = JsonObject(body, "query_api_key_request_payload")
    given.refuse("aggregations", "aggs")
    query, sort, after = given.json("query"), given.json("sort"), given.json("search_after")
    wanted = KeyQuery(
        query=None if query is None else parse_query(query, bounds=bounds),
        sort=() if sort is None else parse_sort(sort),
        offset=given.integer("from", 0),
        size=given.integer("size", DEFAULT_SIZE),
        after=None if after is None else _after(after),
    )
    given.end()
    if wanted.offset + wanted.size > MAX_WINDOW:
        raise UsageError(
            "Result window is too large, from + size must be less than or equal to: "
            f"[{MAX_WINDOW}] but was [{wanted.offset + wanted.size}]",
            hint="go on with [search_after]",
        )
    if wanted.after is not None and len(wanted.after) != len(wanted.sort):
        raise UsageError(f"search_after has {len(wanted.after)} value(s) but sort has {len(wanted.sort)}.")
    return wanted


def search_keys(keys: Iterable[ApiKey], wanted: KeyQuery, now: int) -> Found:
    """Return the keys that are found, in order. Raises UsageError for a field or query that is not served."""
    test = _test(wanted.query or tree.MatchAll(), RequestDates(now))
    sort = [(_reader(key.field), key) for key in wanted.sort]
    found = [(key, tuple(read(key) for read, _ in sort)) for key in keys if test(key)]

    def compare(one: tuple[Value | None, ...], other: tuple[Value | None, ...]) -> int:
        return _compare(one, other, wanted.sort)

    order = cmp_to_key(compare)
    found.sort(key=lambda one: (order(one[1]), one[0].creation, one[0].id) if sort else (one[0].creation, one[0].id))
    after = wanted.after
    left = found if after is None else [one for one in found if _compare(one[1], after, wanted.sort) > 0]
    return Found(len(found), left[wanted.offset :][: wanted.size])


def _after(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str | int | float | None) for one in value):
        raise UsageError("[search_after] is a list of the sort values of a key")
    return tuple(value)


def _compare(one: Sequence[Any], other: Sequence[Any], sort: Sequence[SortKey]) -> int:
    """Keys without a value come last, whatever the direction."""
    for mine, its, key in zip(one, other, sort, strict=True):
        if mine == its:
            continue
        if mine is None or its is None:
            return 1 if mine is None else -1
        try:
            less = mine < its
        except TypeError as cause:
            raise UsageError(f"Failed to parse search_after value for field [{key.field}].") from cause
        return -1 if less == key.ascending else 1
    return 0


def _test(query: tree.Query, dates: RequestDates) -> Test:
    match query:
        case tree.MatchAll() | tree.MatchNone():
            every = isinstance(query, tree.MatchAll)
            return lambda _: every
        case tree.Ids(values=ids):
            return lambda key: key.id in ids
        case tree.Bool():
            return _bool(query, dates)
        case tree.ConstantScore(filter=inner):
            return _test(inner, dates)
        case tree.Exists(field=field):
            return _any(field, lambda _: True)
        case tree.Range():
            return _range(query, dates)
    return _of_values(query, dates)


def _of_values(query: tree.Query, dates: RequestDates) -> Test:
    match query:
        case tree.Term(field=field, value=value) | tree.Match(field=field, query=value):
            return _any(field, _equal(field, value, dates))
        case tree.Terms(field=field, values=values, lookup=None):
            tests = [_equal(field, value, dates) for value in values]
            return _any(field, lambda one: any(test(one) for test in tests))
        case tree.Prefix(field=field, value=prefix):
            return _any(field, lambda one: str(one).startswith(prefix))
        case tree.Wildcard(field=field, value=pattern):
            return _any(field, _matching(f"\\{pattern}" if pattern.startswith("/") else pattern))
        case tree.Regexp(field=field, value=pattern):
            return _any(field, _matching(f"/{pattern}/"))
    name = re.sub(r"(?<=.)([A-Z])", r"_\1", type(query).__name__).lower()
    raise UsageError(f"Query type [{name}] is not currently supported in this context")


def _bool(query: tree.Bool, dates: RequestDates) -> Test:
    every = [_test(one, dates) for one in (*query.must, *query.filter)]
    none = [_test(one, dates) for one in query.must_not]
    some = [_test(one, dates) for one in query.should]
    if query.minimum_should_match is not None:
        raise UsageError("[minimum_should_match] is not supported in this context")
    needed = bool(some) and not every

    def test(key: ApiKey) -> bool:
        if not all(one(key) for one in every) or any(one(key) for one in none):
            return False
        return not needed or any(one(key) for one in some)

    return test


def _any(field: str, test: Callable[[Value], bool]) -> Test:
    read = _values(field)
    return lambda key: any(test(one) for one in read(key))


def _equal(field: str, value: tree.Scalar, dates: RequestDates) -> Callable[[Value], bool]:
    if field in _DATES:
        low, high = _moment(field, value, dates, up=False), _moment(field, value, dates, up=True)
        return lambda one: low <= int(one) <= high
    wanted = str(value).lower() if isinstance(value, bool) else str(value)
    return lambda one: (str(one).lower() if isinstance(one, bool) else str(one)) == wanted


def _matching(pattern: str) -> Callable[[Value], bool]:
    compiled = patterns(pattern)
    return lambda one: compiled.matches(str(one))


def _range(query: tree.Range, dates: RequestDates) -> Test:
    if query.field not in _DATES:
        raise UsageError(f"[range] on [{query.field[:100]}] is not supported, only on [{', '.join(_DATES)}]")

    def bound(value: tree.Scalar, *, up: bool) -> int | None:
        return None if value is None else _moment(query.field, value, dates, up=up)

    above, low = bound(query.gt, up=True), bound(query.gte, up=False)
    below, high = bound(query.lt, up=False), bound(query.lte, up=True)

    def test(one: Value) -> bool:
        moment = int(one)
        return (
            (above is None or moment > above)
            and (low is None or moment >= low)
            and (below is None or moment < below)
            and (high is None or moment <= high)
        )

    return _any(query.field, test)


def _moment(field: str, value: tree.Scalar, dates: RequestDates, *, up: bool) -> int:
    try:
        return dates.moment(value, None, None, up=up)
    except DateError as cause:
        raise UsageError(f"failed to parse date field of [{field}]: {cause.reason}") from cause


def _reader(field: str) -> Callable[[ApiKey], Value | None]:
    read = _values(field)
    return lambda key: next(iter(read(key)), None)


def _values(field: str) -> Callable[[ApiKey], Sequence[Value]]:
    """Return what reads the values of a field from a key. Raises UsageError for a field that is not searched."""
    if field in _DATES:
        return lambda key: [value] if (value := getattr(key, field)) is not None else []
    if field == "invalidated":
        return lambda key: [key.invalidation is not None]
    if field == "name":
        return lambda key: [key.name]
    if field == "type":
        return lambda key: [key.type]
    if field == "username":
        return lambda key: [key.creator.username]
    if field == "realm_name":
        return lambda key: [key.realm.name]
    if field == _METADATA:
        return lambda key: [text for value in key.metadata.values() for text in _leaves(value)]
    if field.startswith(f"{_METADATA}."):
        path = field.removeprefix(f"{_METADATA}.")
        return lambda key: _leaves(_at(key.metadata, path))
    raise UsageError(f"Field [{field[:100]}] is not allowed for querying or aggregation")


def _at(value: Any, path: str) -> Any:
    """What stands at a path; its names may have dots themselves."""
    if not isinstance(value, dict):
        return None
    if path in value:
        return value[path]
    for name, inner in value.items():
        if path.startswith(f"{name}.") and (found := _at(inner, path[len(name) + 1 :])) is not None:
            return found
    return None


def _leaves(value: Any) -> list[Value]:
    """As the type `flattened` has them: all texts."""
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner)]
    if value is None:
        return []
    return [str(value).lower() if isinstance(value, bool) else str(value)]
