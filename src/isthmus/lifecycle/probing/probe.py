"""What a port really does, found by dialling it: as nobody, as somebody trusted, as an alien, in each TLS version."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from cryptography import x509

from isthmus.lifecycle.probing.alien import alien_identity
from isthmus.lifecycle.probing.dial import Dialled, Dialler
from isthmus.lifecycle.probing.offer import VERSIONS, can_offer
from isthmus.lifecycle.probing.plain import speaks_plainly
from isthmus.lifecycle.probing.port import AlienAnswer, PortReport, VersionAnswer, client_authentication, protocol
from isthmus.lifecycle.probing.suites import Suites, accepted_suites
from isthmus.pki.bundles import Bundle

T = TypeVar("T")

AT_ONCE = 16

_BAD_REQUEST = "HTTP/1.1 400"


async def at_most(number: int, looks: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Await all `looks`, no more than `number` of them at a time, and return what they gave in their order."""
    turn = asyncio.Semaphore(number)

    async def one(look: Callable[[], Awaitable[T]]) -> T:
        async with turn:
            return await look()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(look)) for look in looks]
    return [task.result() for task in tasks]


async def probe(
    address: str, *, identity: Bundle | None, trusted: Sequence[x509.Certificate] | None, timeout: float
) -> PortReport:
    """Look at `address` as nobody, with `identity`, and as an alien whose CA bears the name of the first of `trusted`.

    `timeout` in seconds is for each of at most 12 dials; cipher suites may take six times that in all.
    Raises UsageError for no address, ConfigError if the TLS library does not take the identity.
    """
    nobody = await _ask(Dialler(None, None), address, timeout)
    if not nobody.served:
        plain = "" if not nobody.connected else await speaks_plainly(address, timeout)
        return PortReport(address=address, protocol=plain, tls=False, nobody=nobody)
    # Nothing is verified here: whether what is served can be trusted the rules tell, and more is seen.
    known = None if identity is None else await _ask(Dialler(identity, None), address, timeout)
    alien: AlienAnswer = "not asked"
    namesake: AlienAnswer = "not asked"
    if nobody.asked_for_certificate:
        alien = await _as_alien(address, alien_identity(), timeout)
        name = _authority_name(trusted, nobody.served)
        namesake = await _as_alien(address, alien_identity(name), timeout)
    versions = [(name, await _in_version(address, name, timeout)) for name in VERSIONS]
    speaks_12 = ("TLSv1.2", "accepted") in versions
    return PortReport(
        address=address,
        protocol=protocol(nobody, known),
        tls=True,
        nobody=nobody,
        known=known,
        versions=tuple(versions),
        suites=await accepted_suites(address, timeout) if speaks_12 else Suites(),
        client_authentication=client_authentication(nobody),
        alien=alien,
        namesake=namesake,
    )


async def _ask(dialler: Dialler, address: str, timeout: float) -> Dialled:
    """Ask in HTTP first: a transport port answers that at once, while an HTTP port would wait for more of a frame.

    A transport port drops the question, or answers it with status 400, as no HTTP port does to a bare `GET /`.
    """
    seen = await dialler.dial(address, server_name=None, channel="http", timeout=timeout)
    undecided = seen.outcome == "unreachable" or seen.remark.startswith(_BAD_REQUEST)
    if not (undecided and seen.served):
        return seen
    other = await dialler.dial(address, server_name=None, channel="transport", timeout=timeout)
    return seen if seen.speaks and not other.speaks else other


async def _as_alien(address: str, identity: Bundle, timeout: float) -> AlienAnswer:
    seen = await _ask(Dialler(identity, None), address, timeout)
    if seen.outcome == "accepted":
        return "accepted"
    return "refused" if seen.outcome == "refused_us" else "no answer"


async def _in_version(address: str, name: str, timeout: float) -> VersionAnswer:
    version = VERSIONS[name]
    if not can_offer(version):
        return "not tried"
    dialler = Dialler(None, None, versions=(version, version))
    seen = await dialler.dial(address, server_name=None, channel="http", timeout=timeout)
    if seen.served or seen.protocol:
        return "accepted"
    return "refused" if seen.outcome == "no_tls" else "no answer"


def _authority_name(trusted: Sequence[x509.Certificate] | None, served: Sequence[x509.Certificate]) -> x509.Name:
    return trusted[0].subject if trusted else served[-1].issuer
