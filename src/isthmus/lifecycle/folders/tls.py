"""What a folder's settings say of TLS: read as Isthmus reads its own, but mistakes are collected, not raised. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from isthmus.lifecycle.folders.entries import FolderEntries
from isthmus.settings import Settings
from isthmus.settings.crosschecks import cross_check
from isthmus.settings.entries import Entry, Value
from isthmus.settings.mistakes import Mistake
from isthmus.settings.network_settings import TRANSPORT_TRUST_NETWORK
from isthmus.settings.reading import Reader
from isthmus.settings.resolved import Given
from isthmus.settings.setting import AnySetting
from isthmus.settings.ssl_settings import (
    CHANNELS,
    PROTOCOLS,
    REMOTE_CLUSTER_CLIENT_SSL,
    REMOTE_CLUSTER_SERVER_SSL,
    SslSettings,
)
from isthmus.tls.config import ChannelConfig

# What Elasticsearch knows besides; a rule says that they are too old.
OLD_PROTOCOLS = ("TLSv1.1", "TLSv1", "SSLv3", "SSLv2Hello")
_CASELESS = ("verification_mode", "client_authentication")


@dataclass(frozen=True)
class ChannelSettings:
    """One channel: the settings it has, whether it is on, and the versions of TLS as they are written."""

    ssl: SslSettings
    enabled: bool
    protocols: tuple[str, ...]
    config: ChannelConfig


@dataclass(frozen=True)
class TlsSettings:
    """All channels that the settings speak of; `mistakes` are those in the settings of TLS."""

    channels: tuple[ChannelSettings, ...]
    trusts_network: bool
    mistakes: tuple[Mistake, ...]


def tls_settings(folder: Path, found: FolderEntries, secure: Mapping[str, str]) -> TlsSettings:
    """Read the settings of TLS in `found`; `secure` are the passwords by Elasticsearch's names."""
    mistakes: list[Mistake] = []
    reader = Reader(mistakes)
    protocols: dict[str, tuple[str, ...]] = {}
    for setting, entry in _relevant(found):
        if setting.name.endswith(".supported_protocols"):
            protocols[setting.name] = _read_protocols(entry, reader, mistakes)
        else:
            reader.read(_relaxed(entry))
    for setting in _members():
        if setting.scope == "secure" and setting.name in secure:
            reader.given[setting.name] = Given(setting, secure[setting.name], "keystore")
    settings = Settings(folder, reader.given)
    channels = tuple(_channel(settings, ssl, found, protocols) for ssl in CHANNELS if _is_spoken_of(ssl, found))
    mistakes += [mistake for mistake in cross_check(settings) if "xpack.security." in mistake.reason]
    mistakes += [one for one in found.mistakes if ".ssl." in one.reason]
    return TlsSettings(
        channels, settings.get(TRANSPORT_TRUST_NETWORK), tuple(_as_written(one, found.written) for one in mistakes)
    )


def _relevant(found: FolderEntries) -> Iterator[tuple[AnySetting, Entry]]:
    for setting in (*_members(), TRANSPORT_TRUST_NETWORK):
        entry = found.entries.get(setting.name)
        if entry is not None and setting.scope != "secure":
            yield setting, entry


def _members() -> Iterator[AnySetting]:
    for ssl in CHANNELS:
        yield from ssl.members()


def _relaxed(entry: Entry) -> Entry:
    """Elasticsearch takes these words in any case."""
    if isinstance(entry.value, str) and entry.name.endswith(_CASELESS):
        return replace(entry, value=entry.value.lower())
    return entry


def _read_protocols(entry: Entry, reader: Reader, mistakes: list[Mistake]) -> tuple[str, ...]:
    names = _listed(entry.value)
    unknown = [name for name in names if name not in (*PROTOCOLS, *OLD_PROTOCOLS)]
    if unknown:
        mistakes.append(Mistake(f"[{entry.name}]: there is no version of TLS [{unknown[0]}]", entry.where))
    present = tuple(name for name in names if name in PROTOCOLS)
    if present:
        reader.read(replace(entry, value=present))
    return names


def _listed(value: Value) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


def _is_spoken_of(ssl: SslSettings, found: FolderEntries) -> bool:
    if ssl is REMOTE_CLUSTER_SERVER_SSL:
        return found.text("remote_cluster_server.enabled") == "true"
    if ssl is REMOTE_CLUSTER_CLIENT_SSL:
        return any(name.startswith(f"{ssl.prefix}.") for name in found.entries)
    return True


def _channel(
    settings: Settings, ssl: SslSettings, found: FolderEntries, protocols: Mapping[str, tuple[str, ...]]
) -> ChannelSettings:
    config = ChannelConfig.from_settings(settings, ssl)
    enabled = settings.get(ssl.enabled) and found.text("xpack.security.enabled") != "false"
    return ChannelSettings(
        ssl, enabled, protocols.get(ssl.supported_protocols.name, config.supported_protocols), config
    )


def _as_written(mistake: Mistake, written: Mapping[str, str]) -> Mistake:
    """Name settings as the file does."""
    reason, hint = mistake.reason, mistake.hint
    for name, own in written.items():
        if name != own:
            reason = reason.replace(f"[{name}]", f"[{own}]")
            hint = hint and hint.replace(name, own)
    return Mistake(reason, mistake.where, hint)
