"""Whether the secure settings that must be equal on all nodes are.

The owner of the cluster's state publishes salted, slow digests of its own, as Elasticsearch does; every other node
compares when it joins, when they change and when it reads its keystore anew, and tells what differs.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

from isthmus.errors import IsthmusError
from isthmus.keystore.digests import SALT_BYTES, How, differences, digest
from isthmus.security.kept import Kept
from isthmus.state.replicated import ReplicatedMap

log = logging.getLogger(__name__)

PAUSE: Final = 5.0
_WORDS: Final[Mapping[How, str]] = {
    "differs": "[{name}] in the keystore differs from that of node [{node}]",
    "missing": "[{name}] is in the keystore of node [{node}], and not in this one's",
    "unknown": "[{name}] is in this node's keystore, and not in that of node [{node}]",
}


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """Digests by the setting's name, made with `salt` by the node of this name."""

    node: str
    salt: bytes
    digests: dict[str, str]
    format: int = 1


DIGESTS: Final = Kept("list of digests of secure settings", "secure_settings/", Published)
KEY: Final = DIGESTS.key("digests")


class Place(Protocol):
    """What is asked of the cluster."""

    @property
    def is_owner(self) -> bool:
        """Whether this node owns the cluster's state."""


class Agreement:
    """Compares the `values` of this node, `name`, with those of the owner; `look` and `take` have it done soon."""

    def __init__(self, state: ReplicatedMap, place: Place, name: str, values: Mapping[str, str]) -> None:
        self._state = state
        self._place = place
        self._name = name
        self._values = values
        self._known: dict[tuple[bytes, str, str], str] = {}
        self._due = asyncio.Event()
        self.warnings: tuple[str, ...] = ()
        state.watch(DIGESTS.prefix, lambda _: self.look())

    def look(self) -> None:
        """Compare soon."""
        self._due.set()

    def take(self, values: Mapping[str, str]) -> None:
        """Go on with other values."""
        self._values = values
        self.look()

    async def run(self) -> None:
        """Compare whenever it is due, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self.compare()
            except IsthmusError as error:
                log.warning("the secure settings of the nodes cannot be compared yet: %s", error)
                await asyncio.sleep(PAUSE)
                self.look()

    async def compare(self) -> None:
        """Compare with what the owner published, or publish. Raises as `ReplicatedMap.put`, NewerFormatError."""
        entry = self._state.get(KEY)
        published = None if entry is None else DIGESTS.decode(entry)
        if self._place.is_owner:
            await self._publish(published)
            self._tell(())
        elif published is not None:
            found = differences(published.digests, await self._digests(published.salt))
            self._tell(tuple(_WORDS[how].format(name=name, node=published.node) for name, how in found))

    async def _publish(self, before: Published | None) -> None:
        salt = secrets.token_bytes(SALT_BYTES) if before is None else before.salt
        now = Published(node=self._name, salt=salt, digests=await self._digests(salt))
        if now != before:
            await self._state.put(KEY, DIGESTS.encode(now))

    async def _digests(self, salt: bytes) -> dict[str, str]:
        asked = [(salt, name, value) for name, value in self._values.items()]
        new = [one for one in asked if one not in self._known]
        made = await asyncio.to_thread(lambda: [digest(name, value, salt) for _, name, value in new])
        known = self._known | dict(zip(new, made, strict=True))
        self._known = {one: known[one] for one in asked}
        return {name: known[salt, name, value] for _, name, value in asked}

    def _tell(self, warnings: tuple[str, ...]) -> None:
        for warning in warnings:
            if warning not in self.warnings:
                log.warning("%s; it must be equal on all nodes", warning)
        self.warnings = warnings
