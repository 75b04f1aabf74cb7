"""The cluster as one node sees it now: who is in it, who owns its state, and what is wrong if anything is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

import msgspec

from isthmus.cluster.messages import Member
from isthmus.state.store import StateStore

log = logging.getLogger(__name__)

MAX_ADDRESSES = 100
_ADDRESSES = "member_addresses"


class Membership:
    """What a node sees. `me` is the node itself, `owner` the owner of the state, None while there is none in reach.

    `trouble` says why this node is in no cluster or cut off from the owner (None when all is well); `refused`, that it
    will not try again before a person acted. `reaches(member)` tells whether a connection to it is open.
    """

    def __init__(self, me: Member, store: StateStore, reaches: Callable[[Member], bool]) -> None:
        self.me = me
        self.owner: Member | None = None
        self.trouble: str | None = "this node has not joined a cluster yet"
        self.refused = False
        self._store = store
        self._reaches = reaches
        self._known: list[Member] = []
        self._changed = asyncio.Event()

    @property
    def members(self) -> list[Member]:
        """The nodes of the cluster; when the owner is lost, this node and those that it still reaches."""
        if self.owner is not None and self._known:
            return list(self._known)
        return [self.me, *(member for member in self.others if self._reaches(member))]

    @property
    def others(self) -> list[Member]:
        """The members that were last heard of, but for this node."""
        return [member for member in self._known if member.id != self.me.id]

    @property
    def addresses(self) -> list[str]:
        """Where members were, the latest first, also before the last restart."""
        return msgspec.json.decode(self._store.meta(_ADDRESSES) or "[]", type=list[str])

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds()` after some change; return False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def learn(self, members: list[Member]) -> bool:
        """Take the members that the owner names; return whether that changed anything."""
        if members == self._known:
            return False
        self._known = list(members)
        self._remember(member.transport_address for member in self.others)
        self.notify()
        return True

    def hear_of(self, member: Member) -> None:
        """Remember where a node of this cluster is that asked this one, perhaps from a new address."""
        if member.transport_address not in self.addresses:
            self._remember([member.transport_address])

    def settle(self, owner: Member) -> None:
        """All is well: `owner` owns the state."""
        self.trouble = None
        self.owner = owner
        self.notify()

    def trouble_with(self, reason: str) -> None:
        """There is no owner in reach, because of `reason`; said in the log when it is news."""
        if self.trouble != reason:
            log.warning("%s", reason)
        self.trouble = reason
        self.owner = None
        self.notify()

    def notify(self) -> None:
        """Wake those who wait for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _remember(self, addresses: Iterable[str]) -> None:
        latest = list(dict.fromkeys([*addresses, *self.addresses]))[:MAX_ADDRESSES]
        self._store.set_meta({_ADDRESSES: msgspec.json.encode(latest).decode()})
