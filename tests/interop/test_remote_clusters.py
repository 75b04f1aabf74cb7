"""Isthmus and real Elasticsearch search each other: every pairing gives what Elasticsearch gives alone."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import make_ca
from tests.interop.engine import Engine
from tests.interop.links import MODES, Linkable, key_of, link, ours, real
from tests.interop.sides.side import Line, Missing, running
from tests.interop.told import tell
from tests.live.linked import DOCUMENTS
from tests.live.test_remote_clusters import BY_KEY, BY_ROLE, KEYS, ROLES
from tests.remote.bodies import bodies

pytestmark = pytest.mark.interop

MAPPINGS = {
    "properties": {
        "msg": {"type": "text"},
        "kw": {"type": "keyword"},
        "n": {"type": "integer"},
        "l": {"type": "long"},
        "d": {"type": "double"},
        "ts": {"type": "date"},
        "b": {"type": "boolean"},
        "ip": {"type": "ip"},
    }
}
FAR, HERE = 20, 15
PRECISION = 1e-5
"""Of scores: sums of 32 bits differ in the last digits."""
DIFFERENT = ("explain", "terminate_after")
"""Bodies whose answers are each engine's own: why a score is what it is, and where it stops looking."""
PAIRINGS = ("isthmus_in_elasticsearch", "elasticsearch_in_isthmus")
SECRET = "l0ng-r4nd0m-p@ssw0rd"


@dataclass(frozen=True)
class Three:
    """Two real ones and Isthmus, running, and a line to each."""

    near: Linkable
    far: Linkable
    isthmus: Linkable
    lines: Mapping[str, Line]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Three]:
    root: Path = tmp_path_factory.mktemp("three")
    ca = make_ca("links CA")
    try:
        made = {"near": real(root / "near", ca, engine), "far": real(root / "far", ca, engine)}
    except Missing as missing:
        pytest.skip(str(missing))
    made["isthmus"] = ours(root / "isthmus", ca)
    with ExitStack() as stack:
        lines = {name: stack.enter_context(running(one.side)) for name, one in made.items()}
        for line in lines.values():
            _store(line)
        yield Three(**made, lines=lines)


def _store(line: Line) -> None:
    for index, documents in (("logs-1", _far()), ("here", _here())):
        line.must("PUT", f"/{index}", {"settings": {"number_of_replicas": 0}, "mappings": MAPPINGS})
        parts = [part for id_, one in documents for part in ({"index": {"_index": index, "_id": id_}}, one)]
        line.must("POST", "/_bulk?refresh=true", "".join(json.dumps(part) + "\n" for part in parts))


def _far() -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            str(n),
            {
                "msg": f"hello wörld 😀 {n}",
                "kw": f"k{n % 4}",
                "n": n,
                "l": n * 1000,
                "d": n + 0.5,
                "ts": f"2026-01-{n:02}T00:00:00Z",
                "b": n % 2 == 0,
                "ip": f"10.0.0.{n}",
            },
        )
        for n in range(1, FAR + 1)
    ]


def _here() -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            f"a{n}",
            {
                "msg": f"hello there {n}",
                "kw": f"k{n % 6}",
                "n": n * 3,
                "l": n * 500,
                "d": n + 0.25,
                "ts": f"2026-02-{n:02}T00:00:00Z",
                "b": n % 3 == 0,
                "ip": f"10.0.1.{n}",
            },
        )
        for n in range(1, HERE + 1)
    ]


@pytest.fixture(scope="module", params=MODES)
def linked(three: Three, request: pytest.FixtureRequest) -> Three:
    """All links there can be, in one mode: `far` is always the cluster that is searched."""
    mode = request.param
    keys = {name: key_of(three.lines[name], {"names": ["*"]}) for name in ("far", "isthmus")}
    link(three.lines["near"], three.near, "far", three.far, keys["far"], mode)
    link(three.lines["near"], three.near, "isthmus", three.isthmus, keys["isthmus"], mode)
    link(three.lines["isthmus"], three.isthmus, "far", three.far, keys["far"], mode)
    return three


def asked(three: Three, pairing: str, names: str, body: dict[str, Any]) -> Any:
    """What a pairing answers; `names` stands for the far cluster's index."""
    if pairing == "isthmus_in_elasticsearch":
        return three.lines["near"].ask("POST", f"/{names.replace('far:', 'isthmus:')}", body)
    name = "near" if pairing == "all_elasticsearch" else "isthmus"
    return three.lines[name].ask("POST", f"/{names}", body)


@pytest.mark.parametrize("names", ["far:logs-1", "here,far:logs-1", "far:logs-*,here"])
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_searches_give_what_elasticsearch_alone_gives(linked: Three, pairing: str, names: str) -> None:
    compare(linked, pairing, f"{names}/_search", DIFFERENT)


@pytest.mark.parametrize("names", ["far:logs-1", "here,far:logs-1"])
def test_searches_by_shards_give_what_elasticsearch_alone_gives(linked: Three, names: str) -> None:
    by_shards = f"{names}/_search?ccs_minimize_roundtrips=false"
    compare(linked, "isthmus_in_elasticsearch", by_shards, (*DIFFERENT, "collapse"))


def compare(linked: Three, pairing: str, names: str, different: tuple[str, ...]) -> None:
    wrong, equal = [], 0
    for body in bodies():
        expected = asked(linked, "all_elasticsearch", names, body)
        found = asked(linked, pairing, names, body)
        if is_refused(found, expected) or (
            found.status == expected.status and is_same(plain(found.body), plain(expected.body))
        ):
            equal += 1
        elif not any(name in body for name in different):
            wrong.append(f"{json.dumps(body)[:200]}\n  {plain(expected.body)}\n  {plain(found.body)}")
    tell(f"searches across clusters, {pairing}", f"{names}: {equal} equal to Elasticsearch alone, {len(wrong)} not")
    assert not wrong, "\n".join(wrong[:5])


def is_refused(found: Any, expected: Any) -> bool:
    """Both refuse, each in its words."""
    return bool(found.status >= 400 and expected.status >= 400)


def plain(body: Any) -> Any:
    """An answer without what differs from run to run and from place to place."""
    told = copy.deepcopy(body)
    for name in ("took", "_clusters", "num_reduce_phases"):
        told.pop(name, None)
    return _plain(told)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: one.rpartition(":")[2] if name == "_index" else _plain(one)
            for name, one in value.items()
            if name not in ("_node", "_shard")
        }
    return [_plain(one) for one in value] if isinstance(value, list) else value


def is_same(found: Any, expected: Any) -> bool:
    """Whether two answers are the same, but for the last digits of scores and sums."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(is_same(found[name], expected[name]) for name in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(is_same, found, expected))
    if isinstance(found, float) and isinstance(expected, int | float):
        return math.isclose(found, expected, rel_tol=PRECISION)
    return bool(found == expected)


def test_isthmus_stands_between_two_real_ones(linked: Three) -> None:
    key = key_of(linked.lines["near"], {"names": ["*"]})
    link(linked.lines["isthmus"], linked.isthmus, "near", linked.near, key)
    body = {"size": 50, "sort": ["n", "kw"], "aggs": {"kw": {"terms": {"field": "kw"}}}}
    answer = linked.lines["isthmus"].must("POST", "/here,*:logs-1/_search", body)
    assert answer["_clusters"]["successful"] == 3
    assert answer["hits"]["total"]["value"] == HERE + 2 * FAR
    assert sum(bucket["doc_count"] for bucket in answer["aggregations"]["kw"]["buckets"]) == HERE + 2 * FAR
    values = [hit["sort"][0] for hit in answer["hits"]["hits"]]
    assert values == sorted(values)


@pytest.fixture(scope="module", params=sorted(KEYS))
def narrow(three: Three, request: pytest.FixtureRequest) -> str:
    """The name of the key by which the real one is linked to Isthmus; both hold the documents and the users."""
    line, near = three.lines["isthmus"], three.lines["near"]
    for one in DOCUMENTS:
        line.must("PUT", f"/logs-rights/_doc/{one['id']}?refresh=true", one)
    for role, groups in ROLES.items():
        if groups:
            near.must("PUT", f"/_security/role/{role}", {"remote_indices": groups})
        roles = [] if role == "none" else [role]
        near.must("PUT", f"/_security/user/user_{role}", {"password": SECRET, "roles": roles})
    name: str = request.param
    link(near, three.near, "far", three.isthmus, key_of(line, KEYS[name]))
    return name


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_user_of_the_real_one_sees_what_both_sides_let_him_see(three: Three, narrow: str, role: str) -> None:
    address = three.near.side.address
    user = type(address)(address.port, address.trust, f"user_{role}", SECRET)
    expected = BY_ROLE[role]
    with Line(user) as line:
        for door in ("_search?size=50", "_search?size=50&ccs_minimize_roundtrips=true", "_count"):
            answer = line.ask("GET", f"/far:logs-rights/{door}")
            if expected is None:
                assert answer.status == 403, (door, answer.body)
            elif door == "_count":
                assert answer.body["count"] == len(expected & BY_KEY[narrow])
            else:
                assert {hit["_id"] for hit in answer.body["hits"]["hits"]} == expected & BY_KEY[narrow]
