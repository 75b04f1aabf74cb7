"""Who is served without a verified certificate, and which roles a certificate grants."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from isthmus.cluster.messages import PEERS, Member, PeerStanding
from isthmus.demo.nodes import NodeProcess
from isthmus.security.forwarding.asking import ask
from isthmus.state.history import Position
from isthmus.tls.live import TlsChannel
from isthmus.transport.connection import Connection
from isthmus.transport.errors import RemoteError
from isthmus.wire.handshake import TRANSPORT_HANDSHAKE, encode_transport_request
from tests.live.site import CLUSTER, OWNER, SOON, Site, isthmus, port_of
from tests.transport.stage import Stage

pytestmark = pytest.mark.live
CLIENT_AUTHENTICATION = "xpack.security.transport.ssl.client_authentication"
TRUST_NETWORK = "isthmus.transport.trust_network"
ROLE_PATTERN = "isthmus.transport.node_role_pattern"
NOBODY = PeerStanding(
    Member("nobody", "id", "run", "127.0.0.1", "127.0.0.1", "127.0.0.1:1", None, (), {}, "0", ""),
    None,
    Position(0, 0),
    None,
)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    await stage.close()


async def connect(stage: Stage, node: NodeProcess, tls: TlsChannel | None) -> Connection:
    client = stage.client(tls=tls, cluster=CLUSTER)
    return await client.open_connection("127.0.0.1", port_of(node.transport), timeout=SOON)


# Anonymous peers


@pytest.mark.parametrize("wanted", ["optional", "none"])
async def test_where_no_certificate_is_required_an_anonymous_peer_gets_handshakes_and_nothing_else(
    wanted: str, site: Site, stage: Stage
) -> None:
    node = site.start(OWNER, settings={CLIENT_AUTHENTICATION: wanted})
    connection = await connect(stage, node, stage.tls(None, [site.ca]))
    assert connection.node.name == OWNER
    assert await connection.request(TRANSPORT_HANDSHAKE, encode_transport_request(), timeout=SOON)
    with pytest.raises(RemoteError, match="anonymous") as caught:
        await ask(connection, PEERS, NOBODY, timeout=SOON)
    assert (caught.value.type, caught.value.status) == ("security_exception", 403)


def test_a_peer_is_known_by_an_optional_certificate_and_not_by_one_that_is_not_asked_for(site: Site) -> None:
    for wanted in ("optional", "none"):
        owner = site.start(f"owner-{wanted}", settings={CLIENT_AUTHENTICATION: wanted})
        joiner = site.start(f"joiner-{wanted}", seeds=[owner])
        if wanted == "optional":
            site.wait_for_members(owner, f"joiner-{wanted}", f"owner-{wanted}")
        else:
            joiner.wait_until_logged("anonymous")
            assert site.names(owner) == [f"owner-{wanted}"]


async def test_a_trusted_network_serves_anonymous_peers_and_is_warned_of(site: Site, stage: Stage) -> None:
    node = site.start(OWNER, settings={CLIENT_AUTHENTICATION: "none", TRUST_NETWORK: True})
    connection = await connect(stage, node, stage.tls(None, [site.ca]))
    site.wait_for_members(node, OWNER)
    answer = await ask(connection, PEERS, NOBODY, timeout=SOON)
    assert answer.owner is not None
    assert answer.owner.name == OWNER
    entry = node.wait_until_logged(TRUST_NETWORK)
    assert entry["log.level"].strip() == "WARN"
    with site.client(node) as client:
        assert any(TRUST_NETWORK in warning for warning in client.cluster.health()["warnings"])


# Without TLS


async def test_without_tls_a_node_serves_loopback_and_gives_anonymous_peers_handshakes(
    site: Site, stage: Stage
) -> None:
    node = site.start(OWNER, tls=False)
    assert node.transport.startswith("127.0.0.1:")
    connection = await connect(stage, node, None)
    with pytest.raises(RemoteError, match="anonymous"):
        await ask(connection, PEERS, NOBODY, timeout=SOON)


def test_without_tls_no_other_address_is_listened_on(site: Site) -> None:
    folder = site.folder(OWNER, tls=False)
    for address in ("0.0.0.0", *_own_addresses()):
        refused = isthmus(folder, "node", "-E", f"transport.host={address}")
        assert refused.returncode == 78
        assert (
            f"without TLS the transport listens on loopback addresses only, and [{address}] is none" in refused.stderr
        )
        assert "set xpack.security.transport.ssl.enabled: true" in refused.stderr


def _own_addresses() -> Iterator[str]:
    """An address of this machine that is not loopback, if it has one."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family == socket.AF_INET and not one.address.startswith("127."):
                yield one.address
                return


# Roles


def test_roles_are_shown_and_unknown_ones_refused(site: Site) -> None:
    owner = site.start(OWNER, settings={"node.roles": ["master"]})
    member = site.start("second", seeds=[owner], settings={"node.roles": ["data", "ingest"]})
    site.wait_for_members(owner, OWNER, "second")
    with site.client(member) as client:
        rows: Any = client.cat.nodes(format="json", h="name,node.role").body
    assert {row["name"]: row["node.role"] for row in rows} == {OWNER: "m", "second": "di"}
    refused = isthmus(site.folder("third", settings={"node.roles": ["data", "royal"]}), "node")
    assert refused.returncode == 78
    assert "royal" in refused.stderr


def test_roles_are_checked_against_the_names_of_the_certificate(site: Site) -> None:
    pattern = {ROLE_PATTERN: r"[^.]+\.(?P<role>[^.]+)\.nodes\.example\.com"}
    owner = site.start(OWNER, settings=pattern)
    issued = site.ca.issue("second", dns=["second.data.nodes.example.com", "second.ingest.nodes.example.com"])
    second = site.start("second", seeds=[owner], issued=issued, settings={"node.roles": ["data", "ingest"]})
    site.wait_for_members(owner, OWNER, "second")
    third = site.start("third", seeds=[second], issued=issued, settings={"node.roles": ["data", "master"]})
    for node in (owner, third):
        told = node.wait_until_logged("which its certificate does not grant")["message"]
        assert "node [third] claims the role [master]" in told
        assert "second.data.nodes.example.com" in told
        assert "issue it a certificate with a name that matches" in told
    assert site.names(owner) == [OWNER, "second"]
