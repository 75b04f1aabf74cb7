"""Other clusters: how each is reached. `*` is the alias by which a cluster is called here.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/remote-clusters-settings.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from isthmus.settings.setting import AnySetting, Setting
from isthmus.settings.values import ValueType, boolean, choice, integer, list_of, optional, text, time_value

Mode = Literal["sniff", "proxy"]
MAX_CONNECTIONS: Final = 1_000
_PREFIX: Final = "cluster.remote.*"


def host_and_port(address: str) -> tuple[str, int]:
    """Split `host:port`, where an IPv6 address stands in brackets or not. Raises ValueError with the rule."""
    host, colon, port = address.rpartition(":")
    if not colon or not host:
        raise ValueError(f"remote hosts need to be configured as [host:port], found [{address[:200]}] instead")
    if not (port.isascii() and port.isdigit() and 0 < int(port[:9]) <= 65535):
        raise ValueError(f"failed to parse port [{port[:20]}]: it is a number from 1 to 65535")
    return host.strip("[]"), int(port)


def _address(value: object) -> str:
    address = text.parse(value)
    host_and_port(address)
    return address


_address_type: ValueType[str] = ValueType("host:port", _address)
_pings = optional(time_value(-1.0))


def _dynamic(name: str, kind: ValueType[Any], default: Any, words: str, in_words: str | None = None) -> Setting[Any]:
    return Setting(f"{_PREFIX}.{name}", kind, default, words, scope="dynamic", default_text=in_words)


MODE: Final[Setting[Mode]] = _dynamic(
    "mode", choice("sniff", "proxy"), "sniff", "sniff: nodes are found by the seeds; proxy: one address for all."
)
SEEDS: Final[Setting[tuple[str, ...]]] = _dynamic(
    "seeds", list_of(_address_type), (), "Remote cluster ports of some nodes of the cluster."
)
NODE_CONNECTIONS: Final[Setting[int]] = _dynamic(
    "node_connections",
    integer(1, MAX_CONNECTIONS),
    3,
    "To how many nodes of the cluster to connect, in mode sniff.",
    "cluster.remote.connections_per_cluster",
)
PROXY_ADDRESS: Final[Setting[str | None]] = _dynamic(
    "proxy_address", optional(_address_type), None, "The one address, in mode proxy.", "none"
)
PROXY_SOCKET_CONNECTIONS: Final[Setting[int]] = _dynamic(
    "proxy_socket_connections", integer(1, MAX_CONNECTIONS), 18, "How many connections to open, in mode proxy."
)
SERVER_NAME: Final[Setting[str | None]] = _dynamic(
    "server_name", optional(text), None, "The name that the certificate must bear, in mode proxy.", "the address's"
)
SKIP_UNAVAILABLE: Final[Setting[bool]] = _dynamic(
    "skip_unavailable",
    boolean,
    default=True,
    words="Whether a search goes on without the cluster when it cannot be reached.",
)
COMPRESS: Final[Setting[str]] = _dynamic(
    "transport.compress", choice("true", "false", "indexing_data"), "indexing_data", "Which requests are compressed."
)
COMPRESSION_SCHEME: Final[Setting[str]] = _dynamic(
    "transport.compression_scheme", choice("lz4", "deflate"), "lz4", "How requests are compressed."
)
PING_SCHEDULE: Final[Setting[float | None]] = _dynamic(
    "transport.ping_schedule", _pings, None, "How often an idle connection is pinged; -1: never.", "never"
)
CONNECTIONS_PER_CLUSTER: Final = Setting(
    "cluster.remote.connections_per_cluster",
    integer(1, MAX_CONNECTIONS),
    3,
    "To how many nodes of each remote cluster to connect, where its own setting does not say it.",
)
INITIAL_CONNECT_TIMEOUT: Final = Setting(
    "cluster.remote.initial_connect_timeout",
    time_value(0.01),
    30.0,
    "How long the first connection to a remote cluster may take.",
)
NODE_ATTRIBUTE: Final = Setting(
    "cluster.remote.node.attr",
    optional(text),
    None,
    "Only nodes that have this attribute, as true, are connected to, in mode sniff.",
    default_text="none",
)

OF_ALIAS: Final[tuple[AnySetting, ...]] = (
    MODE,
    SEEDS,
    NODE_CONNECTIONS,
    PROXY_ADDRESS,
    PROXY_SOCKET_CONNECTIONS,
    SERVER_NAME,
    SKIP_UNAVAILABLE,
    COMPRESS,
    COMPRESSION_SCHEME,
    PING_SCHEDULE,
)
SETTINGS: Final[tuple[AnySetting, ...]] = (
    *OF_ALIAS,
    CONNECTIONS_PER_CLUSTER,
    INITIAL_CONNECT_TIMEOUT,
    NODE_ATTRIBUTE,
)
_NEEDS: Final[Mapping[str, Mode]] = {
    SEEDS.name: "sniff",
    NODE_CONNECTIONS.name: "sniff",
    PROXY_ADDRESS.name: "proxy",
    PROXY_SOCKET_CONNECTIONS.name: "proxy",
    SERVER_NAME.name: "proxy",
}
_NEEDS_ADDRESS: Final = (SKIP_UNAVAILABLE, COMPRESS, COMPRESSION_SCHEME, PING_SCHEDULE)


def by_alias(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what is `given` (parsed values by full name), by alias and by the pattern's name."""
    found: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        for setting in OF_ALIAS:
            if (alias := setting.match(name)) is not None:
                found.setdefault(alias, {})[setting.name] = value
    return found


def broken_rules(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield of remote clusters whose settings contradict each other the setting's name and the rule."""
    for alias, values in sorted(by_alias(given).items()):
        mode: Mode = values.get(MODE.name, "sniff")
        for pattern, needed in _NEEDS.items():
            if values.get(pattern) is not None and needed != mode:
                name, of = pattern.replace("*", alias), MODE.name.replace("*", alias)
                yield (
                    name,
                    f'Setting "{name}" cannot be used with the configured "{of}" [required={needed.upper()}, '
                    f"configured={mode.upper()}]",
                )
        if values.get(PROXY_ADDRESS.name if mode == "proxy" else SEEDS.name):
            continue
        for setting in _NEEDS_ADDRESS:
            if setting.name in values:
                name = setting.name.replace("*", alias)
                yield name, f"Cannot configure setting [{name}] if remote cluster is not enabled."
