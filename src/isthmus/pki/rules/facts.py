"""What the rules look at: what was read of files, channels and nodes, good or bad. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

FileKind = Literal["certificate", "key", "authorities", "keystore", "truststore", "crl"]


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """One file that a setting names. `mode` are its permission bits, None where that is unknown.

    `format` is PEM, PKCS12 or jks. `fault` says why it could not be read, and `mend` what to do then; both empty if
    it was. `encryption` names how a store or key is encrypted (`PBES2 AES-256`, `PBE SHA-1 RC2-40`), empty if it is
    not; `password_missing`: it is encrypted, and no password is known.
    """

    path: str
    setting: str
    kind: FileKind
    format: str
    mode: int | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    encryption: str = ""
    password_missing: bool = False
    fault: str = ""
    mend: str = ""


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """One channel of a node, as its settings and files have it.

    `prefix` is that of its settings (`xpack.security.transport.ssl`). `public_key` belongs to the private key that was
    read. `presented` is in the order of the file, the first being what the node shows as its own; `trusted` is all
    that the channel's trust files hold.
    """

    prefix: str
    enabled: bool
    verification_mode: str
    client_authentication: str
    supported_protocols: tuple[str, ...]
    cipher_suites: tuple[str, ...]
    public_key: PublicKeyTypes | None
    presented: tuple[x509.Certificate, ...]
    trusted: tuple[x509.Certificate, ...]
    files: tuple[FileFacts, ...]

    @property
    def name(self) -> str:
        """`transport`, `http`, `remote_cluster_server` or `remote_cluster_client`."""
        return self.prefix.split(".")[2]


@dataclass(frozen=True, kw_only=True)
class NodeFacts:
    """One node. `where` is its configuration folder; `addresses` are the hosts that others know it by, by channel name.

    `trusts_network`: its administrator says that nobody else can reach its transport port.
    """

    name: str
    where: str
    channels: tuple[ChannelFacts, ...]
    addresses: dict[str, tuple[str, ...]]
    trusts_network: bool = False

    def channel(self, name: str) -> ChannelFacts | None:
        """Return the channel of that name, None if the node has none."""
        return next((one for one in self.channels if one.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a judgement rests on besides the node: the moment, and authorities known for what they are.

    `public` are CAs that sign for anybody, `organisation` those of a whole organisation; `elsewhere` are certificates
    that are in use outside this cluster.
    """

    now: datetime
    public: frozenset[x509.Certificate] = frozenset()
    organisation: frozenset[x509.Certificate] = frozenset()
    elsewhere: tuple[x509.Certificate, ...] = ()
