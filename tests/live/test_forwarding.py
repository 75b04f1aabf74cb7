"""What one node asks another for a user is judged again where it runs, and strangers are not heard at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import ApiError, Elasticsearch

from isthmus.cluster import messages
from isthmus.cluster.indices.messages import GET, DocumentsFound, GetDocuments, IndexName
from isthmus.demo.nodes import NodeProcess
from isthmus.security.forwarding.header import HEADER, encode_header
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.state.history import Write
from isthmus.transport.connection import Connection
from isthmus.transport.errors import RemoteError
from isthmus.transport.messages import call
from tests.live.site import CLUSTER, OWNER, SOON, Site, port_of
from tests.transport.stage import Stage

pytestmark = pytest.mark.live
SECRET = "l0ng-r4nd0m-p@ssw0rd"
BY_GET = "indices:data/read/get"
READER: dict[str, Any] = {"indices": [{"names": ["logs", "window"], "privileges": ["read", "write", "monitor"]}]}
FOLLOWING = {"index.routing.allocation.require._name": "second"}


class Pair:
    """Two nodes; the indices are on the second, and users ask the first."""

    def __init__(self, site: Site, first: NodeProcess, second: NodeProcess) -> None:
        self.site = site
        self.first = first
        self.second = second

    def client(self, username: str) -> Elasticsearch:
        return Elasticsearch(
            f"https://{self.first.http}",
            ca_certs=str(self.site.root / "ca.crt"),
            basic_auth=(username, SECRET),
            max_retries=0,
            request_timeout=SOON,
        )


@pytest.fixture(scope="module")
def pair(shared_site: Site) -> Pair:
    first = shared_site.start(OWNER)
    second = shared_site.start("second", seeds=[first])
    shared_site.wait_for_members(first, OWNER, "second")
    with shared_site.client(first) as elastic:
        for index in ("logs", "behind", "secret"):
            elastic.indices.create(index=index, settings=FOLLOWING)
            elastic.index(index=index, id="1", document={"n": 1}, refresh=True)
        elastic.indices.put_alias(index="behind", name="window")
    return Pair(shared_site, first, second)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    await stage.close()


@pytest.fixture
async def connection(pair: Pair, stage: Stage) -> Connection:
    """A raw connection to the node that holds the indices, with a good certificate."""
    client = stage.client(tls=stage.tls(pair.site.ca.issue("third"), [pair.site.ca]), cluster=CLUSTER)
    return await client.open_connection("127.0.0.1", port_of(pair.second.transport), timeout=SOON)


def user(name: str, *roles: str) -> dict[str, str]:
    who = Authentication(user=User(username=name, roles=roles), authenticated_by=RealmRef("n", "native"))
    return {HEADER: encode_header(who, BY_GET)}


async def document(pair: Pair, connection: Connection, index: str, headers: dict[str, str]) -> DocumentsFound:
    with pair.site.client(pair.first) as elastic:
        settings: Any = elastic.indices.get_settings(index=index).body
    uuid: str = settings[index]["settings"]["index"]["uuid"]
    asked = GetDocuments(IndexName(index, uuid), ["1"])
    return await call(connection, GET, asked, headers=headers, timeout=SOON)


def test_a_user_does_on_another_node_what_he_may_and_no_more(pair: Pair) -> None:
    with pair.site.client(pair.first) as elastic:
        elastic.security.put_role(name="reader", **READER)
        elastic.security.put_user(username="jo", password=SECRET, roles=["reader"], metadata={"team": {"of": [10**30]}})
    with pair.client("jo") as jo:
        assert jo.search(index="logs,window")["hits"]["total"]["value"] == 2
        assert {row["index"] for row in _rows(jo)} >= {"logs"}
        assert jo.get(index="window", id="1")["_source"] == {"n": 1}
        jo.bulk(operations=[{"create": {"_index": "logs", "_id": "2"}}, {"n": 2}], refresh=True)
        jo.update(index="logs", id="2", doc={"n": 3}, refresh=True)
        assert jo.delete_by_query(index="logs", query={"ids": {"values": ["2"]}}, refresh=True)["deleted"] == 1
        page = jo.search(index="logs", scroll="1m", size=1)
        assert jo.scroll(scroll_id=page["_scroll_id"])["hits"]["hits"] == []
        assert jo.clear_scroll(scroll_id=page["_scroll_id"])["num_freed"] > 0
        point = jo.open_point_in_time(index="logs", keep_alive="1m")["id"]
        assert jo.search(pit={"id": point})["hits"]["total"]["value"] == 1
        assert jo.close_point_in_time(id=point)["succeeded"]
        assert jo.async_search.submit(index="logs")["response"]["hits"]["total"]["value"] == 1
        with pytest.raises(ApiError) as caught:
            jo.search(index="secret")
    assert caught.value.status_code == 403


def test_an_api_key_does_on_another_node_what_it_was_given(pair: Pair) -> None:
    narrow = {"narrow": {"indices": [{"names": ["logs"], "privileges": ["read"]}]}}
    with pair.site.client(pair.first) as elastic:
        made = elastic.security.create_api_key(name="narrow", role_descriptors=narrow)
    ca = str(pair.site.root / "ca.crt")
    with Elasticsearch(f"https://{pair.first.http}", ca_certs=ca, api_key=made["encoded"], max_retries=0) as key:
        assert key.search(index="logs", query={"ids": {"values": ["1"]}})["hits"]["total"]["value"] == 1
        assert key.get(index="logs", id="1")["found"]


async def test_rights_that_are_taken_away_are_gone_where_the_index_is_whoever_asks(
    pair: Pair, connection: Connection
) -> None:
    with pair.site.client(pair.first) as elastic:
        elastic.security.put_role(name="passing", indices=[{"names": ["logs"], "privileges": ["read"]}])
    jo = user("jo", "passing")
    assert (await document(pair, connection, "logs", jo)).documents[0] is not None
    with pytest.raises(RemoteError, match=r"unauthorized for user \[jo\].* on indices \[secret\]"):
        await document(pair, connection, "secret", jo)
    with pair.site.client(pair.first) as elastic:
        elastic.security.delete_role(name="passing")
    with pytest.raises(RemoteError, match=r"unauthorized for user \[jo\]") as caught:
        await document(pair, connection, "logs", jo)
    assert (caught.value.type, caught.value.status) == ("security_exception", 403)


async def test_a_good_certificate_alone_is_nobody(pair: Pair, connection: Connection) -> None:
    with pytest.raises(RemoteError, match="missing authentication credentials for action") as caught:
        await document(pair, connection, "logs", {})
    assert (caught.value.type, caught.value.status) == ("security_exception", 403)


async def test_a_certificate_of_the_cluster_may_speak_for_anybody_as_in_elasticsearch(
    pair: Pair, connection: Connection
) -> None:
    """What protects from a forged superuser is that nobody else has a certificate of the cluster's authority."""
    found = await document(pair, connection, "secret", user("whoever", "superuser"))
    assert found.documents[0] is not None


async def test_a_user_cannot_ask_for_what_nodes_do_among_themselves(connection: Connection) -> None:
    write = messages.WriteRequest([Write("key", b"value", None)])
    with pytest.raises(RemoteError, match=r"is for nodes of the cluster, not for the user \[king\]"):
        await call(connection, messages.WRITE, write, headers=user("king", "superuser"), timeout=SOON)


@pytest.mark.parametrize("wanted", ["optional", "none"])
async def test_a_stranger_gets_no_further_than_the_handshake_whomever_he_claims_to_be(
    wanted: str, site: Site, stage: Stage
) -> None:
    node = site.start(OWNER, settings={"xpack.security.transport.ssl.client_authentication": wanted})
    client = stage.client(tls=stage.tls(None, [site.ca]), cluster=CLUSTER)
    connection = await client.open_connection("127.0.0.1", port_of(node.transport), timeout=SOON)
    asked = GetDocuments(IndexName("logs", "uuid"), ["1"])
    with pytest.raises(RemoteError, match="needs a peer with a verified certificate, and this one is anonymous"):
        await call(connection, GET, asked, headers=user("king", "superuser"), timeout=SOON)


def _rows(client: Elasticsearch) -> Any:
    return client.cat.indices(format="json").body
