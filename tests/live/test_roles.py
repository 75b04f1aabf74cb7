"""What users may do on a live node is what their roles grant: no more by any route, and no less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch

from isthmus.demo.nodes import NodeProcess
from isthmus.rest.routing import Route
from tests.docs.api_page import all_routes
from tests.live.site import OWNER, SOON, Site

SECRET = "l0ng-r4nd0m-p@ssw0rd"
ROLES: dict[str, dict[str, Any]] = {
    "reader": {"indices": [{"names": ["logs-*"], "privileges": ["read"]}]},
    "filer": {"indices": [{"names": ["inbox"], "privileges": ["create_doc"]}]},
    "owner": {"indices": [{"names": ["mine*"], "privileges": ["all"]}]},
    "through": {"indices": [{"names": ["window"], "privileges": ["read"]}]},
    "watcher": {"cluster": ["monitor"]},
    "climber": {
        "indices": [
            {"names": ["secret"], "privileges": ["manage"]},
            {"names": ["ladder"], "privileges": ["manage", "read"]},
            {"names": ["step"], "privileges": ["manage"]},
        ]
    },
    "none": {},
}
ERRORS = list(range(400, 600))
INDICES = ("logs-a", "logs-b", "inbox", "mine", "secret")


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    """A node with indices, roles, and a user for each role."""
    node = shared_site.start(OWNER)
    shared_site.wait_for_members(node, OWNER)
    with shared_site.client(node) as elastic:
        for index in INDICES:
            elastic.index(index=index, id="1", document={"n": 1, "of": index, "ids": ["secret"]}, refresh=True)
        elastic.indices.put_alias(index="logs-a", name="window")
        for name, role in ROLES.items():
            elastic.security.put_role(name=name, **role)
            elastic.security.put_user(username=name, password=SECRET, roles=[name])
    return node


@pytest.fixture
def clients(shared_site: Site, node: NodeProcess) -> Iterator[dict[str, Elasticsearch]]:
    made = {
        name: Elasticsearch(
            f"https://{node.http}",
            ca_certs=str(shared_site.root / "ca.crt"),
            basic_auth=(name, SECRET),
            max_retries=0,
            request_timeout=SOON,
        )
        for name in ROLES
    }
    yield made
    for client in made.values():
        client.close()


def refused(call: Any, **given: Any) -> str:
    with pytest.raises(ApiError) as found:
        call(**given)
    assert found.value.status_code == 403, found.value
    return str(found.value.body["error"]["reason"])


def test_a_pattern_means_what_one_may_see_and_a_name_is_refused_in_the_words_that_users_know(
    clients: dict[str, Elasticsearch],
) -> None:
    reader = clients["reader"]
    assert {hit["_index"] for hit in reader.search(index="*")["hits"]["hits"]} == {"logs-a", "logs-b"}
    assert {hit["_index"] for hit in reader.search()["hits"]["hits"]} == {"logs-a", "logs-b"}
    assert reader.count(index="logs-*,sec*")["count"] == 2
    assert refused(reader.search, index="secret").startswith(
        "action [indices:data/read/search] is unauthorized for user [reader] with effective roles [reader] on indices "
        "[secret], this action is granted by the index privileges [read,all]"
    )
    assert "on indices [nothing]" in refused(reader.search, index="nothing")
    assert reader.search(index="secret,logs-a", ignore_unavailable=True)["hits"]["total"]["value"] == 1


def test_no_door_of_reading_leads_to_what_is_not_granted(clients: dict[str, Elasticsearch]) -> None:
    reader = clients["reader"]
    assert reader.get(index="logs-a", id="1")["found"]
    refused(reader.get, index="secret", id="1")
    refused(reader.get_source, index="secret", id="1")
    refused(reader.open_point_in_time, index="secret", keep_alive="1m")
    refused(reader.search, index="secret", scroll="1m")
    refused(reader.async_search.submit, index="secret")
    refused(reader.explain, index="secret", id="1", query={"match_all": {}})
    refused(reader.field_caps, index="secret", fields="*")
    lookup = {"terms": {"of": {"index": "secret", "id": "1", "path": "ids"}}}
    refused(reader.search, index="logs-a", query=lookup)
    found = reader.mget(docs=[{"_index": "logs-a", "_id": "1"}, {"_index": "secret", "_id": "1"}])["docs"]
    assert (found[0]["found"], found[1]["error"]["type"]) == (True, "security_exception")
    several = reader.msearch(searches=[{"index": "secret"}, {}, {"index": "logs-a"}, {}])["responses"]
    assert [one["status"] for one in several] == [403, 200]
    assert "secret" not in json.dumps(reader.field_caps(index="*", fields="*").body)


def test_who_may_read_may_not_write_or_administer(clients: dict[str, Elasticsearch]) -> None:
    reader = clients["reader"]
    refused(reader.index, index="logs-a", document={})
    refused(reader.delete_by_query, index="logs-a", query={"match_all": {}})
    refused(reader.update_by_query, index="logs-a")
    refused(reader.indices.delete, index="logs-a")
    refused(reader.indices.put_mapping, index="logs-a", properties={})
    refused(reader.cluster.get_settings)
    refused(reader.security.get_user)
    refused(reader.security.put_role, name="reader", cluster=["all"])
    refused(reader.clear_scroll, scroll_id="_all")
    refused(reader.reindex, source={"index": "logs-a"}, dest={"index": "logs-c"})


def test_who_may_create_documents_replaces_none(clients: dict[str, Elasticsearch]) -> None:
    filer = clients["filer"]
    filer.create(index="inbox", id="new", document={"n": 2})
    refused(filer.index, index="inbox", id="1", document={"n": 2})
    refused(filer.delete, index="inbox", id="1")
    refused(filer.search, index="inbox")
    answer = filer.bulk(operations=[{"create": {"_index": "inbox"}}, {"n": 3}, {"index": {"_index": "secret"}}, {}])
    assert [next(iter(one.values()))["status"] for one in answer["items"]] == [201, 403]


def test_nobody_gets_more_of_an_index_by_an_alias_than_he_has(clients: dict[str, Elasticsearch]) -> None:
    climber = clients["climber"]
    with pytest.raises(ApiError) as refused:
        climber.indices.put_alias(index="secret", name="ladder")
    assert refused.value.status_code == 403
    assert "Adding an alias is not allowed when the alias has more permissions" in str(refused.value)
    assert climber.indices.put_alias(index="secret", name="step").body["acknowledged"]
    climber.indices.delete_alias(index="secret", name="step")


def test_an_alias_that_is_granted_shows_its_index_and_the_index_itself_stays_hidden(
    clients: dict[str, Elasticsearch],
) -> None:
    through = clients["through"]
    assert through.search(index="window")["hits"]["total"]["value"] == 1
    refused(through.search, index="logs-a")


def test_who_owns_indices_does_everything_with_them_and_nothing_with_others(
    clients: dict[str, Elasticsearch],
) -> None:
    owner = clients["owner"]
    owner.indices.create(index="mine-2")
    owner.index(index="mine-3", document={"n": 1}, refresh=True)
    assert set(owner.indices.get(index="*").body) == {"mine", "mine-2", "mine-3"}
    refused(owner.indices.create, index="other")
    refused(owner.index, index="other", document={})
    refused(owner.indices.put_alias, index="mine", name="other")
    refused(owner.indices.update_aliases, actions=[{"add": {"index": "secret", "alias": "mine-4"}}])
    owner.indices.delete(index="mine-2,mine-3")


def test_everybody_may_ask_about_himself_and_change_his_password(clients: dict[str, Elasticsearch]) -> None:
    nobody = clients["none"]
    assert nobody.security.authenticate()["username"] == "none"
    asked = nobody.security.has_privileges(index=[{"names": ["logs-a"], "privileges": ["read"]}])
    assert asked["has_all_requested"] is False
    assert nobody.security.get_user_privileges()["indices"] == []
    nobody.security.change_password(password=SECRET)
    refused(nobody.security.change_password, username="reader", password=SECRET)


def test_who_may_watch_the_cluster_may_not_change_it(clients: dict[str, Elasticsearch]) -> None:
    watcher = clients["watcher"]
    assert watcher.cluster.health()["status"] in ("green", "yellow")
    refused(watcher.cluster.put_settings, persistent={"action.destructive_requires_name": False})


def test_a_role_that_changes_counts_at_once(
    shared_site: Site, node: NodeProcess, clients: dict[str, Elasticsearch]
) -> None:
    with shared_site.client(node) as elastic:
        reads = {"names": ["secret"], "privileges": ["read"]}
        elastic.security.put_role(name="none", indices=[reads])
        assert clients["none"].count(index="secret")["count"] == 1
        elastic.security.put_role(name="none")
        refused(clients["none"].count, index="secret")


def answered(client: Elasticsearch, route: Route, index: str) -> int:
    """The status of the answer to a request to a route, of an index if its path names one."""
    path = re.sub(r"\{(index|target|new_index)\}", index, route.path)
    path = re.sub(r"\{[^}]*\}", "1", path)
    given: dict[str, Any] = {"headers": {"content-type": "application/json", "accept": "*/*"}}
    if route.takes_body:
        given["body"] = {"query": {"match_all": {}}}
    return client.options(ignore_status=ERRORS).perform_request(route.method, path, **given).meta.status


def test_no_route_does_anything_for_who_has_no_rights(clients: dict[str, Elasticsearch]) -> None:
    routes = [one for one in all_routes() if not one.own]
    asked = {f"{one.method} {one.path}": answered(clients["none"], one, "secret") for one in routes}
    assert {name: status for name, status in asked.items() if status != 403} == {}


def test_no_route_of_an_index_leads_to_one_that_is_not_granted(
    shared_site: Site, node: NodeProcess, clients: dict[str, Elasticsearch]
) -> None:
    routes = [one for one in all_routes() if "{index}" in one.path and not one.refused]
    asked = {f"{one.method} {one.path}": answered(clients["owner"], one, "secret") for one in routes}
    assert {name: status for name, status in asked.items() if status < 400} == {}
    with shared_site.client(node) as elastic:
        assert elastic.get(index="secret", id="1")["_source"]["of"] == "secret"
