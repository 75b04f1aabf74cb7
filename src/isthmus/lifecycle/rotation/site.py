"""The real cluster: its folders and trust files are read and written, its ports dialled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from isthmus.errors import IsthmusError
from isthmus.lifecycle.rotation.copying import copy_elsewhere
from isthmus.lifecycle.rotation.driver import Sighting
from isthmus.lifecycle.rotation.folder import Contents, files_for, holding_of, must_be_known, read_channel, read_client
from isthmus.lifecycle.rotation.installing import put_in_place, run_command
from isthmus.lifecycle.rotation.inventory import ClientEntry, NodeEntry
from isthmus.lifecycle.rotation.lapsed import lapsed_leaves
from isthmus.lifecycle.rotation.layout import NewFile
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import PartyRecord, Plan
from isthmus.lifecycle.rotation.proving import Answer, keys_to_try, state_of
from isthmus.pki.rotation import Holding, Party, Vouchers
from isthmus.tls.config import ChannelConfig

DIALS_AT_ONCE = 32


@dataclass(frozen=True)
class Reply:
    """What a port did when it was dialled: whether it `accepted` the leaf it was shown (None: it judged none), and the
    `certificate` that it showed itself, None if it could not be reached. `words` say why not."""

    accepted: bool | None
    certificate: x509.Certificate | None
    words: str = ""


Dial = Callable[[str, str, str | None, Sequence[x509.Certificate]], Awaitable[Reply]]
"""Takes a channel, an address, the id of the leaf to show (None: none) and whom the dialler trusts."""


@dataclass(frozen=True)
class Place:
    """Where a node's channel is: its files and its address (`host:port`).

    `shared_by` is the address of its HTTP port where that is served from the same files.
    """

    config: ChannelConfig
    address: str
    shared_by: str | None = None


@dataclass
class LiveSite:
    """Implements `driver.Site`. `places` are by channel and the node's name; `dial` answers for one port.

    `people_ready`: an operator vouches that clients nobody can look at trust what they are to trust.
    """

    plan: Plan
    places: Mapping[tuple[str, str], Place]
    papers: Papers
    vouchers: Vouchers
    dial: Dial
    people_ready: bool = False
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DIALS_AT_ONCE), init=False)

    @property
    def authorities(self) -> tuple[str, ...]:
        """The ids of those that go and those that come."""
        return tuple(dict.fromkeys([*self.plan.before, *self.plan.after]))

    async def look(self, channel: str, at: Sequence[Party]) -> Mapping[str, Sighting]:
        """Dial the nodes among `at` with every key, and read the trust files."""
        lapsed = lapsed_leaves(self.plan, self.papers, self.vouchers, datetime.now(UTC))
        keys = keys_to_try(self.plan.channel(channel), self.vouchers, lapsed)
        sightings = await asyncio.gather(*(self._look_at(channel, party, keys) for party in at))
        return {party.name: sighting for party, sighting in zip(at, sightings, strict=True)}

    async def give(self, channel: str, party: Party, holding: Holding) -> None:
        """Put `holding` in place of what stands in the party's files."""
        record = self._record(channel, party.name)
        if record.kind == "people":
            return
        contents = await asyncio.to_thread(self._read, channel, record)
        leaves = [one for one in (record.before.leaf, record.after.leaf) if one is not None]
        standing = holding_of(contents, leaves, self.authorities, self.papers)
        now = must_be_known(standing, f"{channel} of [{party.name}]")
        # Whom a port trusts that judges nobody is not the rotation's matter, even where its files are those of another.
        candidates = [self.papers.authority(one) for one in self.authorities] if party.judges else []
        now = now if party.judges else replace(now, trusts=frozenset())
        if now == holding:
            return
        await self._install(record, files_for(contents, now, holding, candidates, self.papers))

    async def _look_at(self, channel: str, party: Party, keys: Sequence[str]) -> Sighting:
        record = self._record(channel, party.name)
        if record.kind == "people":
            return self._of_people(party)
        if record.kind == "file":
            return await self._of_file(record, party)
        return await self._of_port(channel, party, keys)

    def _of_people(self, party: Party) -> Sighting:
        if self.people_ready or party.installed == party.goal:
            return Sighting(party.installed)
        return Sighting(None, "waits until an operator says that they trust the new CA (--clients-ready)")

    async def _of_file(self, record: PartyRecord, party: Party) -> Sighting:
        try:
            contents = await asyncio.to_thread(read_client, self._client(record))
        except IsthmusError as error:
            return Sighting(None, str(error))
        found = holding_of(contents, (), self.authorities, self.papers)
        known = found in (party.installed, *party.earlier)
        return Sighting(found if known else None, "" if known else "somebody changed the file meanwhile")

    async def _of_port(self, channel: str, party: Party, keys: Sequence[str]) -> Sighting:
        # On HTTP nobody is judged by a certificate of ours, so one dial without any tells all.
        tried = keys if party.judges else (None,)
        if not tried:
            return Sighting(None, "every key of this rotation has expired, so that none shows whom it trusts")
        replies = await asyncio.gather(*(self._ask(channel, party.name, key) for key in tried))
        silent = next((one.words for one in replies if one.certificate is None), None)
        if silent is not None:
            return Sighting(None, silent)
        answers = [self._answer(channel, party.name, one) for one in replies]
        return Sighting(
            *state_of(party, {key or "": one for key, one in zip(tried, answers, strict=True)}, self.vouchers)
        )

    def _answer(self, channel: str, name: str, reply: Reply) -> Answer:
        record = self._record(channel, name)
        leaves = [leaf for leaf in (record.before.leaf, record.after.leaf) if leaf is not None]
        known = (leaf for leaf in leaves if self.papers.leaf(leaf).certificate == reply.certificate)
        served = next(known, None)
        words = reply.words or ("" if served else "it serves a certificate that nobody planned")
        return Answer(reply.accepted, served, words)

    async def _ask(self, channel: str, node: str, key: str | None) -> Reply:
        trusted = [self.papers.authority(one) for one in self.authorities]
        async with self._slots:
            return await self.dial(channel, self.places[channel, node].address, key, trusted)

    async def _install(self, record: PartyRecord, files: Sequence[NewFile]) -> None:
        entry = self._entry(record)
        if entry.copy:
            await copy_elsewhere(entry, record.name, files, self.papers.folder)
        await asyncio.to_thread(put_in_place, files)
        if isinstance(entry, NodeEntry) and entry.restart:
            await run_command(entry.restart, f"restarting [{record.name}]")

    def _read(self, channel: str, record: PartyRecord) -> Contents:
        if record.kind == "file":
            return read_client(self._client(record))
        return read_channel(self.places[channel, record.name].config)

    def _client(self, record: PartyRecord) -> Path:
        return Path(self.plan.inventory.clients[record.entry].file)

    def _entry(self, record: PartyRecord) -> NodeEntry | ClientEntry:
        inventory = self.plan.inventory
        return inventory.nodes[record.entry] if record.kind == "node" else inventory.clients[record.entry]

    def _record(self, channel: str, name: str) -> PartyRecord:
        return next(one for one in self.plan.channel(channel).parties if one.name == name)
