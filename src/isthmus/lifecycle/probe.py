"""What a port really does, found by dialling it: as nobody, as somebody trusted, as an alien, in each TLS version."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography import x509

from isthmus.lifecycle.alien import alien_identity
from isthmus.lifecycle.dial import Dialled, Dialler
from isthmus.lifecycle.line import split_address
from isthmus.lifecycle.plain import speaks_plainly
from isthmus.pki.bundles import Bundle

VersionAnswer = Literal["accepted", "refused", "not tried", "no answer"]
ClientAuthentication = Literal["required", "optional", "none", "unknown"]
AlienAnswer = Literal["accepted", "refused", "not asked", "no answer"]

_BAD_REQUEST = "HTTP/1.1 400"

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # they are deprecated, and that is why we ask
    VERSIONS = {
        "TLSv1": ssl.TLSVersion.TLSv1,
        "TLSv1.1": ssl.TLSVersion.TLSv1_1,
        "TLSv1.2": ssl.TLSVersion.TLSv1_2,
        "TLSv1.3": ssl.TLSVersion.TLSv1_3,
    }


@dataclass(frozen=True, kw_only=True)
class PortReport:
    """What was seen of one port.

    `protocol` is transport, remote_cluster, HTTP, TLS (nobody knows what inside), or without TLS what was spoken, empty
    for nothing known. `nobody` is the dial without a certificate and without verifying; `known` the dial with the
    identity and trust that were given, None if neither was. `alien` and `namesake` tell whether a certificate of a
    foreign CA was taken, the second of a CA with the name of a trusted one.
    """

    address: str
    protocol: str
    tls: bool
    nobody: Dialled
    known: Dialled | None = None
    versions: tuple[tuple[str, VersionAnswer], ...] = ()
    client_authentication: ClientAuthentication = "unknown"
    alien: AlienAnswer = "not asked"
    namesake: AlienAnswer = "not asked"

    @property
    def served(self) -> tuple[x509.Certificate, ...]:
        """The chain that the port serves, in the order it came."""
        return self.nobody.served or (self.known.served if self.known else ())


async def probe(
    address: str, *, identity: Bundle | None, trusted: Sequence[x509.Certificate] | None, timeout: float
) -> PortReport:
    """Look at `address`; `timeout` in seconds is for each of at most 12 dials. Raises UsageError for no address."""
    nobody = await _ask(Dialler(None, None), address, None, timeout)
    if not nobody.served:
        plain = "" if not nobody.connected else await speaks_plainly(address, timeout)
        return PortReport(address=address, protocol=plain, tls=False, nobody=nobody)
    known = await _as_known(address, identity, trusted, timeout)
    alien: AlienAnswer = "not asked"
    namesake: AlienAnswer = "not asked"
    if nobody.asked_for_certificate:
        alien = await _as_alien(address, alien_identity(), timeout)
        name = _authority_name(trusted, nobody.served)
        namesake = await _as_alien(address, alien_identity(name), timeout)
    return PortReport(
        address=address,
        protocol=_protocol(nobody, known),
        tls=True,
        nobody=nobody,
        known=known,
        versions=tuple([(name, await _in_version(address, name, timeout)) for name in VERSIONS]),
        client_authentication=client_authentication(nobody),
        alien=alien,
        namesake=namesake,
    )


async def _ask(dialler: Dialler, address: str, server_name: str | None, timeout: float) -> Dialled:
    """Ask in HTTP first: a transport port answers that at once, while an HTTP port would wait for more of a frame.

    A transport port drops the question, or answers it with status 400, as no HTTP port does to a bare `GET /`.
    """
    seen = await dialler.dial(address, server_name=server_name, channel="http", timeout=timeout)
    undecided = seen.outcome == "unreachable" or seen.remark.startswith(_BAD_REQUEST)
    if not (undecided and seen.served):
        return seen
    other = await dialler.dial(address, server_name=server_name, channel="transport", timeout=timeout)
    return seen if seen.speaks and not other.speaks else other


async def _as_known(
    address: str, identity: Bundle | None, trusted: Sequence[x509.Certificate] | None, timeout: float
) -> Dialled | None:
    if identity is None and trusted is None:
        return None
    host, _ = split_address(address)
    return await _ask(Dialler(identity, trusted), address, host, timeout)


async def _as_alien(address: str, identity: Bundle, timeout: float) -> AlienAnswer:
    seen = await _ask(Dialler(identity, None), address, None, timeout)
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


def can_offer(version: ssl.TLSVersion) -> bool:
    """Tell whether our TLS library can begin a handshake in `version` only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()).do_handshake()
    except ssl.SSLWantReadError:
        return True
    except ssl.SSLError:
        return False
    return False


def client_authentication(nobody: Dialled) -> ClientAuthentication:
    """Derive from a dial without a certificate whether the port wants one."""
    if nobody.outcome == "refused_us":
        return "required"
    if nobody.outcome != "accepted":
        return "unknown"
    return "optional" if nobody.asked_for_certificate else "none"


def _protocol(nobody: Dialled, known: Dialled | None) -> str:
    said = known if known is not None and known.speaks else nobody
    if said.speaks == "transport" and "remote cluster" in said.remark.lower():
        return "remote_cluster"
    return said.speaks or "TLS"


def _authority_name(trusted: Sequence[x509.Certificate] | None, served: Sequence[x509.Certificate]) -> x509.Name:
    return trusted[0].subject if trusted else served[-1].issuer
