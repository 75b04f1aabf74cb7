"""The reload of certificates as the members of a cluster ask it of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from isthmus.cluster.service import ClusterService
from isthmus.lifecycle.reloading.channel import ChannelReload, ChannelReport
from isthmus.lifecycle.reloading.reloader import Reloader
from isthmus.node.members import ask_members
from isthmus.settings import Settings, node_settings
from isthmus.transport.messages import Action, ForUsers
from isthmus.transport.registry import ActionRegistry


class ReloadRequest(msgspec.Struct, frozen=True):
    """Asks a member to read its certificates anew."""


class ReloadAnswer(msgspec.Struct, frozen=True):
    """How that went, for each channel with TLS."""

    channels: list[ChannelReport]


RELOAD = Action(
    "internal:isthmus/nodes/reload_certificates",
    ReloadRequest,
    ReloadAnswer,
    ForUsers(("cluster:admin/isthmus/reload_certificates",)),
)


def reloader(settings: Settings, channels: Sequence[ChannelReload]) -> Reloader:
    """Return what reloads `channels` as often as the settings say."""
    polls = settings.get(node_settings.RELOAD_ENABLED)
    return Reloader(channels, settings.get(node_settings.RELOAD_INTERVAL) if polls else None)


class Reloading:
    """Asks members, this node among them, to reload."""

    def __init__(self, cluster: ClusterService, reloader: Reloader) -> None:
        self._cluster = cluster
        self._reloader = reloader

    def register(self, registry: ActionRegistry) -> None:
        """Serve the other members."""
        registry.serve(RELOAD, lambda request, _channel: self._reload(request))

    async def reload(self, node_ids: Sequence[str]) -> Mapping[str, Sequence[ChannelReport] | str]:
        """Return by id how the reload went, or why the member did not answer."""
        answers = await ask_members(self._cluster, node_ids, RELOAD, ReloadRequest(), here=self._reload)
        return {node: one if isinstance(one, str) else one.channels for node, one in answers.items()}

    async def _reload(self, _request: ReloadRequest) -> ReloadAnswer:
        return ReloadAnswer(await self._reloader.reload())
