"""What the settings say, as the values that the parts of a node take. Pure but for the reading of certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from isthmus.cluster.messages import Member
from isthmus.cluster.service import Rules
from isthmus.cluster.timing import Timing
from isthmus.pki.revocation import staleness
from isthmus.settings import Settings, cluster_settings, network_settings, node_settings
from isthmus.settings.ssl_settings import SslSettings
from isthmus.tls.config import ChannelConfig
from isthmus.tls.live import TlsChannel
from isthmus.tls.witness import Failed
from isthmus.wire.version import RELEASE, build_hash


def tls_channel(settings: Settings, ssl: SslSettings, on_failed: Failed | None = None) -> TlsChannel | None:
    """Read the channel's first generation; None if its TLS is off. Raises ConfigError."""
    if not settings.get(ssl.enabled):
        return None
    return TlsChannel(ChannelConfig.from_settings(settings, ssl), on_failed)


def cluster_rules(settings: Settings) -> Rules:
    """What this node is to its cluster."""
    single_node = settings.get(node_settings.DISCOVERY_TYPE) == "single-node"
    seeds = settings.get(node_settings.DISCOVERY_SEED_HOSTS)
    initial = settings.get(node_settings.INITIAL_MASTER_NODES)
    name = settings.get(node_settings.NODE_NAME)
    alone = not initial and not seeds
    return Rules(
        cluster_name=settings.get(node_settings.CLUSTER_NAME),
        initial_master=single_node or alone or (bool(initial) and initial[0] == name),
        single_node=single_node,
        role_pattern=settings.get(network_settings.TRANSPORT_NODE_ROLE_PATTERN),
        seeds=() if single_node else seeds,
    )


def cluster_timing(settings: Settings) -> Timing:
    """How often this node speaks to others and how long it waits."""
    return Timing(
        find_peers_interval=settings.get(cluster_settings.FIND_PEERS_INTERVAL),
        request_peers_timeout=settings.get(cluster_settings.REQUEST_PEERS_TIMEOUT),
        connect_timeout=settings.get(network_settings.TRANSPORT_CONNECT_TIMEOUT),
        check_interval=settings.get(cluster_settings.FOLLOWER_CHECK_INTERVAL),
        check_timeout=settings.get(cluster_settings.FOLLOWER_CHECK_TIMEOUT),
        retries=settings.get(cluster_settings.FOLLOWER_CHECK_RETRY_COUNT),
        publish_timeout=settings.get(cluster_settings.PUBLISH_TIMEOUT),
    )


def member(settings: Settings, node_id: str, ephemeral_id: str) -> Member:
    """This node as a member, before it is bound: its addresses are those of nobody yet."""
    return Member(
        name=settings.get(node_settings.NODE_NAME),
        id=node_id,
        ephemeral_id=ephemeral_id,
        host="0.0.0.0",  # noqa: S104  named, not bound
        ip="0.0.0.0",  # noqa: S104
        transport_address="0.0.0.0:0",
        http_address=None,
        roles=settings.get(node_settings.NODE_ROLES),
        attributes=settings.affix(node_settings.NODE_ATTR),
        version=RELEASE,
        build_hash=build_hash(),
    )


def warnings(settings: Settings, channels: Sequence[TlsChannel], moment: datetime | None = None) -> list[str]:
    """What is unsafe at `moment` (now), for the log and the health.

    Certificates that others refuse, revocation lists that are over, a transport that trusts its network.
    """
    moment = moment or datetime.now(UTC)
    found = [warning for channel in channels for warning in channel.generation.warnings]
    found += [
        f"{channel.config.prefix}: {staleness(one, moment)}; nothing that this CA issued is accepted until a newer one "
        "is here"
        for channel in channels
        for one in channel.generation.revocations
        if one.is_over(moment)
    ]
    if settings.get(network_settings.TRANSPORT_TRUST_NETWORK):
        found.append(
            "isthmus.transport.trust_network is on: whoever reaches the transport port is served like a node; "
            "make sure that the network keeps everybody else out"
        )
    return found
