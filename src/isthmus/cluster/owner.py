"""The owner's side: seats, the order of writes, and their publication.

Everything that changes the members or the map happens under one lock, so that every member sees the same order.
A write is acknowledged when it is on this disk and every live member has applied it; a member that does not apply it
in time loses its seat first.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from isthmus.cluster import messages
from isthmus.cluster.admission import JoinRefusedError, Seats, check_roles, judge_join
from isthmus.cluster.links import Links
from isthmus.cluster.messages import CheckRequest, Done, JoinRequest, Member, PeerStanding, PublishRequest
from isthmus.cluster.timing import Timing
from isthmus.errors import IsthmusError
from isthmus.pki.names import certificate_names
from isthmus.security.forwarding.asking import ask
from isthmus.state.history import Need, Position, Write, need_of
from isthmus.state.replicated import ReplicatedMap, check_bounds
from isthmus.state.store import StateStore
from isthmus.transport.connection import Connection

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class _Seat:
    member: Member
    connection: Connection
    position: Position
    seen: float


@dataclass(frozen=True)
class House:
    """What an owner owns: its own member, the copy on disk, the map's face, and the rules for joiners."""

    member: Member
    cluster_name: str
    cluster_uuid: str
    store: StateStore
    map: ReplicatedMap
    single_node: bool
    role_pattern: str | None


class Owner:
    """Rules a cluster from the moment it is made until it is stopped.

    `on_members(members)` is called after each change of the membership.
    """

    def __init__(self, house: House, links: Links, timing: Timing, on_members: Callable[[list[Member]], None]) -> None:
        self._house = house
        self._links = links
        self._timing = timing
        self._on_members = on_members
        self._seats: dict[str, _Seat] = {}
        self._order = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def members(self) -> list[Member]:
        """Everybody who has a seat now, this node first."""
        return [self._house.member, *(seat.member for seat in self._seats.values())]

    async def write(self, writes: Sequence[Write]) -> int:
        """Make `writes` in one commit and return its revision once every live member has it."""
        check_bounds(writes)
        # a caller that goes away must not leave a commit on disk unpublished
        return await asyncio.shield(self._start(self._write(writes)))

    async def _write(self, writes: Sequence[Write]) -> int:
        async with self._order:
            commit = await asyncio.to_thread(self._house.store.commit, writes)
            self._house.map.changed(commit.changes)
            await self._publish()
            return commit.revision

    async def join(self, request: JoinRequest) -> Done:
        """Give the joiner a seat once it could be dialled back and holds a full copy; raises JoinRefusedError."""
        # a joiner that goes away must not leave a seat behind that nobody watches
        return await asyncio.shield(self._start(self._join(request)))

    async def _join(self, request: JoinRequest) -> Done:
        await self._drop_the_dead(request.member)
        self._judge(request)
        connection = await self._dial_back(request.member)
        try:
            async with self._order:
                self._judge(request)
                await self._seat(request, connection)
        except BaseException:
            connection.close()
            raise
        return Done()

    async def check(self, request: CheckRequest) -> Done:
        """Take a member's sign of life; raises JoinRefusedError if it has no seat, so that it joins again."""
        seat = self._seat_of(request)
        if seat is not None:
            seat.seen = time.monotonic()
            return Done()
        raise JoinRefusedError("this node has no seat here", hint="it will ask to join again by itself")

    async def leave(self, request: CheckRequest) -> Done:
        """Take the seat of a member that stops."""
        seat = self._seat_of(request)
        if seat is not None:
            # a member that stops hangs up soon, and the others must hear of it all the same
            await asyncio.shield(self._start(self._remove(seat, "it stopped")))
        return Done()

    async def sweep(self) -> None:
        """Take the seats of members that gave no sign of life for too long."""
        silence = self._timing.silence
        for seat in list(self._seats.values()):
            if time.monotonic() - seat.seen > silence:
                await self._remove(seat, f"it gave no sign of life for {silence:g} s")

    async def renew(self) -> None:
        """Dial every member anew, and only then let the connection so far end, once it is idle."""
        await asyncio.gather(*(self._renew(seat) for seat in list(self._seats.values())))

    async def close(self) -> None:
        """Stop ruling; members find out by their connections."""
        seats, self._seats = self._seats, {}
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for seat in seats.values():
            seat.connection.close()

    # Joining

    def _judge(self, request: JoinRequest) -> None:
        house = self._house
        seats = Seats(
            cluster_name=house.cluster_name,
            cluster_uuid=house.cluster_uuid,
            term=house.store.position().term,
            members=self.members,
            single_node=house.single_node,
        )
        judge_join(request, seats)

    async def _dial_back(self, joiner: Member) -> Connection:
        try:
            connection = await self._links.dial(joiner.transport_address, joiner.host)
        except IsthmusError as cause:
            raise JoinRefusedError(
                f"node [{joiner.name}] cannot be reached back at {joiner.transport_address}: {cause.reason}",
                hint=cause.hint or "check its transport.publish_host and its certificate",
            ) from cause
        if connection.node.ephemeral_id != joiner.ephemeral_id:
            connection.close()
            raise JoinRefusedError(
                f"node [{connection.node.name}] answers at {joiner.transport_address}, the address that "
                f"[{joiner.name}] gave",
                hint="check its transport.publish_host and transport.publish_port",
            )
        try:
            check_roles(joiner, self._house.role_pattern, _names_of(connection))
        except JoinRefusedError:
            connection.close()
            raise
        return connection

    async def _seat(self, request: JoinRequest, connection: Connection) -> None:
        seat = _Seat(request.member, connection, request.position, time.monotonic())
        self._seats[request.member.id] = seat
        await self._publish()
        if self._seats.get(request.member.id) is not seat:
            raise JoinRefusedError(f"node [{request.member.name}] did not take the cluster's state in time")
        self._watch(seat)
        log.info("node [%s] joined from %s", request.member.name, request.member.transport_address)

    async def _drop_the_dead(self, joiner: Member) -> None:
        for seat in list(self._seats.values()):
            twin = seat.member.id == joiner.id or seat.member.name == joiner.name
            if seat.member.ephemeral_id == joiner.ephemeral_id:
                await self._remove(seat, "it asks to join again")
            elif twin and not await self._is_alive(seat):
                await self._remove(seat, "it does not answer, and a node of its name asks to join")

    async def _is_alive(self, seat: _Seat) -> bool:
        try:
            await ask(seat.connection, messages.PEERS, self._standing(), timeout=self._timing.check_timeout)
        except IsthmusError:
            return False
        return True

    def _standing(self) -> PeerStanding:
        house = self._house
        return PeerStanding(house.member, house.cluster_uuid, house.store.position(), house.member)

    # Leaving

    def _seat_of(self, request: CheckRequest) -> _Seat | None:
        if request.cluster_uuid != self._house.cluster_uuid:
            return None
        return next((s for s in self._seats.values() if s.member.ephemeral_id == request.ephemeral_id), None)

    def _start(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Whoever asked may have gone away: what went wrong is then nobody's to hear."""
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.debug("what a member asked for failed: %s", task.exception())

    def _watch(self, seat: _Seat) -> None:
        connection = seat.connection
        connection.add_close_callback(lambda: self._start(self._lost(seat, connection)))

    async def _lost(self, seat: _Seat, connection: Connection) -> None:
        """A closed connection takes a seat, unless the member is reached again at once.

        It may have closed one connection because of a certificate that this node has replaced since.
        """
        async with self._order:
            if seat.connection is not connection or (not connection.is_expelled and await self._renew(seat)):
                return
            if self._take_seat(seat, "its connection was lost"):
                await self._publish()

    async def _renew(self, seat: _Seat) -> bool:
        """Dial the seat's member anew; say whether that went well. Without, the connection so far stays."""
        try:
            async with asyncio.timeout(self._timing.check_timeout):
                connection = await self._dial_back(seat.member)
        except (IsthmusError, TimeoutError) as error:
            log.debug("node [%s] cannot be dialled anew: %s", seat.member.name, error)
            return False
        if self._seats.get(seat.member.id) is not seat:
            connection.close()
            return False
        seat.connection.retire()
        seat.connection = connection
        self._watch(seat)
        return True

    async def _remove(self, seat: _Seat, why: str) -> None:
        async with self._order:
            if self._take_seat(seat, why):
                await self._publish()

    def _take_seat(self, seat: _Seat, why: str) -> bool:
        if self._seats.get(seat.member.id) is not seat:
            return False
        del self._seats[seat.member.id]
        log.info("node [%s] left: %s", seat.member.name, why)
        seat.connection.close()
        return True

    # Publishing; the lock is held

    async def _publish(self) -> None:
        while True:
            self._on_members(self.members)
            failed = [seat for seat in await self._publish_once() if self._take_seat(seat, "it did not take the state")]
            if not failed:
                return

    async def _publish_once(self) -> list[_Seat]:
        seats = list(self._seats.values())
        results = await asyncio.gather(*(self._publish_to(seat) for seat in seats))
        return [seat for seat, taken in zip(seats, results, strict=True) if not taken]

    async def _publish_to(self, seat: _Seat) -> bool:
        connection = seat.connection
        try:
            await self._hand_over(seat)
        except IsthmusError as error:
            if not connection.is_closed or connection.is_expelled or not await self._renew(seat):
                return _did_not_take(seat, error)
            try:
                await self._hand_over(seat)
            except IsthmusError as again:
                return _did_not_take(seat, again)
        return seat.position == self._house.store.position()

    async def _hand_over(self, seat: _Seat) -> None:
        message = self._message_for(seat.position)
        seat.position = await ask(seat.connection, messages.PUBLISH, message, timeout=self._timing.publish_timeout)

    def _message_for(self, copy: Position) -> PublishRequest:
        store = self._house.store
        terms, now = store.terms(), store.position()
        need = need_of(copy, terms, now.revision)
        commits = store.commits_since(copy.revision) if need is Need.COMMITS else []
        snapshot = store.snapshot() if need is Need.SNAPSHOT or commits is None else None
        return PublishRequest(
            cluster_uuid=self._house.cluster_uuid,
            members=self.members,
            terms=terms,
            revision=now.revision,
            commits=commits or [],
            snapshot=snapshot,
        )


def _did_not_take(seat: _Seat, error: IsthmusError) -> bool:
    log.warning("node [%s] did not take the cluster's state: %s", seat.member.name, error)
    return False


def _names_of(connection: Connection) -> list[str]:
    """The names that a trusted CA vouches for; a certificate that was not verified grants nothing."""
    identity = connection.identity
    return certificate_names(identity.chain[0]) if identity is not None and identity.verified else []
