"""What the routes need of the node, as values. `isthmus.node` implements `NodeView`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from isthmus.lifecycle.reloading.channel import ChannelReport

Status = Literal["green", "yellow", "red"]


class MemberView(Protocol):
    """A member of the cluster; `isthmus.cluster.messages.Member` is one. Addresses are `ip:port`."""

    @property
    def name(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def ephemeral_id(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def ip(self) -> str: ...
    @property
    def transport_address(self) -> str: ...
    @property
    def http_address(self) -> str | None: ...
    @property
    def roles(self) -> Sequence[str]: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    @property
    def version(self) -> str: ...
    @property
    def build_hash(self) -> str: ...


class Bound(msgspec.Struct, frozen=True):
    """Where a listener is bound and what it publishes, `ip:port` each."""

    bound: tuple[str, ...]
    published: str


class NodeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a node knows of itself and its machine at one moment. None: this machine does not tell.

    Sizes are bytes, `uptime` seconds, `cpu_percent` the machine's use over the last seconds, 0 to 100. `warnings` are
    sentences on certificates of the node that end soon.
    """

    pid: int
    uptime: float
    rss: int | None
    cpu_percent: int | None
    load: tuple[float, float, float] | None
    ram_total: int | None
    ram_used: int | None
    disk_total: int | None
    disk_available: int | None
    files_open: int | None
    files_max: int | None
    processors: int
    os_name: str
    os_version: str
    arch: str
    transport: Bound | None = None
    http: Bound | None = None
    http_max_content_length: int | None = None
    warnings: tuple[str, ...] = ()


class SecureReload(msgspec.Struct, frozen=True):
    """How a node has read its keystore anew: if it could not, what the error's type and reason are."""

    error_type: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ClusterHealth:
    """The cluster as this node sees it. `warnings` are sentences for a person: what makes it not green, and risks."""

    status: Status
    number_of_nodes: int
    number_of_data_nodes: int
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class CertificateView:
    """One certificate of a file that the node uses. `format` is PEM, PKCS12 or jks; `alias` only of the last two."""

    path: str
    format: str
    alias: str | None
    subject_dn: str
    serial_number: str
    has_private_key: bool
    expiry: datetime
    issuer: str


class NodeView(Protocol):
    """The node that serves the requests."""

    @property
    def name(self) -> str: ...
    @property
    def node_id(self) -> str: ...
    @property
    def cluster_name(self) -> str: ...
    @property
    def cluster_uuid(self) -> str | None: ...
    @property
    def version(self) -> str: ...
    @property
    def build_hash(self) -> str: ...

    def members(self) -> Sequence[MemberView]:
        """Return the members of the cluster, this node among them."""

    def master_id(self) -> str | None:
        """Return the id of the owner of the cluster's state, or None while it is out of reach."""

    def health(self) -> ClusterHealth:
        """Return the health of the cluster now."""

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Wait until `holds()` after some change of the membership; return False after `seconds`."""

    async def reports(self, node_ids: Sequence[str]) -> Mapping[str, NodeReport | str]:
        """Return by id what the members report of themselves, or why one did not answer within seconds."""

    def certificates(self) -> Sequence[CertificateView]:
        """Return the certificates of all files that the node's channels use, as they are served and trusted now."""

    async def reload_certificates(self, node_ids: Sequence[str]) -> Mapping[str, Sequence[ChannelReport] | str]:
        """Have the members read their certificates anew; return by id how it went, or why one did not answer."""

    @property
    def encrypts_transport(self) -> bool:
        """Whether what nodes say to each other is encrypted."""

    async def reload_secure_settings(self, node_ids: Sequence[str], password: str) -> Mapping[str, SecureReload | str]:
        """Have members read their keystores anew; return how that went by id, or why a member did not answer."""
