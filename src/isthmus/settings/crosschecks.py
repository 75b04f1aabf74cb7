"""Rules between settings. Pure: settings in, mistakes or sentences out."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.settings import network_settings, node_settings, realm_settings, remote_settings, ssl_settings
from isthmus.settings.mistakes import Mistake
from isthmus.settings.resolved import Settings
from isthmus.settings.setting import AnySetting
from isthmus.settings.ssl_settings import SslSettings


def cross_check(settings: Settings) -> list[Mistake]:
    """Return every rule that is broken by settings that are right one by one."""
    mistakes = [mistake for channel in ssl_settings.CHANNELS for mistake in _channel(settings, channel)]
    mistakes.extend(_discovery(settings))
    mistakes.extend(_role_pattern(settings))
    mistakes.extend(realm_settings.broken_rules(settings))
    mistakes.extend(_remote_clusters(settings))
    return mistakes


def _remote_clusters(settings: Settings) -> Iterator[Mistake]:
    given = settings.by_name(remote_settings.OF_ALIAS)
    for name, rule in remote_settings.broken_rules(given):
        yield Mistake(rule, settings.where_of(name), "change one of the two")


def notices(settings: Settings) -> list[str]:
    """Return what is right but has no effect, a sentence each."""
    return [*_unserved_channels(settings), *_needless_passwords(settings), *_needless_seeds(settings)]


def _channel(settings: Settings, channel: SslSettings) -> Iterator[Mistake]:
    yield from _together(settings, channel.certificate, channel.key)
    yield from _together(settings, channel.key, channel.certificate)
    yield from _apart(settings, channel.keystore_path, channel.certificate)
    yield from _apart(settings, channel.truststore_path, channel.certificate_authorities)
    yield from _switched_on(settings, channel)
    yield from _identity(settings, channel)


def _together(settings: Settings, one: AnySetting, other: AnySetting) -> Iterator[Mistake]:
    if settings.is_set(one) and not settings.is_set(other):
        yield Mistake(f"[{one.name}] is set without [{other.name}]", settings.where(one), "set both")


def _apart(settings: Settings, one: AnySetting, other: AnySetting) -> Iterator[Mistake]:
    if settings.is_set(one) and settings.is_set(other):
        reason = f"[{one.name}] and [{other.name}] are both set, and only one can be used"
        yield Mistake(reason, settings.where(one), "keep one of the two")


def _switched_on(settings: Settings, channel: SslSettings) -> Iterator[Mistake]:
    if settings.get(channel.enabled) or settings.is_set(channel.enabled):
        return
    written = (member for member in channel.members() if member.scope != "secure" and settings.is_set(member))
    first = next(written, None)
    if first is not None:
        reason = f"[{first.name}] is set, but [{channel.enabled.name}] is not, and its default is false"
        yield Mistake(reason, settings.where(first), f"set {channel.enabled.name}, to true or to false")


def _identity(settings: Settings, channel: SslSettings) -> Iterator[Mistake]:
    if _serves(settings, channel) and not (
        settings.is_set(channel.keystore_path) or settings.is_set(channel.certificate)
    ):
        reason = f"[{channel.enabled.name}] is true, but the channel has no key and certificate"
        hint = f"set {channel.keystore_path.name}, or {channel.certificate.name} and {channel.key.name}"
        yield Mistake(reason, settings.where(channel.enabled), hint)


def _serves(settings: Settings, channel: SslSettings) -> bool:
    if channel is ssl_settings.REMOTE_CLUSTER_SERVER_SSL and not settings.get(
        network_settings.REMOTE_CLUSTER_SERVER_ENABLED
    ):
        return False
    return channel is not ssl_settings.REMOTE_CLUSTER_CLIENT_SSL and settings.get(channel.enabled)


def _discovery(settings: Settings) -> Iterator[Mistake]:
    single = settings.get(node_settings.DISCOVERY_TYPE) == "single-node"
    if single and settings.is_set(node_settings.INITIAL_MASTER_NODES):
        reason = "[cluster.initial_master_nodes] is set, but with [discovery.type: single-node] the node is alone"
        yield Mistake(reason, settings.where(node_settings.INITIAL_MASTER_NODES), "keep one of the two")


def _role_pattern(settings: Settings) -> Iterator[Mistake]:
    setting = network_settings.TRANSPORT_NODE_ROLE_PATTERN
    if settings.get(setting) is not None and not settings.get(ssl_settings.TRANSPORT_SSL.enabled):
        reason = f"[{setting.name}] looks at certificates, but [{ssl_settings.TRANSPORT_SSL.enabled.name}] is false"
        yield Mistake(reason, settings.where(setting), "switch TLS on, or remove it")


def _unserved_channels(settings: Settings) -> Iterator[str]:
    if settings.get(network_settings.REMOTE_CLUSTER_SERVER_ENABLED):
        return
    switch = network_settings.REMOTE_CLUSTER_SERVER_ENABLED.name
    for setting in ssl_settings.REMOTE_CLUSTER_SERVER_SSL.members():
        if settings.is_set(setting):
            yield f"{settings.where(setting)}: [{setting.name}] has no effect without [{switch}: true]"


def _needless_passwords(settings: Settings) -> Iterator[str]:
    for channel in ssl_settings.CHANNELS:
        for password, file in (
            (channel.secure_key_passphrase, channel.key),
            (channel.keystore_secure_password, channel.keystore_path),
            (channel.keystore_secure_key_password, channel.keystore_path),
            (channel.truststore_secure_password, channel.truststore_path),
        ):
            if settings.is_set(password) and not settings.is_set(file):
                yield f"{settings.where(password)}: [{password.name}] has no effect: [{file.name}] is not set"


def _needless_seeds(settings: Settings) -> Iterator[str]:
    single = settings.get(node_settings.DISCOVERY_TYPE) == "single-node"
    if single and settings.is_set(node_settings.DISCOVERY_SEED_HOSTS):
        where = settings.where(node_settings.DISCOVERY_SEED_HOSTS)
        yield f"{where}: [discovery.seed_hosts] has no effect with [discovery.type: single-node]"
