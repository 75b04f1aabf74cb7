"""Membership at work: find the cluster, lead it or follow its owner, and begin again when the owner is lost."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from isthmus.cluster import messages
from isthmus.cluster.admission import JoinRefusedError
from isthmus.cluster.discovery import Join, Lead, Refused, Standing, Wait, decide, strangers
from isthmus.cluster.follower import Copy, Follower
from isthmus.cluster.links import Links
from isthmus.cluster.membership import Membership
from isthmus.cluster.messages import Done, JoinRequest, Member, PeerStanding, PublishRequest, WriteRequest
from isthmus.cluster.owner import House, Owner
from isthmus.cluster.peers import Peers
from isthmus.cluster.takeover import check_takeover
from isthmus.cluster.timing import Timing
from isthmus.errors import IsthmusError
from isthmus.security.forwarding.asking import ask
from isthmus.state.errors import MasterNotDiscoveredError
from isthmus.state.history import Position, Term, Write
from isthmus.state.replicated import ReplicatedMap
from isthmus.state.store import StateStore
from isthmus.transport.messages import Action
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
    """One node's part in its cluster. `membership` is what it sees.

    `on_joined` is awaited each time this node has become a member or the owner.
    """

    def __init__(
        self,
        me: Member,
        rules: Rules,
        store: StateStore,
        state: ReplicatedMap,
        links: Links,
        timing: Timing,
        on_joined: Callable[[], Awaitable[None]],
    ) -> None:
        self.membership = Membership(me, store, links.is_open)
        self._rules = rules
        self._store = store
        self._map = state
        self._links = links
        self._timing = timing
        self._on_joined = on_joined
        self._peers = Peers(self._introduction, rules.seeds, links, timing)
        self._copy = Copy(store, state, self._learn)
        self._ruling: Owner | None = None
        self._following: Follower | None = None
        self._claimed: str | None = None
        self._running: asyncio.Task[None] | None = None
        self._meeting: asyncio.Task[None] | None = None
        state.write_through(self._write)

    # What the rest of the node asks

    @property
    def is_owner(self) -> bool:
        """Whether this node owns the cluster's state now."""
        return self._ruling is not None

    @property
    def cluster_uuid(self) -> str | None:
        """The cluster's own id, or None before this node first joined one."""
        return self._store.meta("cluster_uuid")

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
        return await ask(await self._links.to(member), action, request, timeout=timeout)

    async def renew_connections(self) -> None:
        """Dial the other members anew, so that both sides show the certificates of now; nothing in flight is lost.

        A member that cannot be dialled keeps the connection it has.
        """
        await self._links.renew()
        if self._ruling is not None:
            await self._ruling.renew()
        if self._following is not None:
            await self._following.renew()

    def start(self) -> None:
        """Begin to look for the cluster."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Give up the seat, or the rule."""
        following = self._following
        await _end(self._running)
        if following is not None:
            await following.leave()
        await _end(self._meeting)
        self._links.close()

    async def take_over(self, *, force: bool = False) -> Term:
        """Make this node the owner under a new term; `force` accepts that another copy is newer.

        Raises TakeOverRefusedError while the owner lives, or if a reachable copy is newer and not `force`.
        """
        standing = self._standing()
        check_takeover(standing, await self._peers.ask(self.membership.addresses), force=force)
        term = Term(standing.position.term + 1, standing.node_id, standing.name, standing.position.revision)
        await _end(self._running)
        try:
            self._store.start_term(term)
            log.warning("took over the cluster's state in term %d at revision %d", term.number, term.first_revision)
            self.membership.refused = False
        finally:
            self.start()
        await self.membership.wait_until(lambda: self.is_owner, self._timing.connect_timeout)
        return term

    # The life of a member

    async def _run(self) -> None:
        while not self.membership.refused:
            try:
                await self._step()
            except IsthmusError as error:
                self.membership.trouble_with(str(error))
                await asyncio.sleep(self._timing.find_peers_interval)
            except Exception:
                log.exception("looking for the cluster failed; it is tried again")
                self.membership.trouble_with("looking for the cluster failed for an unexpected reason, see the log")
                await asyncio.sleep(self._timing.probe_interval)

    async def _step(self) -> None:
        match await self._look():
            case Lead(bootstrap):
                await self._lead(bootstrap=bootstrap)
            case Join(owner):
                await self._follow(owner)
                await asyncio.sleep(self._timing.rejoin_pause)
            case Wait(reason):
                self.membership.trouble_with(reason)
                await asyncio.sleep(self._timing.find_peers_interval)
            case Refused() as refused:
                self._refuse(refused)

    async def _look(self) -> Lead | Join | Wait | Refused:
        standing = self._standing()
        seated = self._ruling.members if self._ruling is not None else []
        claimed, self._claimed = self._claimed, None
        known = [*self.membership.addresses, *([claimed] if claimed is not None else [])]
        but = [member.transport_address for member in seated if member.transport_address != claimed]
        answers = await self._peers.ask(known, but=but)
        for stranger in strangers(standing, answers):
            reason = f"belongs to another cluster that is also named [{self._rules.cluster_name}]"
            self._peers.tell(stranger.transport_address, f"node [{stranger.name}] {reason}")
        return decide(standing, answers)

    async def _lead(self, *, bootstrap: bool) -> None:
        me = self.membership.me
        if bootstrap:
            self._store.found(uuid.uuid4().hex, Term(1, me.id, me.name, 0))
        elif self._store.restored:
            # members may have seen commits of the old term that the backup has not
            position = self._store.position()
            self._store.start_term(Term(position.term + 1, me.id, me.name, position.revision))
        ruling = self._ruling = Owner(self._house(), self._links, self._timing, self._learn)
        try:
            self._learn(ruling.members)
            await self._settle(me)
            done = "made" if bootstrap else "leads"
            log.info("this node %s the cluster [%s] and owns its state", done, self._rules.cluster_name)
            refused = await self._rule(ruling)
        finally:
            self._ruling = None
            await ruling.close()
        self._refuse(refused)

    async def _rule(self, ruling: Owner) -> Refused:
        loop = asyncio.get_running_loop()
        probe_at = loop.time() + self._timing.probe_interval
        while True:
            await asyncio.sleep(self._timing.check_interval)
            await ruling.sweep()
            if loop.time() < probe_at and self._claimed is None:
                continue
            probe_at = loop.time() + self._timing.probe_interval
            try:
                decision = await self._look()
            except Exception:
                log.exception("looking for other nodes failed; this node goes on owning the state")
                continue
            if isinstance(decision, Refused):
                return decision

    async def _follow(self, owner: Member) -> None:
        connection = await self._links.to(owner)
        standing = self._standing()
        request = JoinRequest(self.membership.me, standing.cluster_uuid, standing.position)
        await ask(connection, messages.JOIN, request, timeout=self._timing.publish_timeout)
        me = self.membership.me
        following = self._following = Follower(
            connection, lambda: self._links.to(owner), str(self.cluster_uuid), me.ephemeral_id, self._timing
        )
        try:
            await self._settle(owner)
            log.info("joined the cluster [%s], owned by [%s]", self._rules.cluster_name, owner.name)
            why = await following.stay()
        finally:
            self._following = None
        self.membership.trouble_with(f"the owner of the cluster's state, [{owner.name}], was lost: {why}")

    async def _settle(self, owner: Member) -> None:
        await self._on_joined()
        self.membership.settle(owner)

    def _refuse(self, refused: Refused) -> None:
        self.membership.refused = True
        self.membership.trouble_with(f"{refused.reason} ({refused.hint})")

    def _learn(self, members: list[Member]) -> None:
        if self.membership.learn(members) and self._ruling is None:
            if self._meeting is not None:
                self._meeting.cancel()
            self._meeting = asyncio.get_running_loop().create_task(self._links.keep(self.membership.others))

    # What others ask

    def _meet_peer(self, peer: PeerStanding) -> PeerStanding:
        if self.cluster_uuid is not None and peer.cluster_uuid == self.cluster_uuid:
            self.membership.hear_of(peer.member)
        if self._ruling is not None and isinstance(decide(self._standing(), [peer]), Refused):
            # who dials may say anything: what counts is what answers, when dialled, at the address of a node
            self._claimed = peer.member.transport_address
        return self._introduction()

    def _reign(self) -> Owner:
        if self._ruling is None:
            raise JoinRefusedError(
                f"node [{self.membership.me.name}] does not own the cluster's state",
                hint="ask the owner that it names",
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
            raise JoinRefusedError(f"node [{self.membership.me.name}] owns the cluster's state itself")
        return await self._copy.take(request)

    async def _write_for_member(self, request: WriteRequest) -> messages.WriteResponse:
        if self._ruling is None:
            raise MasterNotDiscoveredError(f"node [{self.membership.me.name}] does not own the cluster's state")
        return messages.WriteResponse(await self._ruling.write(request.writes))

    async def _write(self, writes: Sequence[Write]) -> int:
        if self._ruling is not None:
            return await self._ruling.write(writes)
        if self._following is None:
            raise MasterNotDiscoveredError(
                self.membership.trouble or "the owner of the cluster's state is not known yet",
                hint="try again when it is back",
            )
        return await self._following.write(writes)

    # What this node is

    def _introduction(self) -> PeerStanding:
        return PeerStanding(self.membership.me, self.cluster_uuid, self._store.position(), self.membership.owner)

    def _standing(self) -> Standing:
        terms, me = self._store.terms(), self.membership.me
        return Standing(
            name=me.name,
            node_id=me.id,
            cluster_name=self._rules.cluster_name,
            cluster_uuid=self.cluster_uuid,
            position=self._store.position(),
            owner_name=terms[-1].owner_name if terms else None,
            owns_term=bool(terms) and terms[-1].owner_id == me.id,
            initial_master=self._rules.initial_master,
        )

    def _house(self) -> House:
        return House(
            member=self.membership.me,
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
