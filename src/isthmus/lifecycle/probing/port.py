"""What was seen of one port, and what that means. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cryptography import x509

from isthmus.lifecycle.probing.dial import Dialled
from isthmus.lifecycle.probing.line import split_address
from isthmus.lifecycle.probing.suites import Suites

VersionAnswer = Literal["accepted", "refused", "not tried", "no answer"]
ClientAuthentication = Literal["required", "optional", "none", "unknown"]
AlienAnswer = Literal["accepted", "refused", "not asked", "no answer"]

CHANNELS = {"transport": "transport", "HTTP": "http", "remote_cluster": "remote_cluster_server"}
PURPOSES = {
    "transport": "nodes, and remote clusters by certificate",
    "http": "users and programs",
    "remote_cluster_server": "remote clusters by API key",
}
_DEFAULT_PORTS = {
    "transport": range(9300, 9400),
    "http": range(9200, 9300),
    "remote_cluster_server": range(9443, 9444),
}


@dataclass(frozen=True, kw_only=True)
class PortReport:
    """What was seen of one port.

    `protocol` is transport, remote_cluster, HTTP, TLS (nobody knows what inside), or without TLS what was spoken, empty
    for nothing known. `nobody` is the dial without a certificate and without verifying; `known` the same with
    the identity that was given, None if none was. `alien` and `namesake` tell whether a certificate of a foreign CA was
    taken, the second of a CA with the name of a trusted one.
    """

    address: str
    protocol: str
    tls: bool
    nobody: Dialled
    known: Dialled | None = None
    versions: tuple[tuple[str, VersionAnswer], ...] = ()
    suites: Suites = field(default_factory=Suites)
    client_authentication: ClientAuthentication = "unknown"
    alien: AlienAnswer = "not asked"
    namesake: AlienAnswer = "not asked"

    @property
    def served(self) -> tuple[x509.Certificate, ...]:
        """The chain that the port serves, in the order it came."""
        return self.nobody.served or (self.known.served if self.known else ())

    @property
    def best(self) -> Dialled:
        """The dial that came furthest."""
        return self.known if self.known is not None and self.known.protocol else self.nobody

    @property
    def channel(self) -> str:
        """The node's channel that it is, as settings call it (`remote_cluster_server`); empty if it is none."""
        return CHANNELS.get(self.protocol, "")


def client_authentication(nobody: Dialled) -> ClientAuthentication:
    """Derive from a dial without a certificate whether the port wants one."""
    if nobody.outcome == "refused_us":
        return "required"
    if nobody.outcome != "accepted":
        return "unknown"
    return "optional" if nobody.asked_for_certificate else "none"


def protocol(nobody: Dialled, known: Dialled | None) -> str:
    """Name what is spoken inside TLS; the remote cluster server tells that it is one when it refuses a handshake."""
    said = known if known is not None and known.speaks else nobody
    if said.speaks == "transport" and "remote cluster" in said.remark.lower():
        return "remote_cluster"
    return said.speaks or "TLS"


def default_channel(address: str) -> str:
    """Name the channel whose port that is where settings name no other; empty for any other port."""
    _, port = split_address(address)
    return next((channel for channel, ports in _DEFAULT_PORTS.items() if port in ports), "")
