"""Where a node listens and what addresses it gives to others.

The narrower setting wins: `http.bind_host`, `http.host`, `network.bind_host`, `network.host`; likewise for transport
and for `publish_host`. The rule is in the defaults, so that `settings.get(HTTP_BIND_HOST)` is the answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from isthmus.settings.hosts import Hosts, host, nameable, publishable_host
from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import (
    PortRange,
    boolean,
    byte_size,
    list_of,
    optional,
    ports,
    restricted,
    text,
    time_value,
)

if TYPE_CHECKING:
    from isthmus.settings.resolved import Settings

NOT_SET = "not set"
MIB = 1 << 20


def _check_hosts(hosts: Hosts) -> None:
    if not hosts:
        raise ValueError("the list is empty, and the node would listen nowhere")


def _check_role_pattern(pattern: str) -> None:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as cause:
        raise ValueError(f"it is no regular expression: {cause.msg}") from cause
    if "role" not in groups:
        raise ValueError("it has no group (?P<role>…)")


_hosts = restricted(list_of(host), "list of hosts", _check_hosts)
_host = optional(publishable_host)
_role_pattern = optional(restricted(text, "regular expression", _check_role_pattern))

NETWORK_HOST: Final[Setting[Hosts]] = Setting(
    "network.host",
    _hosts,
    ("_local_",),
    "Addresses or host names to listen on and to be reached at; _local_ is this machine only.",
)
NETWORK_BIND_HOST: Final[Setting[Hosts]] = Setting(
    "network.bind_host",
    _hosts,
    lambda settings: settings.get(NETWORK_HOST),
    "Addresses or host names to listen on.",
    default_text="network.host",
)
NETWORK_PUBLISH_HOST: Final[Setting[str | None]] = Setting(
    "network.publish_host",
    _host,
    lambda settings: nameable(settings.get(NETWORK_HOST)),
    "The address or host name that others reach this node at.",
    default_text="network.host, else the first bound address that others can reach",
)


def _channel_host(channel: str) -> Setting[Hosts]:
    return Setting(f"{channel}.host", _hosts, (), f"As network.host, for {channel} alone.", default_text=NOT_SET)


def _channel_bind_host(channel: str, channel_host: Setting[Hosts]) -> Setting[Hosts]:
    def default(settings: Settings) -> Hosts:
        return settings.get(channel_host) or settings.get(NETWORK_BIND_HOST)

    words = f"{channel_host.name}, else network.bind_host"
    return Setting(
        f"{channel}.bind_host", _hosts, default, f"As network.bind_host, for {channel} alone.", default_text=words
    )


def _channel_publish_host(channel: str, channel_host: Setting[Hosts]) -> Setting[str | None]:
    def default(settings: Settings) -> str | None:
        return nameable(settings.get(channel_host)) or settings.get(NETWORK_PUBLISH_HOST)

    words = f"{channel_host.name}, else network.publish_host"
    return Setting(
        f"{channel}.publish_host", _host, default, f"As network.publish_host, for {channel} alone.", default_text=words
    )


HTTP_HOST: Final = _channel_host("http")
HTTP_BIND_HOST: Final = _channel_bind_host("http", HTTP_HOST)
HTTP_PUBLISH_HOST: Final = _channel_publish_host("http", HTTP_HOST)
HTTP_PORT: Final = Setting("http.port", ports, PortRange(9200, 9300), "The HTTP port; of a range the first free one.")
HTTP_MAX_CONTENT_LENGTH: Final = Setting(
    "http.max_content_length",
    byte_size(1 << 10, (1 << 31) - 1),
    100 * MIB,
    "The largest body of an HTTP request.",
    default_text="100mb",
)
TRANSPORT_HOST: Final = _channel_host("transport")
TRANSPORT_BIND_HOST: Final = _channel_bind_host("transport", TRANSPORT_HOST)
TRANSPORT_PUBLISH_HOST: Final = _channel_publish_host("transport", TRANSPORT_HOST)
TRANSPORT_PORT: Final = Setting(
    "transport.port", ports, PortRange(9300, 9400), "The port for other nodes; of a range the first free one."
)
TRANSPORT_CONNECT_TIMEOUT: Final = Setting(
    "transport.connect_timeout", time_value(0.001), 30.0, "How long opening a connection to a node may take."
)
TRANSPORT_TRUST_NETWORK: Final = Setting(
    "isthmus.transport.trust_network",
    boolean,
    False,  # noqa: FBT003 - the default
    "Serve other nodes also without a verified certificate, because the network keeps everybody else out.",
)
TRANSPORT_NODE_ROLE_PATTERN: Final[Setting[str | None]] = Setting(
    "isthmus.transport.node_role_pattern",
    _role_pattern,
    None,
    "A regular expression for the names of a node's certificate; its group [role] is a role that the node may have.",
    default_text=NOT_SET,
)

REMOTE_CLUSTER_SERVER_ENABLED: Final = Setting(
    "remote_cluster_server.enabled",
    boolean,
    False,  # noqa: FBT003 - the default
    "Whether other clusters may search this one, with cross-cluster API keys, on a port of its own.",
)
REMOTE_CLUSTER_HOST: Final = _channel_host("remote_cluster")
REMOTE_CLUSTER_BIND_HOST: Final = _channel_bind_host("remote_cluster", REMOTE_CLUSTER_HOST)
REMOTE_CLUSTER_PUBLISH_HOST: Final = _channel_publish_host("remote_cluster", REMOTE_CLUSTER_HOST)
REMOTE_CLUSTER_PORT: Final = Setting(
    "remote_cluster.port", ports, PortRange(9443, 9443), "The port for other clusters; of a range the first free one."
)
REMOTE_CLUSTER_MAX_HEADER: Final = Setting(
    "remote_cluster.max_request_header_size",
    byte_size(64, 1 << 20),
    64 << 10,
    "The largest header of a request of another cluster: its API key and what is said of its user.",
    default_text="64kb",
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    REMOTE_CLUSTER_SERVER_ENABLED,
    REMOTE_CLUSTER_HOST,
    REMOTE_CLUSTER_BIND_HOST,
    REMOTE_CLUSTER_PUBLISH_HOST,
    REMOTE_CLUSTER_PORT,
    REMOTE_CLUSTER_MAX_HEADER,
    NETWORK_HOST,
    NETWORK_BIND_HOST,
    NETWORK_PUBLISH_HOST,
    HTTP_HOST,
    HTTP_BIND_HOST,
    HTTP_PUBLISH_HOST,
    HTTP_PORT,
    HTTP_MAX_CONTENT_LENGTH,
    TRANSPORT_HOST,
    TRANSPORT_BIND_HOST,
    TRANSPORT_PUBLISH_HOST,
    TRANSPORT_PORT,
    TRANSPORT_CONNECT_TIMEOUT,
    TRANSPORT_TRUST_NETWORK,
    TRANSPORT_NODE_ROLE_PATTERN,
)
