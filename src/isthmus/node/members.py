"""Something asked of several members at once, this node among them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService
from isthmus.errors import IsthmusError
from isthmus.transport.messages import Action

Req = TypeVar("Req")
Resp = TypeVar("Resp")

SECONDS: Final = 60.0


async def ask_members(
    cluster: ClusterService,
    node_ids: Sequence[str],
    action: Action[Req, Resp],
    request: Req,
    *,
    here: Callable[[Req], Awaitable[Resp]],
) -> dict[str, Resp | str]:
    """Return by id what the members answer, or why one did not; `here` is asked of this node."""

    async def ask(member: Member) -> Resp | str:
        try:
            if member.id == cluster.membership.me.id:
                return await here(request)
            return await cluster.ask(member, action, request, timeout=SECONDS)
        except IsthmusError as error:
            return error.reason

    asked = [member for member in cluster.membership.members if member.id in node_ids]
    answers = await asyncio.gather(*(ask(member) for member in asked))
    return {member.id: answer for member, answer in zip(asked, answers, strict=True)}
