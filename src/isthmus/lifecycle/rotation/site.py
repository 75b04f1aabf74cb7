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
from isthmus.lifecycle.rotation.folder import (
    Contents,
    files_for,
    holding_of,
    must_be_known,
    read_client,
    read_installed,
)
from isthmus.lifecycle.rotation.installing import put_in_place, run_command
from isthmus.lifecycle.rotation.inventory import ClientEntry, NodeEntry
from isthmus.lifecycle.rotation.layout import NewFile
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import PartyRecord, Plan
from isthmus.lifecycle.rotation.proving import Answer, keys_to_try, state_of
from isthmus.lifecycle.rotation.survey import Place
from isthmus.lifecycle.rotation.vouching import vouchers_at
from isthmus.pki.rotation import Party, Vouchers

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


def now_utc() -> datetime:
    """Return this moment."""
    return datetime.now(UTC)


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
    now: Callable[[], datetime] = now_utc
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DIALS_AT_ONCE), init=False)

    def __post_init__(self) -> None:
        self._records = {(one.channel, party.name): party for one in self.plan.channels for party in one.parties}
        self._authorities = {one: self.papers.authority(one) for one in self.plan.authorities}

    async def look(self, channel: str, at: Sequence[Party]) -> Mapping[str, Sighting]:
        """Dial the nodes among `at` with every key that is valid now, and read the trust files."""
        believed = vouchers_at(self.vouchers, self.papers, self.now())
        keys = keys_to_try(self.plan.channel(channel), believed)
        sightings = await asyncio.gather(*(self._look_at(channel, party, keys, believed) for party in at))
        return {party.name: sighting for party, sighting in zip(at, sightings, strict=True)}

    async def give(self, channel: str, party: Party) -> None:
        """Put what the party is given in place of what stands in its files; restart it unless it was seen so."""
        record = self._records[channel, party.name]
        if record.kind == "people":
            return
        files = await asyncio.to_thread(self._files, channel, record, party)
        if files:
            await self._install(record, files)
        entry = self._entry(record)
        if isinstance(entry, NodeEntry) and entry.restart and (files or party.earlier):
            await run_command(entry.restart, f"restarting [{record.name}]")

    def _files(self, channel: str, record: PartyRecord, party: Party) -> list[NewFile]:
        """What to write; refused if somebody else changed the files."""
        contents = self._read(channel, record)
        standing = holding_of(contents, record.leaves, self._authorities, self.papers)
        now = must_be_known(standing, judges=party.judges, where=f"{channel} of [{party.name}]")
        # Whom a port trusts that judges nobody is not the rotation's matter, even where its files are those of another.
        candidates = list(self._authorities.values()) if party.judges else []
        now = now if party.judges else replace(now, trusts=frozenset())
        return [] if now == party.installed else files_for(contents, now, party.installed, candidates, self.papers)

    async def _look_at(self, channel: str, party: Party, keys: Sequence[str], believed: Vouchers) -> Sighting:
        record = self._records[channel, party.name]
        if record.kind == "people":
            return self._of_people(party)
        if record.kind == "file":
            return await self._of_file(record, party)
        return await self._of_port(channel, party, keys, believed)

    def _of_people(self, party: Party) -> Sighting:
        if self.people_ready or party.installed == party.goal:
            return Sighting(party.installed)
        return Sighting(None, "waits until an operator says that they trust the new CA (--clients-ready)")

    async def _of_file(self, record: PartyRecord, party: Party) -> Sighting:
        try:
            contents = await asyncio.to_thread(read_client, self._client(record))
        except IsthmusError as error:
            return Sighting(None, str(error))
        found = holding_of(contents, (), self._authorities, self.papers)
        known = found in (party.installed, *party.earlier)
        return Sighting(found if known else None, "" if known else "somebody changed the file meanwhile")

    async def _of_port(self, channel: str, party: Party, keys: Sequence[str], believed: Vouchers) -> Sighting:
        # Where nobody is judged by a certificate of ours, one dial without any tells all; so on HTTP of the same files.
        place = self.places[channel, party.name]
        dials = [(channel, place.address, key) for key in (keys if party.judges else (None,))]
        if place.shared_by is not None:
            dials.append(("http", place.shared_by, None))
        replies = await asyncio.gather(*(self._ask(*one) for one in dials))
        silent = next((one.words for one in replies if one.certificate is None), None)
        if silent is not None:
            return Sighting(None, silent)
        answers = {
            key or at: self._answer(channel, party.name, one) for (at, _, key), one in zip(dials, replies, strict=True)
        }
        return Sighting(*state_of(party, answers, believed))

    def _answer(self, channel: str, name: str, reply: Reply) -> Answer:
        leaves = self._records[channel, name].leaves
        known = (leaf for leaf in leaves if self.papers.leaf(leaf).certificate == reply.certificate)
        served = next(known, None)
        words = reply.words or ("" if served else "it serves a certificate that nobody planned")
        return Answer(reply.accepted, served, words)

    async def _ask(self, channel: str, address: str, key: str | None) -> Reply:
        async with self._slots:
            return await self.dial(channel, address, key, list(self._authorities.values()))

    async def _install(self, record: PartyRecord, files: Sequence[NewFile]) -> None:
        entry = self._entry(record)
        if entry.copy:
            await copy_elsewhere(entry, record.name, files, self.papers.folder)
        await asyncio.to_thread(put_in_place, files)

    def _read(self, channel: str, record: PartyRecord) -> Contents:
        if record.kind == "file":
            return read_client(self._client(record))
        leaves = [self.papers.leaf(one) for one in record.leaves]
        return read_installed(self.places[channel, record.name].config, leaves)

    def _client(self, record: PartyRecord) -> Path:
        return Path(self.plan.inventory.clients[record.entry].file)

    def _entry(self, record: PartyRecord) -> NodeEntry | ClientEntry:
        inventory = self.plan.inventory
        return inventory.nodes[record.entry] if record.kind == "node" else inventory.clients[record.entry]
