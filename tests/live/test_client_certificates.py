"""Who shows a client certificate on the HTTP port comes in by it, with the roles that mappings give him."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, Elasticsearch

from isthmus.demo.nodes import NodeProcess
from tests.certificates import make_ca
from tests.live.site import OWNER, PASSWORD, SOON, Site

pytestmark = pytest.mark.live

CLIENTS = make_ca("client CA")
OTHERS = make_ca("other CA")
REALM = "xpack.security.authc.realms.pki.shops"


@pytest.fixture(scope="module")
def node(shared_site: Site) -> NodeProcess:
    root = shared_site.root
    (root / "clients.crt").write_bytes(CLIENTS.certificate_pem)
    all_ = [shared_site.ca, CLIENTS, OTHERS]
    (root / "all.crt").write_bytes(b"".join(one.certificate_pem for one in all_))
    for name, ca in (("jo", CLIENTS), ("stranger", OTHERS)):
        ca.issue(name).write(root, name)
    settings = {
        "xpack.security.http.ssl.client_authentication": "optional",
        "xpack.security.http.ssl.certificate_authorities": [str(root / "all.crt")],
        f"{REALM}.order": 1,
        f"{REALM}.certificate_authorities": [str(root / "clients.crt")],
    }
    holder = shared_site.start(OWNER)
    shared_site.wait_for_members(holder, OWNER)
    with shared_site.client(holder) as elastic:
        elastic.indices.create(index="logs", settings={"index.routing.allocation.require._name": OWNER})
        elastic.index(index="logs", id="1", document={"a": 1}, refresh=True)
        elastic.security.put_role(name="reader", indices=[{"names": ["logs"], "privileges": ["read"]}])
    node = shared_site.start("second", seeds=[holder], settings=settings)
    shared_site.wait_for_members(node, OWNER, "second")
    return node


@pytest.fixture
def elastic(shared_site: Site, node: NodeProcess) -> Iterator[Elasticsearch]:
    with shared_site.client(node) as client:
        yield client
        client.options(ignore_status=404).security.delete_role_mapping(name="jo")


def shows(site: Site, node: NodeProcess, name: str, **given: Any) -> Elasticsearch:
    """The official client with a certificate, and nothing else but what is given."""
    return Elasticsearch(
        f"https://{node.http}",
        ca_certs=str(site.root / "ca.crt"),
        client_cert=str(site.root / f"{name}.crt"),
        client_key=str(site.root / f"{name}.key"),
        max_retries=0,
        request_timeout=SOON,
        **given,
    )


@pytest.fixture
def jo(shared_site: Site, node: NodeProcess) -> Iterator[Elasticsearch]:
    with shows(shared_site, node, "jo") as client:
        yield client


def map_jo(elastic: Elasticsearch, *roles: str) -> None:
    elastic.security.put_role_mapping(
        name="jo", roles=roles, enabled=True, rules={"field": {"dn": "cn=JO"}}, metadata={"why": "test"}
    )


def test_a_certificate_says_who_comes_and_mappings_what_he_may(elastic: Elasticsearch, jo: Elasticsearch) -> None:
    with pytest.raises(AuthorizationException, match=r"user \[jo\] with effective roles \[\]"):
        jo.search(index="logs")
    map_jo(elastic, "reader")
    who = jo.security.authenticate().body
    assert (who["username"], who["roles"], who["metadata"]) == ("jo", ["reader"], {"pki_dn": "CN=jo"})
    assert who["authentication_realm"]["name"] == "shops"
    assert who["authentication_realm"]["type"] == "pki"
    assert jo.search(index="logs").body["hits"]["total"]["value"] == 1


def test_a_mapping_that_changes_counts_on_the_next_request_of_an_open_connection(
    elastic: Elasticsearch, jo: Elasticsearch
) -> None:
    map_jo(elastic, "reader")
    assert jo.count(index="logs").body["count"] == 1
    map_jo(elastic, "viewer")
    assert jo.security.authenticate().body["roles"] == ["viewer"]
    elastic.security.delete_role_mapping(name="jo")
    with pytest.raises(AuthorizationException):
        jo.count(index="logs")


def test_a_certificate_that_only_the_port_trusts_lets_nobody_in(shared_site: Site, node: NodeProcess) -> None:
    with shows(shared_site, node, "stranger") as stranger, pytest.raises(AuthenticationException) as refused:
        stranger.security.authenticate()
    assert "unable to authenticate user [stranger]" in str(refused.value)


@pytest.mark.parametrize("given", [{"basic_auth": ("elastic", "wrong-password")}, {"api_key": "bm86bm8="}])
def test_wrong_credentials_are_refused_whatever_certificate_comes_with_them(
    shared_site: Site, node: NodeProcess, given: dict[str, Any]
) -> None:
    with shows(shared_site, node, "jo", **given) as client, pytest.raises(AuthenticationException):
        client.security.authenticate()


def test_a_password_comes_before_a_certificate(shared_site: Site, node: NodeProcess) -> None:
    with shows(shared_site, node, "jo", basic_auth=("elastic", PASSWORD)) as client:
        assert client.security.authenticate().body["username"] == "elastic"


def test_who_shows_none_is_asked_for_credentials(shared_site: Site, node: NodeProcess) -> None:
    nobody = Elasticsearch(f"https://{node.http}", ca_certs=str(shared_site.root / "ca.crt"), max_retries=0)
    with nobody, pytest.raises(AuthenticationException, match="missing authentication credentials"):
        nobody.security.authenticate()


def test_the_owner_of_a_certificate_makes_keys_and_tokens_and_acts_as_others(
    shared_site: Site, node: NodeProcess, elastic: Elasticsearch, jo: Elasticsearch
) -> None:
    map_jo(elastic, "superuser")
    key = jo.security.create_api_key(name="of jo").body["encoded"]
    token = jo.security.get_token(grant_type="client_credentials").body["access_token"]
    with shared_site.client(node) as anybody:
        for given in ({"api_key": key}, {"bearer_auth": token}):
            assert anybody.options(**given).security.authenticate().body["username"] == "jo"
    acting = jo.options(headers={"es-security-runas-user": "elastic"}).security.authenticate().body
    assert (acting["username"], acting["authentication_realm"]["name"]) == ("elastic", "shops")


def test_a_realm_without_a_port_that_asks_for_certificates_stops_the_start(shared_site: Site) -> None:
    node = shared_site.node(shared_site.folder("alone", settings={f"{REALM}.order": 1}))
    node.start()
    assert node.wait() != 0
    assert "the realm [pki.shops] can know nobody: the HTTP port asks for no certificate" in node.output()


def test_mappings_are_told_and_forgotten_by_name(elastic: Elasticsearch) -> None:
    map_jo(elastic, "reader")
    told = elastic.security.get_role_mapping(name="jo").body["jo"]
    assert told["rules"] == {"field": {"dn": "cn=JO"}}
    assert told["metadata"] == {"why": "test"}
    assert elastic.security.delete_role_mapping(name="jo").body == {"found": True}
    with pytest.raises(ApiError):
        elastic.security.get_role_mapping(name="jo")


@pytest.mark.parametrize(
    "path", ["role/superuser", "realm/*", "privilege/app", "api_key/*", "service/elastic/kibana/credential/token/x"]
)
def test_what_is_kept_is_dropped_on_every_node(elastic: Elasticsearch, path: str) -> None:
    told = elastic.perform_request("POST", f"/_security/{path}/_clear_cache").body
    assert told["_nodes"] == {"total": 2, "successful": 2, "failed": 0}
    assert sorted(one["name"] for one in told["nodes"].values()) == [OWNER, "second"]


def test_a_realm_that_a_node_does_not_have_is_told_of_that_node(elastic: Elasticsearch) -> None:
    told = elastic.security.clear_cached_realms(realms="shops").body
    assert [one["name"] for one in told["nodes"].values()] == ["second"]
    (failure,) = told["_nodes"]["failures"]
    assert "could not find active realm [shops]" in failure["reason"]
