"""One live cluster is linked to another and searches it; what its API key does not grant, nobody sees."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch

from isthmus.demo.nodes import wait_for
from tests.live.linked import ALIAS, DOCUMENTS, Linked, linked
from tests.live.secrets_made import note
from tests.live.site import SOON, Site, isthmus

pytestmark = pytest.mark.live

SECRET = "l0ng-r4nd0m-p@ssw0rd"
NOPERM = 77
READ = ["read", "read_cross_cluster"]
KEYS: dict[str, dict[str, Any]] = {
    "all": {"names": ["*"]},
    "red": {"names": ["logs-*"], "query": {"term": {"team.keyword": "red"}}},
    "shown": {"names": ["logs-*"], "field_security": {"grant": ["team", "level", "msg"]}},
}
ROLES: dict[str, list[dict[str, Any]] | None] = {
    "any": [{"clusters": ["*"], "names": ["*"], "privileges": ["read", "read_cross_cluster", "view_index_metadata"]}],
    "logs": [{"clusters": [ALIAS], "names": ["logs-*"], "privileges": READ}],
    "other_alias": [{"clusters": ["elsewhere"], "names": ["*"], "privileges": READ}],
    "other_index": [{"clusters": [ALIAS], "names": ["metrics-*"], "privileges": READ}],
    "high": [{"clusters": [ALIAS], "names": ["logs-*"], "privileges": READ, "query": {"range": {"level": {"gte": 4}}}}],
    "teams": [{"clusters": [ALIAS], "names": ["logs-*"], "privileges": READ, "field_security": {"grant": ["team"]}}],
    "high_and_red": [
        {"clusters": [ALIAS], "names": ["logs-*"], "privileges": READ, "query": {"range": {"level": {"gte": 4}}}},
        {"clusters": [ALIAS], "names": ["logs-*"], "privileges": READ, "query": {"term": {"team.keyword": "red"}}},
    ],
    "writes": [{"clusters": [ALIAS], "names": ["logs-*"], "privileges": ["write"]}],
    "none": None,
    "superuser": [],
}
IDS = {str(one["id"]) for one in DOCUMENTS}
HIGH = {str(one["id"]) for one in DOCUMENTS if int(str(one["level"])) >= 4}
RED = {str(one["id"]) for one in DOCUMENTS if one["team"] == "red"}
BY_ROLE: dict[str, set[str] | None] = {
    "any": IDS,
    "logs": IDS,
    "other_alias": None,
    "other_index": None,
    "high": HIGH,
    "teams": IDS,
    "high_and_red": HIGH | RED,
    "writes": None,
    "none": None,
    "superuser": IDS,
}
"""The documents that each role lets see; None: the search is refused."""
BY_KEY = {"all": IDS, "red": RED, "shown": IDS}
FIELDS = {"id", "team", "level", "secret", "msg"}
FIELDS_BY_ROLE = {"teams": {"team"}}
FIELDS_BY_KEY = {"shown": {"team", "level", "msg"}}


@pytest.fixture(scope="module")
def both(shared_site: Site) -> Linked:
    """Linked clusters; in `near` there is a user of each role."""
    note(SECRET)
    both = linked(shared_site)
    with shared_site.client(both.near) as near:
        for name, groups in ROLES.items():
            roles = [] if name == "none" else [name]
            if groups:
                near.security.put_role(name=name, remote_indices=groups)
            near.security.put_user(username=f"user_{name}", password=SECRET, roles=roles)
    return both


@pytest.fixture
def far(both: Linked) -> Iterator[Elasticsearch]:
    with both.site.client(both.far) as client:
        yield client


@pytest.fixture
def near(both: Linked) -> Iterator[Elasticsearch]:
    with both.site.client(both.near) as client:
        yield client


def made_key(far: Elasticsearch, access: dict[str, Any]) -> dict[str, Any]:
    return dict(
        far.perform_request(
            "POST",
            "/_security/cross_cluster/api_key",
            headers={"content-type": "application/json", "accept": "application/json"},
            body={"name": "near", "access": {"search": [access]}},
        ).body
    )


@pytest.fixture(scope="module", params=sorted(KEYS))
def key(both: Linked, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of the API key by which `near` is linked now."""
    name: str = request.param
    with both.site.client(both.far) as far, both.site.client(both.near) as near:
        made = made_key(far, KEYS[name])
        both.trust(made, near)
        both.register(near)
        yield name
        far.security.invalidate_api_key(ids=[made["id"]])


Door = Callable[[Elasticsearch], set[str]]


def ids_of(answer: Any) -> set[str]:
    return {hit["_id"] for hit in answer["hits"]["hits"]}


def by_search(client: Elasticsearch) -> set[str]:
    return ids_of(client.search(index=f"{ALIAS}:logs-1", size=50).body)


def by_pattern(client: Elasticsearch) -> set[str]:
    return ids_of(client.search(index="f*:lo*", size=50).body)


def by_async(client: Elasticsearch) -> set[str]:
    answer = client.async_search.submit(index=f"{ALIAS}:logs-1", size=50, wait_for_completion_timeout="10s")
    return ids_of(answer.body["response"])


def by_buckets(client: Elasticsearch) -> set[str]:
    aggs = {"levels": {"terms": {"field": "level", "size": 50}}}
    answer = client.search(index=f"{ALIAS}:logs-1", size=0, aggs=aggs).body
    return {str(bucket["key"]) for bucket in answer["aggregations"]["levels"]["buckets"]}


DOORS: dict[str, Door] = {
    "search": by_search,
    "pattern": by_pattern,
    "async": by_async,
}


def client_of(both: Linked, role: str) -> Elasticsearch:
    return Elasticsearch(
        f"https://{both.near.http}",
        ca_certs=str(both.site.root / "ca.crt"),
        basic_auth=(f"user_{role}", SECRET),
        max_retries=0,
        request_timeout=SOON,
    )


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_user_sees_what_his_roles_and_the_key_both_let_him_see(both: Linked, key: str, role: str) -> None:
    expected = BY_ROLE[role]
    with client_of(both, role) as client:
        for door, look in DOORS.items():
            if (door, role) == ("pattern", "other_index"):
                assert look(client) == set()
            elif expected is None:
                with pytest.raises(ApiError) as refused:
                    look(client)
                assert refused.value.meta.status == 403, door
            else:
                assert look(client) == expected & BY_KEY[key], door


@pytest.mark.parametrize("role", [role for role, seen in sorted(BY_ROLE.items()) if seen])
def test_a_user_sees_the_fields_that_both_let_him_see(both: Linked, key: str, role: str) -> None:
    fields = FIELDS & FIELDS_BY_ROLE.get(role, FIELDS) & FIELDS_BY_KEY.get(key, FIELDS)
    with client_of(both, role) as client:
        answer = client.search(index=f"{ALIAS}:logs-1", size=1).body
        assert set(answer["hits"]["hits"][0]["_source"]) == fields
        caps = client.field_caps(index=f"{ALIAS}:logs-1", fields="*").body["fields"]
        assert {name for name in caps if "." not in name and not name.startswith("_")} == fields
        found = client.count(index=f"{ALIAS}:logs-1", query={"match": {"secret": "s4"}}).body["count"]
        assert bool(found) == ("secret" in fields and "4" in (BY_ROLE[role] or set()) & BY_KEY[key])
        if "level" in fields:
            assert by_buckets(client) == (BY_ROLE[role] or set()) & BY_KEY[key]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_it_is_explained_who_may_search_what(both: Linked, key: str, role: str) -> None:
    told = isthmus(both.near.folder, "remote", "explain", ALIAS, "logs-1", "--user", f"user_{role}")
    expected = BY_ROLE[role]
    if expected is not None:
        seen, shown = len(expected & BY_KEY[key]), len(BY_KEY[key])
        assert f"[user_{role}] sees {seen} of the {shown} documents that the API key shows" in told.stdout
        assert told.returncode == 0, told.stderr
    else:
        assert told.returncode == NOPERM
        is_refused_here = role in ("none", "other_alias")
        assert ("this cluster refuses, and sends nothing" in told.stdout) == is_refused_here
        assert ("the roles of this cluster do not let" in told.stdout) == (not is_refused_here)
        assert ("PUT /_security/role/" in told.stderr) == is_refused_here


def test_it_is_explained_that_the_key_refuses(both: Linked, key: str) -> None:
    told = isthmus(both.near.folder, "remote", "explain", ALIAS, "hidden", "--user", "elastic")
    if key == "all":
        assert (told.returncode, "[elastic] sees 1 of the 1 documents" in told.stdout) == (0, True)
    else:
        assert told.returncode == NOPERM
        assert f"[{ALIAS}] refuses: its API key [" in told.stdout
        assert "PUT /_security/cross_cluster/api_key/" in told.stderr


def test_what_cannot_be_explained_is_told(both: Linked, near: Elasticsearch) -> None:
    with both.site.client(both.far) as far:
        both.trust(made_key(far, KEYS["all"]), near)
    both.register(near)
    told = isthmus(both.near.folder, "remote", "explain", ALIAS, "logs-1", "--user", "nobody")
    assert (told.returncode, "no native, built-in or file user is called [nobody]" in told.stdout) == (NOPERM, True)
    told = isthmus(both.near.folder, "remote", "explain", ALIAS, "missing", "--user", "elastic")
    assert (told.returncode, "no such index [missing]" in told.stdout) == (NOPERM, True)
    told = isthmus(both.near.folder, "remote", "explain", "elsewhere", "logs-1", "--user", "elastic")
    assert (told.returncode, "no such remote cluster: [elsewhere]" in told.stderr) == (65, True)


def test_a_superuser_is_stopped_by_the_key(both: Linked, key: str, near: Elasticsearch) -> None:
    if key == "all":
        assert near.count(index=f"{ALIAS}:hidden").body["count"] == 1
        return
    with pytest.raises(ApiError) as refused:
        near.count(index=f"{ALIAS}:hidden")
    assert refused.value.meta.status == 403
    assert "indices [hidden]" in str(refused.value.body)


def test_without_a_role_for_the_cluster_nothing_is_sent(both: Linked, key: str) -> None:
    told = len(requests_in(both))
    with client_of(both, "other_alias") as client, pytest.raises(ApiError) as refused:
        client.search(index=f"{ALIAS}:logs-1")
    assert refused.value.meta.status == 403
    assert "no remote indices privileges apply for the target cluster" in str(refused.value.body)
    assert len(requests_in(both)) == told
    assert key in KEYS


def requests_in(both: Linked) -> list[dict[str, Any]]:
    """What `far` has audited of searches of other clusters."""
    lines = (both.far.logs / "far-cluster_audit.json").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return [one for one in events if one.get("action") == "indices:data/read/search"]


def test_who_asked_from_another_cluster_is_audited(both: Linked, key: str, near: Elasticsearch) -> None:
    near.search(index=f"{ALIAS}:logs-1")
    event = requests_in(both)[-1]
    assert (event["event.type"], event["origin.type"]) == ("transport", "transport")
    assert (event["user.name"], event["apikey.name"]) == ("elastic", "near")
    assert key in KEYS


def test_a_key_that_is_invalidated_stops_on_open_links_at_once(
    both: Linked, far: Elasticsearch, near: Elasticsearch
) -> None:
    made = made_key(far, KEYS["all"])
    both.trust(made, near)
    both.register(near)
    assert by_search(near) == IDS
    far.security.invalidate_api_key(ids=[made["id"]])
    with pytest.raises(ApiError) as refused:
        by_search(near)
    assert "has been invalidated" in str(refused.value.body)


def test_a_key_of_another_kind_is_told_by_the_link(both: Linked, far: Elasticsearch, near: Elasticsearch) -> None:
    both.trust(far.security.create_api_key(name="rest").body, near, "rest")
    near.cluster.put_settings(
        persistent={"cluster.remote.rest.mode": "proxy", "cluster.remote.rest.proxy_address": both.far.remote_cluster}
    )
    wait_for(lambda: "last_error" in both.info(near, "rest").get("isthmus", {}), SOON, "the link's trouble")
    assert "expected API key type of [cross_cluster]" in both.info(near, "rest")["isthmus"]["last_error"]
    near.cluster.put_settings(persistent={"cluster.remote.rest.*": None})


@pytest.mark.parametrize(
    ("port", "words"),
    [
        ("http", "HTTP port"),
        ("transport", "asks for our certificate"),
    ],
)
def test_a_port_of_another_kind_is_recognised(
    both: Linked, near: Elasticsearch, far: Elasticsearch, port: str, words: str
) -> None:
    both.trust(made_key(far, KEYS["all"]), near, "mixed")
    address = both.far.http if port == "http" else both.far.transport
    near.cluster.put_settings(
        persistent={"cluster.remote.mixed.mode": "proxy", "cluster.remote.mixed.proxy_address": address}
    )
    wait_for(lambda: "last_error" in both.info(near, "mixed").get("isthmus", {}), SOON, "the link's trouble")
    told = both.info(near, "mixed")["isthmus"]
    assert words in f"{told['last_error']} {told['hint']}"
    near.cluster.put_settings(persistent={"cluster.remote.mixed.*": None})


def test_a_cluster_that_cannot_be_reached_is_skipped_or_ends_the_search(both: Linked, near: Elasticsearch) -> None:
    near.index(index="here", id="1", document={"n": 1}, refresh=True)
    gone = {"cluster.remote.gone.mode": "proxy", "cluster.remote.gone.proxy_address": "127.0.0.1:1"}
    near.cluster.put_settings(persistent=gone)
    answer = near.search(index="here,gone:logs").body
    assert (len(answer["hits"]["hits"]), answer["_clusters"]["skipped"]) == (1, 1)
    assert answer["_clusters"]["details"]["gone"]["failures"][0]["reason"]["type"] == "connect_transport_exception"
    near.cluster.put_settings(persistent={"cluster.remote.gone.skip_unavailable": False})
    with pytest.raises(ApiError) as refused:
        near.search(index="here,gone:logs")
    assert refused.value.meta.status == 502
    near.cluster.put_settings(persistent={"cluster.remote.gone.*": None})
    with pytest.raises(ApiError) as refused:
        near.search(index="gone:logs")
    assert (refused.value.meta.status, refused.value.error) == (404, "no_such_remote_cluster_exception")


@pytest.mark.parametrize(
    "given", [{"transport.compress": True}, {"transport.compress": True, "transport.compression_scheme": "deflate"}]
)
def test_links_may_be_compressed(both: Linked, far: Elasticsearch, near: Elasticsearch, given: dict[str, Any]) -> None:
    both.trust(made_key(far, KEYS["all"]), near)
    both.register(near, **given)
    assert by_search(near) == IDS


def test_nodes_are_found_by_a_seed(both: Linked, far: Elasticsearch, near: Elasticsearch) -> None:
    both.trust(made_key(far, KEYS["all"]), near, "sniffed")
    near.cluster.put_settings(persistent={"cluster.remote.sniffed.seeds": [both.far.remote_cluster]})
    wait_for(lambda: both.info(near, "sniffed")["connected"], SOON, "the link")
    told = both.info(near, "sniffed")
    assert (told["mode"], told["num_nodes_connected"]) == ("sniff", 1)
    assert ids_of(near.search(index="sniffed:logs-1").body) == IDS
    near.cluster.put_settings(persistent={"cluster.remote.sniffed.*": None})


def test_a_cluster_is_looked_at_before_it_is_registered(both: Linked, far: Elasticsearch, near: Elasticsearch) -> None:
    both.trust(made_key(far, KEYS["red"]), near, "looked_at")
    done = isthmus(both.near.folder, "remote", "add", "looked_at", both.far.remote_cluster, "--probe")
    assert done.returncode == 0, done.stderr
    assert "the cluster is called [far-cluster]" in done.stderr
    assert "the key lets 1 indices be searched: logs-1" in done.stderr
    method, _, body = done.stdout.partition("\n")
    assert method == "PUT /_cluster/settings"
    near.cluster.put_settings(persistent=json.loads(body)["persistent"])
    assert ids_of(near.search(index="looked_at:logs-1").body) == RED
    near.cluster.put_settings(persistent={"cluster.remote.looked_at.*": None})


def test_a_cluster_that_cannot_be_linked_is_told_with_what_to_do(both: Linked, near: Elasticsearch) -> None:
    told = isthmus(both.near.folder, "remote", "add", "nowhere", both.far.remote_cluster, "--probe")
    assert (told.returncode, "isthmus keystore add cluster.remote.nowhere.credentials" in told.stderr) == (64, True)
    told = isthmus(both.near.folder, "remote", "add", "a.b", both.far.remote_cluster)
    assert (told.returncode, "cannot be an alias" in told.stderr) == (64, True)
