"""What the nodes of a cluster keep of those who ask, dropped on all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec

from isthmus.cluster.service import ClusterService
from isthmus.node.members import ask_members
from isthmus.transport.messages import Action, ForUsers
from isthmus.transport.registry import ActionRegistry

_EVERY: Final = ("_all", "*")


class Forget(msgspec.Struct, frozen=True):
    """Asks a member to drop what it keeps of these realms, and of all else."""

    realms: tuple[str, ...]


class Forgot(msgspec.Struct, frozen=True):
    """Whether it did: `failure` says why not."""

    failure: str = ""


FORGET: Final = Action(
    "internal:isthmus/security/forget",
    Forget,
    Forgot,
    ForUsers(("cluster:admin/xpack/security/*cache/clear",)),
)


class Forgetting:
    """Implements `isthmus.rest.security.caches.Caches`; `forget` drops what this node keeps of its `realms`."""

    def __init__(self, cluster: ClusterService, forget: Callable[[], object], realms: Collection[str]) -> None:
        self._cluster = cluster
        self._forget = forget
        self._realms = realms

    def register(self, registry: ActionRegistry) -> None:
        """Serve the other members."""
        registry.serve(FORGET, lambda request, _channel: self._here(request))

    async def clear(self, node_ids: Sequence[str], realms: Sequence[str]) -> Mapping[str, str]:
        """See Caches."""
        answers = await ask_members(self._cluster, node_ids, FORGET, Forget(tuple(realms)), here=self._here)
        return {node: found.failure if isinstance(found, Forgot) else found for node, found in answers.items()}

    async def _here(self, request: Forget) -> Forgot:
        unknown = next((one for one in request.realms if one not in (*_EVERY, *self._realms)), None)
        if unknown is not None:
            return Forgot(f"could not find active realm [{unknown[:100]}]")
        self._forget()
        return Forgot()
