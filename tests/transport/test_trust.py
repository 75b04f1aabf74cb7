"""Who may come in, who only gets a handshake, and what is said to whom."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from isthmus.errors import ConfigError
from isthmus.tls.live import TlsChannel
from isthmus.transport.errors import ConnectError, RemoteError
from isthmus.transport.limits import TransportLimits
from tests.certificates import CLIENT, SERVER, Authority, Issued, make_ca, self_signed
from tests.transport.stage import BOTH, TIMEOUT, Stage

PROTOCOLS = pytest.mark.parametrize("protocol", BOTH)


@pytest.fixture
def server_tls(stage: Stage, authority: Authority) -> TlsChannel:
    return stage.tls(authority.issue("server"), [authority])


@PROTOCOLS
async def test_nodes_of_one_authority_know_each_other(
    stage: Stage, authority: Authority, server_tls: TlsChannel, protocol: str
) -> None:
    server = await stage.server(tls=server_tls)
    tls = stage.tls(authority.issue("client"), [authority], protocols=(protocol,))
    connection = await stage.connect(server, tls=tls)
    assert connection.identity is not None
    assert connection.identity.verified
    assert connection.identity.protocol == protocol
    assert connection.identity.chain[0] == server_tls.generation.chain[0]
    assert await connection.request("who", timeout=TIMEOUT) == b"CN=client"
    assert server.refused.all == []


def _aliens(authority: Authority, alien: Authority) -> dict[str, tuple[Issued, str]]:
    return {
        "of another authority": (alien.issue("alien"), "no CA trusted here issued it"),
        "of another authority of the same name": (make_ca("trusted CA").issue("alien"), "but another key"),
        "self-signed": (self_signed("alien"), "self-signed"),
        "expired": (authority.issue("alien", days=(-10, -1)), "expired"),
        "not valid yet": (authority.issue("alien", days=(1, 10)), "is not valid before"),
        "only for servers": (authority.issue("alien", usages=[SERVER]), "lacks clientAuth"),
    }


@PROTOCOLS
@pytest.mark.parametrize("case", list(_aliens(make_ca(), make_ca())))
async def test_an_alien_is_refused_and_both_sides_are_told_why(
    stage: Stage, authority: Authority, alien: Authority, server_tls: TlsChannel, case: str, protocol: str
) -> None:
    issued, why = _aliens(authority, alien)[case]
    server = await stage.server(tls=server_tls)
    client = stage.client(tls=stage.tls(issued, [authority], protocols=(protocol,)))
    fingerprint = issued.certificate.fingerprint(SHA256()).hex()

    with pytest.raises(ConnectError) as caught:
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    told = str(caught.value)
    assert "it refused our certificate" in told
    assert fingerprint in told
    assert "issued by [CN=" in told
    assert caught.value.refusal is not None
    assert caught.value.hint

    refused = await server.refusal()
    assert refused.refusal is not None
    assert why in refused.reason
    assert fingerprint in refused.reason
    assert "[CN=alien]" in refused.reason
    assert refused.address in refused.reason


async def test_a_server_of_another_authority_is_refused_and_both_sides_are_told_why(
    stage: Stage, authority: Authority, alien: Authority
) -> None:
    issued = alien.issue("server")
    server = await stage.server(tls=stage.tls(issued, [alien, authority]))
    client = stage.client(tls=stage.tls(authority.issue("client"), [authority]))
    with pytest.raises(ConnectError, match="no CA trusted here issued it") as caught:
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    assert issued.certificate.fingerprint(SHA256()).hex() in str(caught.value)
    refused = await server.refusal()
    assert "it refused our certificate" in refused.reason
    assert issued.certificate.fingerprint(SHA256()).hex() in refused.reason


async def test_a_server_whose_certificate_is_only_for_clients_is_refused(stage: Stage, authority: Authority) -> None:
    server = await stage.server(tls=stage.tls(authority.issue("server", usages=[CLIENT]), [authority]))
    client = stage.client(tls=stage.tls(authority.issue("client"), [authority]))
    with pytest.raises(ConnectError, match="serverAuth"):
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)


async def test_a_wrong_host_name_is_refused_in_mode_full_only(stage: Stage, authority: Authority) -> None:
    issued = authority.issue("server", dns=["other.example.com"], ips=[])
    server = await stage.server(tls=stage.tls(issued, [authority]))
    full = stage.client(tls=stage.tls(authority.issue("client"), [authority]))
    with pytest.raises(ConnectError, match=r"does not hold the name or address.*127\.0\.0\.1.*other\.example\.com"):
        await full.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    named = await full.open_connection("127.0.0.1", server.port, server_name="other.example.com", timeout=TIMEOUT)
    assert named.node.name == "server"
    lax = stage.client(tls=stage.tls(authority.issue("client"), [authority], verification_mode="certificate"))
    assert (await lax.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)).node.name == "server"


async def test_a_peer_without_a_certificate_is_refused_where_one_is_required(
    stage: Stage, authority: Authority, server_tls: TlsChannel
) -> None:
    server = await stage.server(tls=server_tls)
    client = stage.client(tls=stage.tls(None, [authority]))
    with pytest.raises(ConnectError, match="presented no certificate"):
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    assert "without a certificate" in (await server.refusal()).reason


@pytest.mark.parametrize("client_authentication", ["optional", "none"])
async def test_an_anonymous_peer_gets_handshakes_and_nothing_else(
    stage: Stage, authority: Authority, client_authentication: str
) -> None:
    tls = stage.tls(authority.issue("server"), [authority], client_authentication=client_authentication)
    server = await stage.server(tls=tls)
    connection = await stage.connect(server, tls=stage.tls(None, [authority]))
    assert connection.node.name == "server"
    for action in ("echo", "no/such/action"):
        with pytest.raises(RemoteError, match="anonymous") as caught:
            await connection.request(action, timeout=TIMEOUT)
        assert (caught.value.type, caught.value.status) == ("security_exception", 403)


async def test_an_optional_certificate_makes_a_peer_known(stage: Stage, authority: Authority) -> None:
    server = await stage.server(tls=stage.tls(authority.issue("server"), [authority], client_authentication="optional"))
    connection = await stage.connect(server, tls=stage.tls(authority.issue("client"), [authority]))
    assert await connection.request("who", timeout=TIMEOUT) == b"CN=client"


async def test_without_tls_everybody_is_anonymous_unless_the_network_is_trusted(stage: Stage) -> None:
    wary = await stage.connect(await stage.server())
    with pytest.raises(RemoteError, match="anonymous"):
        await wary.request("echo", timeout=TIMEOUT)
    trusting = await stage.connect(await stage.server(trust_network=True))
    assert await trusting.request("echo", b"x", timeout=TIMEOUT) == b"x"


async def test_a_trusted_network_serves_anonymous_tls_peers_too(stage: Stage, authority: Authority) -> None:
    tls = stage.tls(authority.issue("server"), [authority], client_authentication="none")
    server = await stage.server(tls=tls, trust_network=True)
    connection = await stage.connect(server, tls=stage.tls(None, [authority]))
    assert await connection.request("who", timeout=TIMEOUT) == b"nobody"


async def test_another_cluster_is_refused_by_name(stage: Stage) -> None:
    server = await stage.server()
    client = stage.client(cluster="other")
    with pytest.raises(ConnectError, match=r"cluster \[test\], this node to \[other\]") as caught:
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    assert caught.value.hint


async def test_without_tls_only_loopback_is_listened_on_and_dialled(stage: Stage) -> None:
    client = stage.client()
    with pytest.raises(ConfigError, match="loopback"):
        await client.bind(["0.0.0.0"], [0])
    with pytest.raises(ConnectError, match="loopback"):
        await client.open_connection("192.0.2.1", 9300, timeout=TIMEOUT)


async def test_a_host_with_several_addresses_is_listened_on_at_each(stage: Stage) -> None:
    service = stage.client()
    bound = await service.bind(["localhost", "127.0.0.2"], [0])
    assert "127.0.0.2" in {ip for ip, _ in bound}
    for ip, port in bound:
        assert (await stage.client().open_connection(ip, port, timeout=TIMEOUT)).node.name == "client"


async def test_the_first_free_port_of_a_range_is_taken_and_a_full_range_refused(stage: Stage) -> None:
    server = await stage.server()
    client = stage.client()
    bound = await client.bind(["127.0.0.1"], [server.port, 0])
    assert bound[0][1] not in (0, server.port)
    with pytest.raises(ConfigError, match="cannot listen"):
        await stage.client().bind(["127.0.0.1"], [server.port])


async def test_nobody_at_the_address_is_said_so(stage: Stage) -> None:
    server = await stage.server()
    await server.service.close()
    with pytest.raises(ConnectError, match="cannot be reached"):
        await stage.client().open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    with pytest.raises(ConnectError, match="has no address"):
        await stage.client().open_connection("no-such-host.invalid", 9300, timeout=TIMEOUT)


async def test_a_peer_that_says_nothing_is_given_up(stage: Stage) -> None:
    port = await stage.impostor(None)
    with pytest.raises(ConnectError, match=r"no (connection|answer).* within 0\.\d+ s"):
        await stage.client().open_connection("127.0.0.1", port, timeout=0.2)


async def test_tls_to_a_plain_port_is_explained_on_both_sides(stage: Stage, authority: Authority) -> None:
    server = await stage.server()
    client = stage.client(tls=stage.tls(authority.issue("client"), [authority]))
    with pytest.raises(ConnectError, match="closed the connection during the handshake"):
        await client.open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    assert "it speaks TLS, and TLS is off here" in (await server.refusal()).reason


async def test_plain_speech_to_a_tls_port_is_explained_on_both_sides(stage: Stage, server_tls: TlsChannel) -> None:
    server = await stage.server(tls=server_tls)
    with pytest.raises(ConnectError, match="the peer speaks TLS, and TLS is off here"):
        await stage.client().open_connection("127.0.0.1", server.port, timeout=TIMEOUT)
    assert "without TLS, and TLS is on here" in (await server.refusal()).reason


async def test_a_replaced_certificate_is_met_by_new_connections_and_old_ones_go_on(
    stage: Stage, authority: Authority, server_tls: TlsChannel
) -> None:
    server = await stage.server(tls=server_tls)
    client = stage.tls(authority.issue("client"), [authority])
    before = await stage.connect(server, tls=client)
    server_tls.replace(stage.tls(authority.issue("renewed"), [authority]).generation)
    after = await stage.connect(server, tls=client)
    assert after.identity is not None
    assert after.identity.chain[0] == server_tls.generation.chain[0]
    assert await before.request("echo", b"x", timeout=TIMEOUT) == b"x"


async def test_too_many_strangers_make_the_oldest_give_way(stage: Stage, server_tls: TlsChannel) -> None:
    limits = TransportLimits(max_anonymous=3)
    for tls in (server_tls, None):
        server = await stage.server(tls=tls, limits=limits)
        strangers = [await stage.open(server) for _ in range(4)]
        assert "gives way" in (await server.refusal()).reason
        reader, _ = strangers[0]
        assert await asyncio.wait_for(_rest(reader), TIMEOUT) == b""


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.parametrize("host", ["a..b", "x" * 64, ".", "\udcff"])
async def test_a_host_that_no_name_service_would_take_is_a_plain_refusal(stage: Stage, host: str) -> None:
    with pytest.raises(ConnectError, match="the name has no address"):
        await stage.client().open_connection(host, 9300, timeout=TIMEOUT)


@pytest.mark.parametrize("name", ["a..b", ".x", "a\0b", "x" * 64, "\udcff"])
async def test_a_name_that_no_certificate_could_bear_is_a_plain_refusal(
    stage: Stage, authority: Authority, server_tls: TlsChannel, name: str
) -> None:
    server = await stage.server(tls=server_tls)
    client = stage.client(tls=stage.tls(authority.issue("client"), [authority]))
    with pytest.raises(ConnectError, match="no name that a certificate could bear"):
        await client.open_connection("127.0.0.1", server.port, server_name=name, timeout=TIMEOUT)
