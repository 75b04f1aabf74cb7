"""The two handshakes that open a connection (es-wire §2).

First `internal:tcp/handshake` settles the TransportVersion, with an old header that any version reads. Then
`internal:transport/handshake` tells who the node is and which cluster it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.wire.errors import MalformedError
from isthmus.wire.nodes import DiscoveryNode, read_node, write_node
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.tasks import read_task
from isthmus.wire.version import RELEASE, TRANSPORT_VERSION

TCP_HANDSHAKE = "internal:tcp/handshake"
TRANSPORT_HANDSHAKE = "internal:transport/handshake"

HEADER_VERSION = 7170099
_WITH_RELEASE = 8800000


@dataclass(frozen=True)
class TcpHandshake:
    """A side's TransportVersion, and its release as text where the header version carries it."""

    version: int
    release: str | None = None


@dataclass(frozen=True)
class TransportHandshake:
    """Who answers: release id, build hash, node and cluster name."""

    release_id: int
    build_hash: str
    node: DiscoveryNode
    cluster_name: str


def encode_tcp_request(header_version: int = HEADER_VERSION) -> bytes:
    """Return the body by which this node offers its version."""
    body = Writer()
    body.u8(0)
    body.byte_string(encode_tcp_response(header_version))
    return bytes(body)


def decode_tcp_request(body: bytes | memoryview, header_version: int) -> TcpHandshake:
    """Read what a peer offers; raises MalformedError."""
    reader = Reader(body)
    read_task(reader)
    offer = reader.byte_string()
    reader.expect_end()
    return decode_tcp_response(offer, header_version)


def encode_tcp_response(header_version: int) -> bytes:
    """Return the body by which this node tells its version."""
    body = Writer()
    body.vint(TRANSPORT_VERSION)
    if header_version >= _WITH_RELEASE:
        body.string(RELEASE)
    return bytes(body)


def decode_tcp_response(body: bytes | memoryview, header_version: int) -> TcpHandshake:
    """Read the version a peer answers; raises MalformedError."""
    reader = Reader(body)
    version = reader.vint()
    release = reader.string() if header_version >= _WITH_RELEASE else None
    reader.expect_end()
    return TcpHandshake(version, release)


def check_version(peer: TcpHandshake) -> None:
    """Raise MalformedError unless a peer that knows `peer.version` speaks this node's version too."""
    if peer.version < TRANSPORT_VERSION:
        release = f" (release {peer.release[:40]!r})" if peer.release else ""
        raise MalformedError(
            f"the peer speaks TransportVersion {peer.version}{release}, this node needs {TRANSPORT_VERSION}",
            hint="the peer must be Elasticsearch 8.19 or later",
        )


def encode_transport_request() -> bytes:
    """Return the body that asks who the peer is: no parent task, nothing else."""
    return b"\0"


def decode_transport_request(body: bytes | memoryview) -> None:
    """Read that question; raises MalformedError."""
    reader = Reader(body)
    read_task(reader)
    reader.expect_end()


def encode_transport_response(answer: TransportHandshake) -> bytes:
    """Return the body that tells who this node is."""
    body = Writer()
    body.vint(answer.release_id)
    body.string(answer.build_hash)
    write_node(body, answer.node)
    body.string(answer.cluster_name)
    return bytes(body)


def decode_transport_response(body: bytes | memoryview) -> TransportHandshake:
    """Read who the peer is; raises MalformedError."""
    reader = Reader(body)
    answer = TransportHandshake(reader.vint(), reader.string(), read_node(reader), reader.string())
    reader.expect_end()
    return answer
