"""What the other members say of their certificates, asked for each minute and when the members change."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from isthmus.cluster.membership import Membership
from isthmus.rest.view import NodeReport
from isthmus.security.forwarding.system import as_system

log = logging.getLogger(__name__)

INTERVAL = 60.0
_ACTION = "cluster:monitor/nodes/info"

Ask = Callable[[Sequence[str]], Awaitable[Mapping[str, NodeReport | str]]]


class Neighbours:
    """Keeps the warnings of those members that `ask` gave a report of."""

    def __init__(self, membership: Membership, ask: Ask) -> None:
        self._membership = membership
        self._ask = ask
        self._asked: frozenset[str] = frozenset()
        self._warnings: dict[str, tuple[str, ...]] = {}

    async def run(self) -> None:
        """Ask now and again, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("asking the other members for their warnings failed; it is tried again")
            await self._membership.wait_until(lambda: self._others() != self._asked, INTERVAL)

    async def look(self) -> None:
        """Ask all other members once."""
        asked = self._others()
        with as_system(_ACTION):
            reports = await self._ask(sorted(asked))
        self._asked = asked
        self._warnings = {key: one.warnings for key, one in reports.items() if isinstance(one, NodeReport)}

    def warnings(self) -> list[str]:
        """Return what members say that are members now, with their names."""
        members = self._membership.members
        return [f"node [{one.name}]: {warning}" for one in members for warning in self._warnings.get(one.id, ())]

    def _others(self) -> frozenset[str]:
        me = self._membership.me.id
        return frozenset(member.id for member in self._membership.members if member.id != me)
