"""A node for the routes to show: two members, of which the second can be taken away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from isthmus.cluster.messages import Member
from isthmus.lifecycle.reloading.channel import ChannelReport
from isthmus.rest.view import Bound, CertificateView, ClusterHealth, NodeReport, SecureReload

MIB = 1 << 20
GIB = 1 << 30
ALL_ROLES = ("master", "data", "ingest", "remote_cluster_client")


def member(
    name: str, node_id: str, ip: str, *, http: str | None = None, roles: tuple[str, ...] = ALL_ROLES, rack: str = "r1"
) -> Member:
    """A member as the cluster describes it."""
    return Member(
        name=name,
        id=node_id,
        ephemeral_id=f"eph-{node_id}",
        host=ip,
        ip=ip,
        transport_address=f"{ip}:9300",
        http_address=http,
        roles=roles,
        attributes={"rack": rack},
        version="8.19.99",
        build_hash="abc",
    )


FIRST = member("node-0001", "AAAAbbbbccccddddeeeefg", "127.0.0.11", http="127.0.0.11:9200")
SECOND = member("node-0002", "BBBBbbbbccccddddeeeefg", "127.0.0.12", roles=("data",), rack="r2")

REPORT = NodeReport(
    pid=42,
    uptime=5400.0,
    rss=80 * MIB,
    cpu_percent=7,
    load=(0.5, 1.25, 2.0),
    ram_total=8 * GIB,
    ram_used=2 * GIB,
    disk_total=100 * GIB,
    disk_available=75 * GIB,
    files_open=64,
    files_max=1024,
    processors=2,
    os_name="Linux",
    os_version="6.1",
    arch="x86_64",
    transport=Bound(("127.0.0.11:9300",), "127.0.0.11:9300"),
    http=Bound(("127.0.0.11:9200", "[::1]:9200"), "127.0.0.11:9200"),
    http_max_content_length=100 * MIB,
)

CERTIFICATE = CertificateView(
    path="certs/http.p12",
    format="PKCS12",
    alias="http",
    subject_dn="CN=node-0001",
    serial_number="1f",
    has_private_key=True,
    expiry=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    issuer="CN=Demo CA",
)


class ANode:
    """Implements `NodeView`."""

    name = FIRST.name
    node_id = FIRST.id
    cluster_name = "demo"
    cluster_uuid: str | None = "uuid-1"
    version = "8.19.99"
    build_hash = "abc"

    def __init__(self) -> None:
        self.present: list[Member] = [FIRST, SECOND]
        self.answers: dict[str, NodeReport | str] = {FIRST.id: REPORT, SECOND.id: REPORT}
        self.warnings: tuple[str, ...] = ()
        self.master: str | None = FIRST.id
        self.asked: list[Sequence[str]] = []
        self.encrypts_transport = True
        self.passwords: list[str] = []
        self.secure_reloads: dict[str, SecureReload | str] = {}
        self.reloads: dict[str, Sequence[ChannelReport] | str] = {}
        self._changed = asyncio.Event()

    def change(self, members: list[Member]) -> None:
        self.present = members
        self._changed.set()
        self._changed = asyncio.Event()

    def members(self) -> Sequence[Member]:
        return self.present

    def master_id(self) -> str | None:
        return self.master

    def health(self) -> ClusterHealth:
        data = sum("data" in one.roles for one in self.present)
        return ClusterHealth("green" if self.master else "red", len(self.present), data, self.warnings)

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def reports(self, node_ids: Sequence[str]) -> Mapping[str, NodeReport | str]:
        self.asked.append(node_ids)
        return {one: self.answers[one] for one in node_ids}

    def certificates(self) -> Sequence[CertificateView]:
        return [CERTIFICATE]

    async def reload_secure_settings(self, node_ids: Sequence[str], password: str) -> Mapping[str, SecureReload | str]:
        self.asked.append(node_ids)
        self.passwords.append(password)
        return {one: self.secure_reloads[one] for one in node_ids}

    async def reload_certificates(self, node_ids: Sequence[str]) -> Mapping[str, Sequence[ChannelReport] | str]:
        self.asked.append(node_ids)
        return {one: self.reloads[one] for one in node_ids}
