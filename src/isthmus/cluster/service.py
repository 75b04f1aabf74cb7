"""Membership at work: find the cluster, lead it or follow its owner, and begin again when the owner is lost."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from isthmus.cluster import messages
from isthmus.cluster.admission import JoinRefusedError
from isthmus.cluster.discovery import Join, Lead, Refused, Standing, Wait, decide, strangers
from isthmus.cluster.follower import Copy, Follower
from isthmus.cluster.links import Links
from isthmus.cluster.messages import Done, JoinRequest, Member, PeerStanding, PublishRequest, WriteRequest
from isthmus.cluster.owner import House, Owner
from isthmus.cluster.peers import Peers
from isthmus.cluster.takeover import check_takeover
from isthmus.cluster.timing import Timing
from isthmus.errors import IsthmusError
from isthmus.state.errors import MasterNotDiscoveredError
from isthmus.state.history import Position, Term, Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from isthmus.transport.messages import Action, call
from isthmus.transport.registry import ActionRegistry

log = logging.getLogger(__name__)
Req = TypeVar("Req")
Resp = TypeVar("Resp")


@dataclass(frozen=True)
class Rules:
    """What a node is configured to be and to ask of others. `initial_master`: it may make a new cluster."""

    cluster_name: str
    initial_master: bool
    single_node: bool = False
    role_pattern: str | None = None
    seeds: Sequence[str] = ()


class ClusterService:
    """One node's part in its cluster.

    `members` and `owner` tell what it sees, `trouble` why it is in no cluster or cut off from the owner (None when
    all is well), `refused` that it will not try again before a person acted.
    """

    def __init__(
        self, me: Member, rules: Rules, store: StateStore, state: ReplicatedMap, links: Links, timing: Timing
    ) -> None:
        self.me = me
        self.owner: Member | None = None
        self.trouble: str | None = "this node has not joined a cluster yet"
        self.refused = False
        self._rules = rules
        self._store = store
        self._map = state
        self._links = links
        self._timing = timing
        self._peers = Peers(self._introduction, rules.seeds, links, timing)
        self._copy = Copy(store, state, self._members_changed)
        self._known: list[Member] = []
        self._ruling: Owner | None = None
        self._following: Follower | None = None
        self._overtaken: Refused | None = None
        self._changed = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._meeting: asyncio.Task[None] | None = None
        self._joined: Callable[[], Awaitable[None]] | None = None
        state.write_through(self._write)

    # What the rest of the node asks

    @property
    def members(self) -> list[Member]:
        """The nodes of the cluster; when the owner is lost, those that this node still reaches."""
        if self._ruling is not None:
            return self._ruling.members
        if self.owner is not None:
            return list(self._known)
        reached = [m for m in self._known if m.ephemeral_id != self.me.ephemeral_id and self._links.is_open(m)]
        return [self.me, *reached]

    @property
    def is_owner(self) -> bool:
        """Whether this node owns the cluster's state now."""
        return self._ruling is not None

    @property
    def cluster_uuid(self) -> str | None:
        """The cluster's own id, or None before this node first joined one."""
        return self._store.meta("cluster_uuid")

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds()` after some change of the membership; return False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def register(self, registry: ActionRegistry) -> None:
        """Serve the cluster's actions."""
        registry.serve(messages.PEERS, lambda request, _channel: self._meet_peer(request))
        registry.serve(messages.JOIN, lambda request, _channel: self._join(request))
        registry.serve(messages.CHECK, lambda request, _channel: self._reign().check(request))
        registry.serve(messages.LEAVE, lambda request, _channel: self._reign().leave(request))
        registry.serve(messages.PUBLISH, lambda request, _channel: self._take(request))
        registry.serve(messages.WRITE, lambda request, _channel: self._write_for_member(request))

    async def ask(self, member: Member, action: Action[Req, Resp], request: Req, *, timeout: float) -> Resp:
        """Ask another member; raises what dialling it or its answer raises."""
        return await call(await self._links.to(member), action, request, timeout=timeout)

    def on_joined(self, joined: Callable[[], Awaitable[None]]) -> None:
        """Have `joined()` awaited each time this node has become a member, or the owner."""
        self._joined = joined

    def start(self) -> None:
        """Begin to look for the cluster."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Give up the seat, or the rule."""
        await _end(self._running)
        if self._following is not None:
            await self._following.leave()
        if self._ruling is not None:
            await self._ruling.close()
        await _end(self._meeting)
        self._links.close()

    async def take_over(self, *, force: bool = False) -> Term:
        """Make this node the owner under a new term; `force` accepts that another copy is newer.

        Raises TakeOverRefusedError while the owner lives, or if a reachable copy is newer and not `force`.
        """
        standing = self._standing()
        check_takeover(standing, await self._peers.ask(self._addresses()), force=force)
        term = Term(standing.position.term + 1, self.me.id, self.me.name, standing.position.revision)
        await _end(self._running)
        self._store.start_term(term)
        log.warning("this node takes over the cluster's state in term %d at revision %d", *_numbers(term))
        self.refused = False
        self.start()
        await self.wait_until(lambda: self._ruling is not None, self._timing.connect_timeout)
        return term

    # The life of a member

    async def _run(self) -> None:
        while not self.refused:
            try:
                await self._step()
            except IsthmusError as error:
                self._troubled(str(error))
                await asyncio.sleep(self._timing.find_peers_interval)

    async def _step(self) -> None:
        match await self._look():
            case Lead(bootstrap):
                await self._lead(bootstrap=bootstrap)
            case Join(owner):
                await self._follow(owner)
            case Wait(reason):
                self._troubled(reason)
                await asyncio.sleep(self._timing.find_peers_interval)
            case Refused() as refused:
                self._refuse(refused)

    async def _look(self) -> Lead | Join | Wait | Refused:
        standing = self._standing()
        answers = await self._peers.ask(self._addresses(), but=[m.transport_address for m in self._seated()])
        for stranger in strangers(standing, answers):
            self._warn_of(stranger)
        return decide(standing, answers)

    async def _lead(self, *, bootstrap: bool) -> None:
        if bootstrap:
            self._store.found(uuid.uuid4().hex, Term(1, self.me.id, self.me.name, 0))
            log.info("this node made the cluster [%s] and owns its state", self._rules.cluster_name)
        self._ruling = Owner(self._house(), self._links, self._timing, self._members_changed)
        await self._settled(self.me)
        refused = await self._rule(self._ruling)
        await self._ruling.close()
        self._ruling = None
        self._refuse(refused)

    async def _rule(self, ruling: Owner) -> Refused:
        loop = asyncio.get_running_loop()
        probe_at = loop.time() + self._timing.probe_interval
        while True:
            await asyncio.sleep(self._timing.check_interval)
            if self._overtaken is not None:
                return self._overtaken
            await ruling.sweep()
            if loop.time() < probe_at:
                continue
            decision = await self._look()
            if isinstance(decision, Refused):
                return decision
            probe_at = loop.time() + self._timing.probe_interval

    async def _follow(self, owner: Member) -> None:
        connection = await self._links.to(owner)
        standing = self._standing()
        request = JoinRequest(self.me, standing.cluster_uuid, standing.position)
        await call(connection, messages.JOIN, request, timeout=self._timing.publish_timeout)
        self._following = Follower(connection, str(self.cluster_uuid), self.me.ephemeral_id, self._timing)
        await self._settled(owner)
        log.info("joined the cluster [%s], owned by [%s]", self._rules.cluster_name, owner.name)
        why = await self._following.stay()
        self._following = None
        self._troubled(f"the owner of the cluster's state, [{owner.name}], was lost: {why}")

    # What others ask

    def _meet_peer(self, peer: PeerStanding) -> PeerStanding:
        if self._ruling is not None and isinstance(overtaken := decide(self._standing(), [peer]), Refused):
            self._overtaken = overtaken
        return self._introduction()

    def _reign(self) -> Owner:
        if self._ruling is None:
            raise JoinRefusedError(
                f"node [{self.me.name}] does not own the cluster's state", hint="ask the owner that it names"
            )
        return self._ruling

    async def _join(self, request: JoinRequest) -> Done:
        try:
            return await self._reign().join(request)
        except JoinRefusedError as error:
            log.warning("refused to let [%s] join: %s", request.member.name, error)
            raise

    async def _take(self, request: PublishRequest) -> Position:
        if self._ruling is not None:
            raise JoinRefusedError(f"node [{self.me.name}] owns the cluster's state itself")
        return await self._copy.take(request)

    async def _write_for_member(self, request: WriteRequest) -> messages.WriteResponse:
        if self._ruling is None or self._overtaken is not None:
            raise MasterNotDiscoveredError(f"node [{self.me.name}] does not own the cluster's state")
        return messages.WriteResponse(await self._ruling.write(request.writes))

    async def _write(self, writes: Sequence[Write]) -> int:
        if self._ruling is not None and self._overtaken is None:
            return await self._ruling.write(writes)
        if self._following is None:
            raise MasterNotDiscoveredError(
                self.trouble or "the owner of the cluster's state is not known yet", hint="try again when it is back"
            )
        return await self._following.write(writes)

    # Changes

    async def _settled(self, owner: Member) -> None:
        self.trouble = None
        self.owner = owner
        if self._joined is not None:
            await self._joined()
        self._notify()

    def _troubled(self, reason: str) -> None:
        if self.trouble != reason:
            log.warning("%s", reason)
        self.trouble = reason
        self.owner = None
        self._notify()

    def _refuse(self, refused: Refused) -> None:
        self.refused = True
        self._troubled(f"{refused.reason} ({refused.hint})")

    def _members_changed(self, members: list[Member]) -> None:
        if members == self._known:
            return
        self._known = list(members)
        addresses = [m.transport_address for m in members if m.id != self.me.id]
        self._store.set_meta({"member_addresses": msgspec.json.encode(addresses).decode()})
        if self._ruling is None:
            self._meet([m for m in members if m.id != self.me.id])
        self._notify()

    def _meet(self, others: list[Member]) -> None:
        if self._meeting is not None:
            self._meeting.cancel()
        self._meeting = asyncio.get_running_loop().create_task(self._links.keep(others))

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _warn_of(self, stranger: Member) -> None:
        reason = f"belongs to another cluster that is also named [{self._rules.cluster_name}]"
        self._peers.tell(stranger.transport_address, f"node [{stranger.name}] {reason}")

    # What this node is

    def _introduction(self) -> PeerStanding:
        return PeerStanding(self.me, self.cluster_uuid, self._store.position(), self.owner)

    def _standing(self) -> Standing:
        terms = self._store.terms()
        return Standing(
            name=self.me.name,
            cluster_name=self._rules.cluster_name,
            cluster_uuid=self.cluster_uuid,
            position=self._store.position(),
            owner_name=terms[-1].owner_name if terms else None,
            owns_term=bool(terms) and terms[-1].owner_id == self.me.id,
            initial_master=self._rules.initial_master,
        )

    def _addresses(self) -> list[str]:
        return msgspec.json.decode(self._store.meta("member_addresses") or "[]", type=list[str])

    def _seated(self) -> list[Member]:
        return self._ruling.members if self._ruling is not None else []

    def _house(self) -> House:
        return House(
            member=self.me,
            cluster_name=self._rules.cluster_name,
            cluster_uuid=str(self.cluster_uuid),
            store=self._store,
            map=self._map,
            single_node=self._rules.single_node,
            role_pattern=self._rules.role_pattern,
        )


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is None:
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _numbers(term: Term) -> tuple[int, int]:
    return term.number, term.first_revision
