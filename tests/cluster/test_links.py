"""Addresses as members publish them and as seeds are written."""

from __future__ import annotations

import pytest

from isthmus.cluster.links import split_address
from isthmus.cluster.peers import with_port
from isthmus.errors import DataError


@pytest.mark.parametrize(
    ("address", "parts"),
    [("127.0.0.1:9300", ("127.0.0.1", 9300)), ("[::1]:9300", ("::1", 9300)), ("node-1:1", ("node-1", 1))],
)
def test_an_address_is_a_host_and_a_port(address: str, parts: tuple[str, int]) -> None:
    assert split_address(address) == parts


@pytest.mark.parametrize("address", ["", "node", ":9300", "node:", "node:x", "node:0", "node:65536", "node:٣"])
def test_what_a_peer_calls_an_address_is_not_believed(address: str) -> None:
    with pytest.raises(DataError, match="no address of a node"):
        split_address(address)


@pytest.mark.parametrize(
    ("seed", "asked"),
    [
        ("node-1", "node-1:9300"),
        ("node-1:9301", "node-1:9301"),
        ("::1", "[::1]:9300"),
        ("[::1]", "[::1]:9300"),
        ("[::1]:9301", "[::1]:9301"),
    ],
)
def test_a_seed_without_a_port_has_the_default_one(seed: str, asked: str) -> None:
    assert with_port(seed) == asked
