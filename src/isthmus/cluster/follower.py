"""A member's side: take what the owner publishes, send signs of life, hand writes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from isthmus.cluster import messages
from isthmus.cluster.admission import JoinRefusedError
from isthmus.cluster.messages import CheckRequest, Member, PublishRequest
from isthmus.cluster.timing import Timing
from isthmus.errors import IsthmusError, StorageError, UnavailableError
from isthmus.security.forwarding.asking import ask
from isthmus.state.errors import MasterNotDiscoveredError, VersionConflictError
from isthmus.state.history import Position, Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from isthmus.transport.connection import Connection
from isthmus.transport.errors import RemoteError

WRITE_TIMEOUT = 60.0


class Copy:
    """Keeps this node's copy equal to the owner's. `on_members(members)` is called after each step."""

    def __init__(self, store: StateStore, state: ReplicatedMap, on_members: Callable[[list[Member]], None]) -> None:
        self._store = store
        self._map = state
        self._on_members = on_members
        self._order = asyncio.Lock()

    async def take(self, message: PublishRequest) -> Position:
        """Apply what an owner publishes and return where the copy stands now.

        Raises JoinRefusedError if the sender owns another cluster, or this one in a term that is over.
        """
        async with self._order:
            self._check_sender(message)
            await asyncio.to_thread(self._apply, message)
        self._tell(message)
        return self._store.position()

    def _check_sender(self, message: PublishRequest) -> None:
        mine = self._store.meta("cluster_uuid")
        if mine not in (None, message.cluster_uuid):
            raise JoinRefusedError(f"this node belongs to another cluster (uuid {mine})")
        term = max((term.number for term in message.terms), default=0)
        if term < self._store.position().term:
            newest = self._store.terms()[-1]
            raise JoinRefusedError(
                f"term {term} is over: [{newest.owner_name}] owns the cluster's state in term {newest.number}",
                hint="the old owner must not write any more; see its log",
            )

    def _apply(self, message: PublishRequest) -> None:
        if self._store.meta("cluster_uuid") is None:
            self._store.set_meta({"cluster_uuid": message.cluster_uuid})
        if message.snapshot is not None:
            self._store.replace(message.snapshot, message.terms)
        else:
            self._store.apply(message.commits, message.terms)
        if self._store.position().revision != message.revision:
            raise StorageError(f"the copy stands at {self._store.position()}, not at revision {message.revision}")

    def _tell(self, message: PublishRequest) -> None:
        self._on_members(message.members)
        if message.snapshot is not None:
            self._map.replaced()
        for commit in message.commits:
            self._map.changed(commit.changes)


class Follower:
    """A seat in a cluster that another node owns, reached by `connection`; `dial` opens one in its place."""

    def __init__(
        self,
        connection: Connection,
        dial: Callable[[], Awaitable[Connection]],
        cluster_uuid: str,
        ephemeral_id: str,
        timing: Timing,
    ) -> None:
        self._dial = dial
        self._sign = CheckRequest(cluster_uuid, ephemeral_id)
        self._timing = timing
        self._lost = asyncio.Event()
        self._hold(connection)

    async def write(self, writes: Sequence[Write]) -> int:
        """Have the owner make `writes`; return the revision, which this copy has reached.

        Raises MasterNotDiscoveredError if the owner cannot be reached or went away in the middle, and
        VersionConflictError as the owner does.
        """
        try:
            if self._connection.is_closed:
                # It may have given way to a newer one, of which `renew` has not told yet.
                await self.renew()
            request = messages.WriteRequest(list(writes))
            return (await ask(self._connection, messages.WRITE, request, timeout=WRITE_TIMEOUT)).revision
        except UnavailableError as cause:
            raise MasterNotDiscoveredError(
                "the owner of the cluster's state cannot be reached", hint="try again when it is back"
            ) from cause
        except RemoteError as error:
            if error.type == VersionConflictError.type:
                raise VersionConflictError(error.reason) from error
            raise

    async def stay(self) -> str:
        """Send signs of life until the seat is lost; return why."""
        misses = 0
        while misses < self._timing.retries:
            if await self._sleep(self._timing.check_interval) and not await self._reach_again():
                return "the connection was lost"
            try:
                await ask(self._connection, messages.CHECK, self._sign, timeout=self._timing.check_timeout)
                misses = 0
            except UnavailableError:
                misses += 1
            except IsthmusError as error:
                return error.reason
        return f"it missed {misses} checks"

    async def renew(self) -> None:
        """Speak to the owner on a connection that `dial` opens from now on; raises what that raises."""
        self._hold(await self._dial())

    def _hold(self, connection: Connection) -> None:
        self._connection = connection
        self._lost.clear()
        connection.add_close_callback(lambda: self._hung_up(connection))

    def _hung_up(self, connection: Connection) -> None:
        if connection is self._connection:
            self._lost.set()

    async def _reach_again(self) -> bool:
        """The owner may have closed one connection because of a certificate that this node has replaced since."""
        if self._connection.is_expelled:
            return False
        try:
            await self.renew()
        except IsthmusError:
            return False
        return True

    async def leave(self) -> None:
        """Tell the owner that this node stops; a lost owner is not waited for."""
        try:
            await ask(self._connection, messages.LEAVE, self._sign, timeout=1.0)
        except IsthmusError:
            return

    async def _sleep(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._lost.wait()
        except TimeoutError:
            return False
        return True
