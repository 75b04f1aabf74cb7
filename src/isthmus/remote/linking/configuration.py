"""What the settings in force say of other clusters. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/remote-clusters-settings.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from isthmus.settings import remote_settings
from isthmus.settings.remote_settings import Mode
from isthmus.settings.setting import Setting
from isthmus.wire.compression import DEFLATE, LZ4

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class RemoteClusterConfig:
    """How the cluster that is called `alias` here is reached. `addresses` are the seeds, or the one of the proxy.

    `scheme` compresses requests and answers, None neither; `ping_interval` is in seconds, None for never.
    """

    alias: str
    mode: Mode
    addresses: tuple[str, ...]
    connections: int
    server_name: str | None
    skip_unavailable: bool
    scheme: bytes | None
    ping_interval: float | None


def configurations(given: Mapping[str, Any], connections_per_cluster: int) -> dict[str, RemoteClusterConfig]:
    """Return each cluster that has an address, by its alias; `given` are parsed values by full name."""
    found = {
        alias: _configuration(alias, values, connections_per_cluster)
        for alias, values in sorted(remote_settings.by_alias(given).items())
    }
    return {alias: config for alias, config in found.items() if config.addresses}


def _configuration(alias: str, values: Mapping[str, Any], connections_per_cluster: int) -> RemoteClusterConfig:
    def value(setting: Setting[T]) -> T:
        found: T = values.get(setting.name, setting.default)
        return found

    mode = value(remote_settings.MODE)
    is_proxy = mode == "proxy"
    address = value(remote_settings.PROXY_ADDRESS)
    scheme = {"lz4": LZ4, "deflate": DEFLATE}[value(remote_settings.COMPRESSION_SCHEME)]
    connections = (
        value(remote_settings.PROXY_SOCKET_CONNECTIONS)
        if is_proxy
        else values.get(remote_settings.NODE_CONNECTIONS.name, connections_per_cluster)
    )
    interval = value(remote_settings.PING_SCHEDULE)
    return RemoteClusterConfig(
        alias=alias,
        mode=mode,
        addresses=((address,) if address else ()) if is_proxy else value(remote_settings.SEEDS),
        connections=connections,
        server_name=value(remote_settings.SERVER_NAME) or None,
        skip_unavailable=value(remote_settings.SKIP_UNAVAILABLE),
        scheme=scheme if value(remote_settings.COMPRESS) == "true" else None,
        ping_interval=interval if interval is not None and interval > 0 else None,
    )
