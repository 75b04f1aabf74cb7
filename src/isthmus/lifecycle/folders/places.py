"""Where a node is found: the hosts that others know it by and the ports it listens on, by channel. Pure.

The narrower setting wins, as in Elasticsearch: `transport.publish_host`, `transport.host`, `network.publish_host`,
`network.host`; the remote cluster server carries on with those of transport.
"""

from __future__ import annotations

from collections.abc import Mapping

from isthmus.lifecycle.folders.entries import FolderEntries
from isthmus.settings.entries import Entry
from isthmus.settings.hosts import LOCAL, WILDCARDS
from isthmus.settings.values import PortRange, ports

_NETWORK = ("network.publish_host", "network.host")
_TRANSPORT = ("transport.publish_host", "transport.host", *_NETWORK)
_HOSTS = {
    "transport": _TRANSPORT,
    "http": ("http.publish_host", "http.host", *_NETWORK),
    "remote_cluster_server": ("remote_cluster.publish_host", "remote_cluster.host", *_TRANSPORT),
}
_PORTS = {
    "transport": (("transport.port", "transport.tcp.port"), PortRange(9300, 9400)),
    "http": (("http.port",), PortRange(9200, 9300)),
    "remote_cluster_server": (("remote_cluster.port",), PortRange(9443, 9443)),
}


def addresses(found: FolderEntries) -> dict[str, tuple[str, ...]]:
    """Return the hosts of each channel; none where the settings leave them to the machine (`0.0.0.0`, `_site_`)."""
    return {channel: _first_hosts(found.entries, names) for channel, names in _HOSTS.items()}


def listening(found: FolderEntries) -> dict[str, PortRange]:
    """Return the ports of each channel, Elasticsearch's default where none are set or what is set is no port."""
    return {channel: _ports(found, names, default) for channel, (names, default) in _PORTS.items()}


def _first_hosts(entries: Mapping[str, Entry], names: tuple[str, ...]) -> tuple[str, ...]:
    given = next((entries[name].value for name in names if name in entries), ())
    listed = given.split(",") if isinstance(given, str) else given
    hosts = [_host(one.strip()) for one in listed]
    return tuple(dict.fromkeys(host for host in hosts if host))


def _host(written: str) -> str:
    host = written.removeprefix("[").removesuffix("]")
    if host == LOCAL:
        return "127.0.0.1"
    return "" if host in WILDCARDS or host.startswith("_") else host


def _ports(found: FolderEntries, names: tuple[str, ...], default: PortRange) -> PortRange:
    given = next((text for name in names if (text := found.text(name)) is not None), None)
    try:
        return default if given is None else ports.parse(given)
    except ValueError:
        return default
