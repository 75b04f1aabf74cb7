"""The reload of one channel: look, read, serve, prove it by a dial, and part with whom is no longer trusted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from isthmus.errors import IsthmusError
from isthmus.lifecycle.reloading.digests import digests, files_of
from isthmus.lifecycle.reloading.observe import served_at
from isthmus.lifecycle.reloading.reload import Digests, Outcome, Step, Watch, judge, look
from isthmus.lifecycle.reloading.trust import identity_changed, is_same, trust_shrank, trusts
from isthmus.pki.describe import describe_certificate
from isthmus.tls.generation import Generation
from isthmus.tls.judging import Judge
from isthmus.tls.live import TlsChannel

log = logging.getLogger(__name__)

RENEW_SECONDS = 10.0
_READS = 5
_CHANGING = "the files change while they are read"

Result = Literal["reloaded", "unchanged", "failed"]


def _ignore(_result: str) -> None:
    """Nobody counts reloads."""


class ChannelReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the reload of one channel went, and what it serves now. `reason` is there when it failed."""

    channel: str
    result: Result
    reason: str | None
    serial_number: str | None
    not_after: datetime | None
    trusted: int


class ChannelReload:
    """Keeps one channel's generation that of its files.

    `expel(judge)` closes connections by who the peer is. `renew()`, where the channel has peers of its own, dials them
    anew: it is awaited after a change of what is shown or trusted, and before anybody is expelled. `told(result)`
    hears of every generation that is served (reloaded) or cannot be (failed).
    """

    def __init__(
        self,
        name: str,
        tls: TlsChannel,
        expel: Callable[[Judge], int],
        renew: Callable[[], Awaitable[None]] | None = None,
        told: Callable[[str], object] = _ignore,
    ) -> None:
        self.name = name
        self.bound: Sequence[tuple[str, int]] = ()
        self._tls = tls
        self._expel = expel
        self._renew = renew
        self._told = told
        self._files = files_of(tls.config)
        self._watch = Watch()
        self._unproven: str | None = None

    @property
    def warnings(self) -> list[str]:
        """Why the files, as they are, are not what is served."""
        return [f"{self.name}: {why}" for why in (self._watch.trouble, self._unproven) if why is not None]

    async def check(self) -> bool:
        """Look at the files, and serve what they hold if it is complete; say whether to look again soon."""
        if self._unproven is not None:
            await self._prove()
        found = await asyncio.to_thread(digests, self._files)
        self._watch, step = look(self._watch, found, time.monotonic())
        if step is Step.READ:
            await self._read(found)
        return step is Step.LOOK_AGAIN

    async def reload(self) -> ChannelReport:
        """Serve what the files hold now, because somebody says that they are complete."""
        before, outcome = self._tls.generation, Outcome.LOOK_AGAIN
        for _ in range(_READS):
            found = await asyncio.to_thread(digests, self._files)
            self._watch, _ = look(self._watch, found, time.monotonic(), asked=True)
            outcome = await self._read(found)
            if outcome is not Outcome.LOOK_AGAIN:
                break
        reason = _CHANGING if outcome is Outcome.LOOK_AGAIN else self._watch.trouble or self._unproven
        changed = self._tls.generation is not before
        return self._report("failed" if reason else "reloaded" if changed else "unchanged", reason)

    async def _read(self, found: Digests) -> Outcome:
        generation, failure = await asyncio.to_thread(self._load)
        after = await asyncio.to_thread(digests, self._files)
        self._watch, outcome = judge(self._watch, found, after, failure, time.monotonic())
        if outcome is Outcome.REPORT:
            self._told("failed")
            log.warning("%s: the changed files cannot be used, the last good ones are served: %s", self.name, failure)
        if outcome is Outcome.SERVE and generation is not None:
            await self._serve(generation)
        return outcome

    def _load(self) -> tuple[Generation | None, str | None]:
        try:
            return self._tls.load(), None
        except IsthmusError as error:
            return None, str(error)

    async def _serve(self, new: Generation) -> None:
        old = self._tls.generation
        if is_same(old, new):
            if self._unproven is not None:
                await self._prove()
            return
        self._tls.replace(new)
        await self._prove()
        self._told("failed" if self._unproven is not None else "reloaded")
        if self._unproven is None:
            self._tell(new)
        await self._part(old, new)

    async def _prove(self) -> None:
        """Dial this node itself: what is not seen from outside is not reported as done."""
        self._unproven = await self._not_served()
        if self._unproven is not None:
            log.error("%s: %s", self.name, self._unproven)

    async def _not_served(self) -> str | None:
        for leaf in self._tls.generation.chain[:1]:
            for address in self.bound:
                seen = await served_at(address, self._tls)
                if seen != leaf:
                    shows = f"shows serial {seen.serial_number:x}" if seen is not None else "shows no certificate"
                    return f"{address[0]}:{address[1]} {shows} in place of {leaf.serial_number:x} after a reload"
        return None

    async def _part(self, old: Generation, new: Generation) -> None:
        shrank = trust_shrank(old, new)
        if self._renew is not None and (shrank or identity_changed(old, new)):
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._renew()
            except (IsthmusError, TimeoutError) as error:
                log.warning("%s: not every connection to other nodes was renewed: %s", self.name, error)
        if shrank:
            count = self._expel(trusts(lambda: self._tls.generation.trusted))
            log.info("%s: trust has shrunk, %d connections of peers that it no longer covers end", self.name, count)
        if new.revocations != old.revocations:
            count = self._expel(self._tls.judge)
            log.info("%s: other revocation lists, %d connections of revoked peers end", self.name, count)

    def _tell(self, new: Generation) -> None:
        report = self._report("reloaded", None)
        shown = f"serves serial {report.serial_number}, valid until {report.not_after}" if new.chain else "serves none"
        log.info("%s: reloaded: %s; trusts %d CAs", self.name, shown, report.trusted)
        for warning in new.warnings:
            log.warning("%s", warning)

    def _report(self, result: Result, reason: str | None) -> ChannelReport:
        generation = self._tls.generation
        leaf = describe_certificate(generation.chain[0]) if generation.chain else None
        return ChannelReport(
            channel=self.name,
            result=result,
            reason=reason,
            serial_number=None if leaf is None else leaf.serial_number,
            not_after=None if leaf is None else leaf.expiry,
            trusted=len(generation.trusted),
        )
