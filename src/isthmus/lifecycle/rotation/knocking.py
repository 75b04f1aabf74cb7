"""Knocks at a port with one key of the rotation: is it let in, and what is served?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cryptography import x509

from isthmus.lifecycle.probing.dial import Dialled, Dialler
from isthmus.lifecycle.rotation.channels import ROTATABLE
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.site import Reply

TIMEOUT = 10.0
YOUNG = timedelta(days=1)
"""Clocks are rarely further apart."""


class Knocker:
    """Knocks with the leaves of `papers`; a context is made once for each."""

    def __init__(self, papers: Papers, timeout: float = TIMEOUT) -> None:
        self._papers = papers
        self._timeout = timeout
        self._diallers: dict[str | None, Dialler] = {}

    async def __call__(
        self, channel: str, address: str, leaf: str | None, trusted: Sequence[x509.Certificate]
    ) -> Reply:
        """Return what the port at `address` (`host:port`) did; what it serves must lead to one of `trusted`."""
        dialled = await self._dialler(leaf, trusted).dial(
            address,
            server_name=None,
            channel=ROTATABLE[channel].greeting,
            timeout=self._timeout,
        )
        reply = _reply(dialled, judged=ROTATABLE[channel].judges and leaf is not None)
        return (
            reply if leaf is None or reply.accepted is not False else replace(reply, words=self._excused(reply, leaf))
        )

    def _dialler(self, leaf: str | None, trusted: Sequence[x509.Certificate]) -> Dialler:
        if leaf not in self._diallers:
            identity = None if leaf is None else self._papers.leaf(leaf)
            self._diallers[leaf] = Dialler(identity, trusted)
        return self._diallers[leaf]

    def _excused(self, reply: Reply, leaf: str) -> str:
        """Say of a young certificate that was refused that the clock over there may be behind ours."""
        shown = self._papers.leaf(leaf).certificate
        if shown is None or datetime.now(UTC) - shown.not_valid_before_utc > YOUNG:
            return reply.words
        since = f"{shown.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        return f"{reply.words}; check the clock there: what it refused is valid only from {since}"


def _reply(dialled: Dialled, *, judged: bool) -> Reply:
    """A server that judges us may refuse us before or after it served; one that we do not trust proves nothing."""
    served = dialled.served[0] if dialled.served else None
    if not judged:
        return Reply(None, served, "" if served else f"[{dialled.address}] {dialled.why}")
    if dialled.outcome == "accepted" and dialled.speaks == "transport":
        return Reply(accepted=True, certificate=served)
    if dialled.outcome == "refused_us":
        return Reply(accepted=False, certificate=served, words=dialled.why)
    return Reply(None, None, f"[{dialled.address}] {dialled.why or 'it is no transport port'}")
