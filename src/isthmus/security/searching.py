"""Which API keys, users or roles a query finds: a small part of the query language, over a few fields of each. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-query-api-key.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-query-role.html
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-api-query-user.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any, Final, Generic, TypeAlias, TypeVar

from isthmus.errors import UsageError
from isthmus.query import tree
from isthmus.query.date_formats import DateError
from isthmus.query.dates import RequestDates
from isthmus.query.json_object import JsonObject
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.sort_parsing import parse_sort
from isthmus.query.sorts import SortKey
from isthmus.security.patterns import patterns

MAX_WINDOW: Final = 10_000
DEFAULT_SIZE: Final = 10

T = TypeVar("T")
Value: TypeAlias = str | int | bool
Values: TypeAlias = Callable[[T], Sequence[Value]]
Test: TypeAlias = Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class Fields(Generic[T]):
    """What is searched of things of one kind.

    `id` names one. `values` gives what reads the values of a field, None for a field that is not searched. Fields of
    `dates` hold milliseconds since 1970.
    """

    id: Callable[[T], str]
    values: Callable[[str], Values[T] | None]
    dates: Collection[str] = ()

    def reader(self, field: str) -> Values[T]:
        """Return what reads the values of a field. Raises UsageError for a field that is not searched."""
        found = self.values(field)
        if found is None:
            raise UsageError(f"Field [{field[:100]}] is not allowed for querying or aggregation")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for; `query` None: everything. `after` are the sort values of the last of the page before."""

    query: tree.Query | None
    sort: tuple[SortKey, ...]
    offset: int
    size: int
    after: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A page of what was found, each with its sort values, and how many there are in all."""

    total: int
    page: Sequence[tuple[T, tuple[Value | None, ...]]]


def parse_search(body: Any, kind: str, bounds: Bounds) -> Search:
    """Return what a body searches for among things of a kind. Raises UsageError for what is not served, by name."""
    given = JsonObject(body, f"query_{kind}_request_payload")
    given.refuse("aggregations", "aggs")
    query, sort, after = given.json("query"), given.json("sort"), given.json("search_after")
    wanted = Search(
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


def search(things: Iterable[T], fields: Fields[T], wanted: Search, now: int) -> Found[T]:
    """Return what is found, in order. Raises UsageError for a field or query that is not served."""
    test = _Reading(fields, RequestDates(now)).test(wanted.query or tree.MatchAll())
    sort = [fields.reader(key.field) for key in wanted.sort]
    found = [(one, tuple(next(iter(read(one)), None) for read in sort)) for one in things if test(one)]

    def compare(one: tuple[Value | None, ...], other: tuple[Value | None, ...]) -> int:
        return _compare(one, other, wanted.sort)

    if sort:
        order = cmp_to_key(compare)
        found.sort(key=lambda one: order(one[1]))
    after = wanted.after
    left = found if after is None else [one for one in found if _compare(one[1], after, wanted.sort) > 0]
    return Found(len(found), left[wanted.offset :][: wanted.size])


def _after(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str | int | float | None) for one in value):
        raise UsageError("[search_after] is a list of sort values")
    return tuple(value)


def _compare(one: Sequence[Any], other: Sequence[Any], sort: Sequence[SortKey]) -> int:
    """What has no value comes last, whatever the direction."""
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


class _Reading(Generic[T]):
    def __init__(self, fields: Fields[T], dates: RequestDates) -> None:
        self._fields = fields
        self._dates = dates

    def test(self, query: tree.Query) -> Test[T]:
        match query:
            case tree.MatchAll() | tree.MatchNone():
                every = isinstance(query, tree.MatchAll)
                return lambda _: every
            case tree.Ids(values=ids):
                return lambda one: self._fields.id(one) in ids
            case tree.Bool():
                return self._bool(query)
            case tree.ConstantScore(filter=inner):
                return self.test(inner)
            case tree.Exists(field=field):
                return self._any(field, lambda _: True)
            case tree.Range():
                return self._range(query)
        return self._of_values(query)

    def _of_values(self, query: tree.Query) -> Test[T]:
        match query:
            case tree.Term(field=field, value=value) | tree.Match(field=field, query=value):
                return self._any(field, self._equal(field, value))
            case tree.Terms(field=field, values=values, lookup=None):
                tests = [self._equal(field, value) for value in values]
                return self._any(field, lambda one: any(test(one) for test in tests))
            case tree.Prefix(field=field, value=prefix):
                return self._any(field, lambda one: str(one).startswith(prefix))
            case tree.Wildcard(field=field, value=pattern):
                return self._any(field, _matching(f"\\{pattern}" if pattern.startswith("/") else pattern))
            case tree.Regexp(field=field, value=pattern):
                return self._any(field, _matching(f"/{pattern}/"))
        name = re.sub(r"(?<=.)([A-Z])", r"_\1", type(query).__name__).lower()
        raise UsageError(f"Query type [{name}] is not currently supported in this context")

    def _bool(self, query: tree.Bool) -> Test[T]:
        every = [self.test(one) for one in (*query.must, *query.filter)]
        none = [self.test(one) for one in query.must_not]
        some = [self.test(one) for one in query.should]
        if query.minimum_should_match is not None:
            raise UsageError("[minimum_should_match] is not supported in this context")
        needed = bool(some) and not every

        def test(thing: T) -> bool:
            if not all(one(thing) for one in every) or any(one(thing) for one in none):
                return False
            return not needed or any(one(thing) for one in some)

        return test

    def _any(self, field: str, test: Callable[[Value], bool]) -> Test[T]:
        read = self._fields.reader(field)
        return lambda thing: any(test(one) for one in read(thing))

    def _equal(self, field: str, value: tree.Scalar) -> Callable[[Value], bool]:
        if field in self._fields.dates:
            low, high = self._moment(field, value, up=False), self._moment(field, value, up=True)
            return lambda one: low <= int(one) <= high
        wanted = text_of(value)
        return lambda one: text_of(one) == wanted

    def _range(self, query: tree.Range) -> Test[T]:
        dates = self._fields.dates
        if query.field not in dates:
            raise UsageError(f"[range] on [{query.field[:100]}] is not supported, only on [{', '.join(dates)}]")

        def bound(value: tree.Scalar, *, up: bool) -> int | None:
            return None if value is None else self._moment(query.field, value, up=up)

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

        return self._any(query.field, test)

    def _moment(self, field: str, value: tree.Scalar, *, up: bool) -> int:
        try:
            return self._dates.moment(value, None, None, up=up)
        except DateError as cause:
            raise UsageError(f"failed to parse date field of [{field}]: {cause.reason}") from cause


def _matching(pattern: str) -> Callable[[Value], bool]:
    compiled = patterns(pattern)
    return lambda one: compiled.matches(str(one))


def of_metadata(field: str, read: Callable[[T], Any]) -> Values[T] | None:
    """Return what reads `metadata` or a path in it, as the type `flattened` has it; None for another field."""
    if field == "metadata":
        return lambda thing: [text for value in read(thing).values() for text in _leaves(value)]
    if not field.startswith("metadata."):
        return None
    path = field.removeprefix("metadata.")
    return lambda thing: _leaves(_at(read(thing), path))


def text_of(value: tree.Scalar) -> str:
    """Return a value as it is compared."""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [] if value is None else [text_of(value)]
