"""Handshakes: the recorded bytes, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.wire.errors import MalformedError
from isthmus.wire.handshake import (
    TcpHandshake,
    TransportHandshake,
    check_version,
    decode_tcp_request,
    decode_tcp_response,
    decode_transport_request,
    decode_transport_response,
    encode_tcp_request,
    encode_tcp_response,
    encode_transport_request,
    encode_transport_response,
)
from isthmus.wire.nodes import ROLES, DiscoveryNode, Role, read_node, write_node
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.version import RELEASE, RELEASE_ID, TRANSPORT_VERSION, release_name

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NODES = st.builds(
    DiscoveryNode,
    name=TEXT,
    id=TEXT,
    ephemeral_id=TEXT,
    host_name=TEXT,
    host_address=TEXT,
    address=st.tuples(st.ip_addresses().map(str), st.integers(0, 65535)),
    attributes=st.dictionaries(TEXT, TEXT, max_size=4),
    roles=st.lists(st.one_of(st.sampled_from(list(ROLES.values())), st.builds(Role, TEXT, TEXT, st.booleans()))).map(
        tuple
    ),
    external_id=TEXT,
)


def test_the_tcp_handshake_has_the_recorded_bytes() -> None:
    assert encode_tcp_request().hex() == "0004e8ce9b04"
    assert encode_tcp_response(7170099).hex() == "e8ce9b04"


def test_a_newer_header_carries_the_release() -> None:
    assert decode_tcp_request(encode_tcp_request(8800000), 8800000) == TcpHandshake(TRANSPORT_VERSION, RELEASE)
    assert decode_tcp_response(encode_tcp_response(8800000), 8800000) == TcpHandshake(TRANSPORT_VERSION, RELEASE)


@pytest.mark.parametrize("version", [TRANSPORT_VERSION, 8841070, 9112000])
def test_a_peer_of_our_version_or_a_later_one_is_spoken_to(version: int) -> None:
    check_version(TcpHandshake(version))


@pytest.mark.parametrize("version", [0, -1, 7170099, 8500061, 8841063])
def test_a_peer_of_an_older_version_is_refused_with_the_numbers(version: int) -> None:
    with pytest.raises(MalformedError, match=f"{version}.*{TRANSPORT_VERSION}"):
        check_version(TcpHandshake(version))


def test_the_transport_handshake_asks_with_one_byte() -> None:
    decode_transport_request(encode_transport_request())
    assert encode_transport_request() == b"\0"


@given(NODES, TEXT, TEXT)
def test_who_we_are_survives(node: DiscoveryNode, cluster: str, build: str) -> None:
    answer = TransportHandshake(RELEASE_ID, build, node, cluster)
    assert decode_transport_response(encode_transport_response(answer)) == answer


def test_a_recorded_node_is_read() -> None:
    """A node of Elasticsearch 8.19.0, as it stands in a recorded search_shards response."""
    data = bytes.fromhex(
        "0161167755565170517947524269674e5734447636754f3641166e4b526b6945446651504b55766a5347634241417767"
        "093132372e302e302e31093132372e302e302e31047f000001093132372e302e302e310000533401"
        "0f787061636b2e696e7374616c6c656404747275650b046461746101640109646174615f636f6c640163010c646174615f"
        "636f6e74656e740173010b646174615f66726f7a656e01660108646174615f686f7401680109646174615f7761726d0177"
        "0106696e67657374016900066d6173746572016d00026d6c016c001572656d6f74655f636c75737465725f636c69656e74"
        "017200097472616e73666f726d01740093f1f303a3a0ab03a3a0ab03c0ff88040161"
    )
    reader = Reader(data)
    node = read_node(reader)
    reader.expect_end()
    assert (node.name, node.id, node.address) == ("a", "wUVQpQyGRBigNW4Dv6uO6A", ("127.0.0.1", 21300))
    assert set(node.roles) == set(ROLES.values()) - {ROLES["index"], ROLES["search"], ROLES["voting_only"]}
    assert release_name(node.version) == "8.19.0"
    writer = Writer()
    write_node(writer, node)
    assert bytes(writer) == data


@pytest.mark.parametrize(
    "address", ["05" + "00" * 5 + "00" + "00000001", "047f00000100" + "ffffffff", "047f00000100" + "00010000"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(MalformedError):
        read_node(Reader(b"\0" * 5 + bytes.fromhex(address) + b"\0" * 20))


@given(st.binary(max_size=100))
def test_no_bytes_make_it_fail_in_another_way(data: bytes) -> None:
    for decode in (
        decode_transport_response,
        decode_transport_request,
        lambda body: decode_tcp_request(body, 7170099),
        lambda body: decode_tcp_response(body, 8800000),
    ):
        try:
            decode(data)
        except MalformedError:
            continue
