"""The reload of certificates as the members of a cluster ask it of each other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService
from isthmus.errors import IsthmusError
from isthmus.lifecycle.reloading.channel import ChannelReload, ChannelReport
from isthmus.lifecycle.reloading.reloader import Reloader
from isthmus.settings import Settings, node_settings
from isthmus.transport.messages import Action, ForUsers
from isthmus.transport.registry import ActionRegistry

RELOAD_TIMEOUT = 60.0


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
        registry.serve(RELOAD, lambda _request, _channel: self._reload())

    async def reload(self, node_ids: Sequence[str]) -> Mapping[str, Sequence[ChannelReport] | str]:
        """Return by id how the reload went, or why the member did not answer."""
        membership = self._cluster.membership
        asked = [member for member in membership.members if member.id in node_ids]
        answers = await asyncio.gather(
            *(self._reload() if one.id == membership.me.id else self._ask(one) for one in asked),
            return_exceptions=True,
        )
        return {member.id: _told(answer) for member, answer in zip(asked, answers, strict=True)}

    async def _reload(self) -> ReloadAnswer:
        return ReloadAnswer(await self._reloader.reload())

    async def _ask(self, member: Member) -> ReloadAnswer:
        return await self._cluster.ask(member, RELOAD, ReloadRequest(), timeout=RELOAD_TIMEOUT)


def _told(answer: ReloadAnswer | BaseException) -> Sequence[ChannelReport] | str:
    if isinstance(answer, ReloadAnswer):
        return answer.channels
    if isinstance(answer, IsthmusError):
        return answer.reason
    raise answer
