"""Asks the seed hosts and the nodes known from before which cluster they belong to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from isthmus.cluster import messages
from isthmus.cluster.links import Links
from isthmus.cluster.messages import PeerStanding
from isthmus.cluster.timing import Timing
from isthmus.errors import IsthmusError, UnavailableError
from isthmus.security.forwarding.asking import ask
from isthmus.transport.connection import Connection
from isthmus.transport.errors import ActionNotFoundError, RemoteError
from isthmus.wire.version import release_name

log = logging.getLogger(__name__)

DEFAULT_PORT = 9300
MAX_ADDRESSES = 1_000


class Peers:
    """`seeds` are `host` or `host:port` as in `discovery.seed_hosts`; `me()` is what this node says of itself."""

    def __init__(self, me: Callable[[], PeerStanding], seeds: Iterable[str], links: Links, timing: Timing) -> None:
        self._me = me
        self._seeds = [with_port(seed) for seed in seeds]
        self._links = links
        self._timing = timing
        self._told: dict[str, str] = {}

    async def ask(self, known: Iterable[str] = (), *, but: Iterable[str] = ()) -> list[PeerStanding]:
        """Return the answers of all nodes reached at the seeds, at `known` addresses and at owners these name.

        Addresses in `but` are not asked. Why a node was not reached is logged once, and again when it changes.
        """
        me = self._me().member
        asked = {me.transport_address, *but}
        answers: dict[str, PeerStanding] = {}
        wave = {*self._seeds, *known} - asked
        while wave and len(asked) < MAX_ADDRESSES:
            asked |= wave
            for answer in await asyncio.gather(*(self._ask(address) for address in sorted(wave))):
                if answer is not None and answer.member.ephemeral_id != me.ephemeral_id:
                    answers[answer.member.ephemeral_id] = answer
            wave = {a.owner.transport_address for a in answers.values() if a.owner is not None} - asked
        return list(answers.values())

    async def _ask(self, address: str) -> PeerStanding | None:
        try:
            async with asyncio.timeout(self._timing.request_peers_timeout):
                connection = await self._links.dial(address)
                try:
                    answer = await self._question(connection)
                finally:
                    connection.close()
        except TimeoutError:
            self.tell(address, f"no answer within {self._timing.request_peers_timeout:g} s")
        except IsthmusError as error:
            self.tell(address, f"{error.reason} ({error.hint})" if error.hint else error.reason)
        else:
            self._told.pop(address, None)
            return answer
        return None

    async def _question(self, connection: Connection) -> PeerStanding:
        try:
            return await ask(connection, messages.PEERS, self._me(), timeout=self._timing.request_peers_timeout)
        except RemoteError as error:
            if error.type != ActionNotFoundError.type:
                raise
            peer = connection.node
            raise UnavailableError(
                f"node [{peer.name}] of release {release_name(peer.version)} is no node of Isthmus; "
                "nodes of Elasticsearch and of Isthmus make no common cluster",
                hint="take the address out of discovery.seed_hosts",
            ) from error

    def tell(self, address: str, reason: str) -> None:
        """Log why `address` is of no use, unless that was the last thing said of it."""
        if self._told.get(address) != reason:
            self._told[address] = reason
            log.warning("%s was not reached: %s", address, reason)


def with_port(seed: str) -> str:
    """Give a seed host the default transport port if it names none."""
    bare_v6 = seed.count(":") > 1 and not seed.startswith("[")
    if bare_v6:
        return f"[{seed}]:{DEFAULT_PORT}"
    return seed if seed.rpartition("]")[2].count(":") == 1 else f"{seed}:{DEFAULT_PORT}"
