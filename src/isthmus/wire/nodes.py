"""A node as it introduces itself: DiscoveryNode (es-wire §2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from isthmus.wire.errors import MalformedError
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.version import MAXIMUM_INDEX_VERSION, MINIMUM_INDEX_VERSION, RELEASE_ID

MAX_ATTRIBUTES = 1_000


@dataclass(frozen=True)
class Role:
    """A node's role: Elasticsearch's name, its letter in `_cat/nodes`, and whether such a node can hold data."""

    name: str
    abbreviation: str
    can_contain_data: bool


@dataclass(frozen=True)
class DiscoveryNode:
    """Who a node is. `address` is (ip, port); the ip is text, version 4 or 6."""

    name: str
    id: str
    ephemeral_id: str
    host_name: str
    host_address: str
    address: tuple[str, int]
    attributes: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    version: int = RELEASE_ID
    min_index_version: int = MINIMUM_INDEX_VERSION
    min_read_only_index_version: int = MINIMUM_INDEX_VERSION
    max_index_version: int = MAXIMUM_INDEX_VERSION
    external_id: str | None = None


ROLES: dict[str, Role] = {
    name: Role(name, letter, can_contain_data)
    for name, letter, can_contain_data in (
        ("data", "d", True),
        ("data_cold", "c", True),
        ("data_content", "s", True),
        ("data_frozen", "f", True),
        ("data_hot", "h", True),
        ("data_warm", "w", True),
        ("index", "I", True),
        ("ingest", "i", False),
        ("master", "m", False),
        ("ml", "l", False),
        ("remote_cluster_client", "r", False),
        ("search", "S", True),
        ("transform", "t", False),
        ("voting_only", "v", False),
    )
}


def read_node(reader: Reader) -> DiscoveryNode:
    """Read a node; raises MalformedError."""
    name, node_id, ephemeral_id, host_name, host_address = (reader.string() for _ in range(5))
    return DiscoveryNode(
        name=name,
        id=node_id,
        ephemeral_id=ephemeral_id,
        host_name=host_name,
        host_address=host_address,
        address=_read_address(reader),
        attributes=reader.bounded_map_of(reader.string, MAX_ATTRIBUTES),
        roles=tuple(reader.list_of(lambda: Role(reader.string(), reader.string(), reader.boolean()))),
        version=reader.vint(),
        min_index_version=reader.vint(),
        min_read_only_index_version=reader.vint(),
        max_index_version=reader.vint(),
        external_id=reader.string(),
    )


def write_node(writer: Writer, node: DiscoveryNode) -> None:
    """Write a node."""
    for text in (node.name, node.id, node.ephemeral_id, node.host_name, node.host_address):
        writer.string(text)
    _write_address(writer, node)
    writer.map_of(node.attributes, writer.string, writer.string)
    writer.list_of(node.roles, lambda role: _write_role(writer, role))
    for number in (
        node.version,
        node.min_index_version,
        node.min_read_only_index_version,
        node.max_index_version,
    ):
        writer.vint(number)
    writer.string(node.name if node.external_id is None else node.external_id)


def _read_address(reader: Reader) -> tuple[str, int]:
    size = reader.u8()
    if size not in (4, 16):
        raise MalformedError(f"an IP address has {size} bytes")
    ip = ipaddress.ip_address(reader.raw(size))
    reader.string()  # the host's name again
    port = reader.i32()
    if not 0 <= port <= 0xFFFF:
        raise MalformedError(f"a node's port is {port}")
    return str(ip), port


def _write_address(writer: Writer, node: DiscoveryNode) -> None:
    ip, port = node.address
    raw = ipaddress.ip_address(ip).packed
    writer.u8(len(raw))
    writer.raw(raw)
    writer.string(node.host_address)
    writer.i32(port)


def _write_role(writer: Writer, role: Role) -> None:
    writer.string(role.name)
    writer.string(role.abbreviation)
    writer.boolean(role.can_contain_data)
