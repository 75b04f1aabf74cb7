"""How often nodes of a cluster speak to each other and how long they wait; and the keys to other clusters."""

from __future__ import annotations

from typing import Final

from isthmus.settings.setting import AnySetting, Setting, secure
from isthmus.settings.values import integer, optional, text, time_value

_pause = time_value(0.01)

FIND_PEERS_INTERVAL: Final = Setting(
    "discovery.find_peers_interval", _pause, 1.0, "How long a node without a cluster waits before it asks again."
)
REQUEST_PEERS_TIMEOUT: Final = Setting(
    "discovery.request_peers_timeout", _pause, 3.0, "How long a node that is asked for its cluster may take."
)
FOLLOWER_CHECK_INTERVAL: Final = Setting(
    "cluster.fault_detection.follower_check.interval", _pause, 1.0, "How often the owner checks each member."
)
FOLLOWER_CHECK_TIMEOUT: Final = Setting(
    "cluster.fault_detection.follower_check.timeout", _pause, 10.0, "How long a member may take to answer a check."
)
FOLLOWER_CHECK_RETRY_COUNT: Final = Setting(
    "cluster.fault_detection.follower_check.retry_count",
    integer(1, 1000),
    3,
    "How many checks must fail, one after another, before a member counts as gone.",
)
PUBLISH_TIMEOUT: Final = Setting(
    "cluster.publish.timeout", _pause, 30.0, "How long a write to the cluster's state may wait for the members."
)
USER_METADATA: Final = Setting(
    "cluster.metadata.*",
    optional(text),
    None,
    "A note of the administrator; nothing is done with it.",
    scope="dynamic",
    default_text="none",
)
REMOTE_CREDENTIALS: Final = secure(
    "cluster.remote.*.credentials",
    "The cross-cluster API key that this cluster shows to the remote cluster; equal on all nodes.",
    reloadable=True,
)

SETTINGS: Final[tuple[AnySetting, ...]] = (
    FIND_PEERS_INTERVAL,
    REQUEST_PEERS_TIMEOUT,
    FOLLOWER_CHECK_INTERVAL,
    FOLLOWER_CHECK_TIMEOUT,
    FOLLOWER_CHECK_RETRY_COUNT,
    PUBLISH_TIMEOUT,
    USER_METADATA,
    REMOTE_CREDENTIALS,
)
