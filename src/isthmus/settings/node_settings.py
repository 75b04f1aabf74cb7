"""The node itself: its names, roles, folders, and how it finds its cluster."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from isthmus.settings.setting import AnySetting, Setting, secure
from isthmus.settings.values import ValueType, boolean, choice, list_of, restricted, text, time_value

if TYPE_CHECKING:
    from isthmus.settings.resolved import Settings

ROLES = ("master", "data", "ingest", "remote_cluster_client")
MAX_NAME = 255
_SEED_HOST = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[^\s:/\[\]]+)(?::([0-9]{1,5}))?|[0-9A-Fa-f]*(?::[0-9A-Fa-f.]*){2,}", re.ASCII
)


def _check_cluster_name(name: str) -> None:
    # The name is part of the log file's name, and Elasticsearch writes `cluster:index` for remote ones.
    if len(name) > MAX_NAME or name.startswith(".") or re.search(r"[:/\\]", name):
        raise ValueError(f"it must be at most {MAX_NAME} letters without [:], [/] or [\\], and not begin with [.]")


def _check_node_name(name: str) -> None:
    if len(name) > MAX_NAME:
        raise ValueError(f"it must be at most {MAX_NAME} letters")


def _check_seed_host(seed: str) -> None:
    found = _SEED_HOST.fullmatch(seed)
    if not found or int(found[1] or 1) not in range(1, 65536):
        raise ValueError("a host is expected, or host:port (an IPv6 address with a port stands in brackets)")


def _check_enabled(enabled: bool) -> None:
    if not enabled:
        raise ValueError("security cannot be switched off here; remove the setting")


def _host_name(_: Settings) -> str:
    return os.uname().nodename


_cluster_name = restricted(text, "text", _check_cluster_name)
_node_name = restricted(text, "text", _check_node_name)
_seed_host = restricted(text, "host[:port]", _check_seed_host)
_security_enabled: ValueType[bool] = restricted(boolean, "true", _check_enabled)

CLUSTER_NAME: Final = Setting(
    "cluster.name",
    _cluster_name,
    "elasticsearch",
    "The cluster that this node belongs to. Nodes of another cluster's name are refused.",
)
NODE_NAME: Final = Setting(
    "node.name",
    _node_name,
    _host_name,
    "The node's name, once in a cluster.",
    default_text="the machine's host name",
)
NODE_ROLES: Final[Setting[tuple[str, ...]]] = Setting(
    "node.roles",
    list_of(choice(*ROLES)),
    ROLES,
    "What the node does for its cluster.",
)
NODE_ATTR: Final = Setting(
    "node.attr.*",
    text,
    "",
    "An attribute of the node of your own, such as node.attr.rack.",
    default_text="none",
)
PATH_DATA: Final = Setting(
    "path.data",
    text,
    "../data",
    "The folder of the node's data. Relative paths, here and elsewhere, are relative to the configuration folder.",
)
PATH_LOGS: Final = Setting(
    "path.logs",
    text,
    "../logs",
    "The folder of the log files and of the ports files.",
)
PORTSFILE: Final = Setting(
    "node.portsfile",
    boolean,
    False,  # noqa: FBT003 - the default
    "Write the bound addresses, a host:port a line, to http.ports and transport.ports in path.logs.",
)
SECURITY_ENABLED: Final = Setting(
    "xpack.security.enabled",
    _security_enabled,
    True,  # noqa: FBT003 - the default
    "Security is always on: [false] is refused.",
)
ANONYMOUS_ROLES: Final[Setting[tuple[str, ...]]] = Setting(
    "xpack.security.authc.anonymous.roles",
    list_of(text),
    (),
    "The roles of whoever brings no credentials, and of all users. Without them nobody gets in without credentials.",
)
ANONYMOUS_USERNAME: Final = Setting(
    "xpack.security.authc.anonymous.username",
    text,
    "_es_anonymous_user",
    "The name of whoever brings no credentials, if he has roles.",
)
ANONYMOUS_AUTHZ_EXCEPTION: Final = Setting(
    "xpack.security.authc.anonymous.authz_exception",
    boolean,
    True,  # noqa: FBT003 - the default
    "Whether who brings no credentials is told what he may not (403), or asked who he is (401).",
)
BOOTSTRAP_PASSWORD: Final = secure(
    "bootstrap.password",
    "The first password of the user elastic. Without it one is made at the first start and shown once.",
)
DISCOVERY_TYPE: Final = Setting(
    "discovery.type",
    choice("multi-node", "single-node"),
    "multi-node",
    "single-node: the node makes a cluster of its own and lets no other node in.",
)
DISCOVERY_SEED_HOSTS: Final[Setting[tuple[str, ...]]] = Setting(
    "discovery.seed_hosts",
    list_of(_seed_host),
    (),
    "Nodes to ask for the cluster at the start, as host or host:port.",
)
INITIAL_MASTER_NODES: Final[Setting[tuple[str, ...]]] = Setting(
    "cluster.initial_master_nodes",
    list_of(_node_name),
    (),
    "Names of nodes that may make a new cluster. The first of them owns the cluster's state.",
)
RELOAD_ENABLED: Final = Setting(
    "resource.reload.enabled",
    boolean,
    True,  # noqa: FBT003 - the default
    "Look at the files of certificates and keys, and serve what they hold when it changes.",
)
RELOAD_INTERVAL: Final = Setting(
    "resource.reload.interval.high", time_value(0.1), 5.0, "How often the files of certificates and keys are looked at."
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    CLUSTER_NAME,
    NODE_NAME,
    NODE_ROLES,
    NODE_ATTR,
    PATH_DATA,
    PATH_LOGS,
    PORTSFILE,
    SECURITY_ENABLED,
    ANONYMOUS_ROLES,
    ANONYMOUS_USERNAME,
    ANONYMOUS_AUTHZ_EXCEPTION,
    BOOTSTRAP_PASSWORD,
    DISCOVERY_TYPE,
    DISCOVERY_SEED_HOSTS,
    INITIAL_MASTER_NODES,
    RELOAD_ENABLED,
    RELOAD_INTERVAL,
)
