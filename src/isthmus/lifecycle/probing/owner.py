"""Whose port is it: from an address and configuration folders to what is expected of the port. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from isthmus.lifecycle.folders import NodeFolder
from isthmus.lifecycle.probing.findings import Expected
from isthmus.lifecycle.probing.line import split_address


@dataclass(frozen=True)
class Owner:
    """The node that a port belongs to, and the channel that its settings put there (empty: none)."""

    node: NodeFolder
    channel: str

    def expected(self) -> Expected:
        """Say what the node's settings and files let one expect of the port."""
        facts = self.node.facts.channels
        transport = self.node.facts.channel("transport")
        return Expected(
            trusted=transport.trusted
            if transport and self.channel in ("transport", "") and transport.trusted
            else None,
            channel=self.channel,
            node=self.node.name,
            lets_us_in=self.channel in ("transport", ""),
            tls=self.channel in self.node.channels,
            certificates={one.name: one.presented[0] for one in facts if one.presented},
            ports={channel: str(ports) for channel, ports in self.node.ports.items()},
        )


def owner(address: str, nodes: Sequence[NodeFolder]) -> Owner | None:
    """Find the node with that host and port, else the only one there is; None if nothing tells whose port it is.

    A node is known by its name, by the addresses of its settings, and, where these leave the host open, by the port.
    """
    if len(nodes) == 1:
        return Owner(nodes[0], _channel(nodes[0], address))
    named = list(_fitting(address, nodes))
    return named[0] if len({one.node.where for one in named}) == 1 else None


def _fitting(address: str, nodes: Iterable[NodeFolder]) -> Iterator[Owner]:
    host, _ = split_address(address)
    for node in nodes:
        channel = _channel(node, address)
        hosts = node.addresses.get(channel, ())
        if channel and (not hosts or host in hosts or host == node.name):
            yield Owner(node, channel)


def _channel(node: NodeFolder, address: str) -> str:
    """Of ranges that overlap, such as 9200-9300 and 9300-9400, the one that begins with the port is meant."""
    _, port = split_address(address)
    open_ones = {one.name for one in node.facts.channels} | {"transport", "http"}
    ranges = [(channel, ports) for channel, ports in node.ports.items() if port in ports and channel in open_ones]
    return min(ranges, key=lambda one: one[1].first != port, default=("", None))[0]
