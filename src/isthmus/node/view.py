"""The node as the REST API sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from cryptography import x509

from isthmus.cluster.messages import Member
from isthmus.cluster.service import ClusterService
from isthmus.errors import IsthmusError
from isthmus.lifecycle.expiry import ExpiryWatch
from isthmus.lifecycle.reloading.channel import ChannelReport
from isthmus.node.addresses import Bound, joined
from isthmus.node.agreement import Agreement
from isthmus.node.neighbours import Neighbours
from isthmus.node.reloading import Reloading
from isthmus.node.secure_settings import SecureSettings
from isthmus.rest.meter import Meter
from isthmus.rest.view import Bound as BoundView
from isthmus.rest.view import CertificateView, ClusterHealth, NodeReport, SecureReload, Status
from isthmus.settings import Settings, network_settings, node_settings
from isthmus.settings.ssl_settings import TRANSPORT_SSL
from isthmus.state.history import Term
from isthmus.tls.live import TlsChannel
from isthmus.tls.material import Source
from isthmus.transport.messages import Action, ForUsers
from isthmus.transport.registry import ActionRegistry

REPORT_TIMEOUT = 2.0


def _now() -> datetime:
    return datetime.now(UTC)


class ReportRequest(msgspec.Struct, frozen=True):
    """Asks a member for its report."""


REPORT = Action(
    "internal:isthmus/nodes/report", ReportRequest, NodeReport, ForUsers(("cluster:monitor/*",), nodes=True)
)


class View:
    """Implements `isthmus.rest.view.NodeView`. `warnings()` are sentences on what is unsafe now."""

    def __init__(
        self,
        settings: Settings,
        cluster: ClusterService,
        meter: Meter,
        channels: Iterable[TlsChannel],
        warnings: Callable[[], Sequence[str]],
        reloading: Reloading,
        secure: SecureSettings,
        agreement: Agreement,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.cluster_name = settings.get(node_settings.CLUSTER_NAME)
        self._max_content_length = settings.get(network_settings.HTTP_MAX_CONTENT_LENGTH)
        self._cluster = cluster
        self._meter = meter
        self._channels = tuple(channels)
        self._warnings = warnings
        self._reloading = reloading
        self._secure = secure
        self._agreement = agreement
        self.encrypts_transport = settings.get(TRANSPORT_SSL.enabled)
        self.expiry = ExpiryWatch(self._uses, now)
        self.neighbours = Neighbours(cluster.membership, self.reports)
        self._transport: BoundView | None = None
        self._http: BoundView | None = None

    def register(self, registry: ActionRegistry) -> None:
        """Serve this node's report to the other members."""
        registry.serve(REPORT, lambda _request, _channel: self.own_report())

    def bound(self, transport: Sequence[Bound], http: Sequence[Bound]) -> None:
        """Take where the listeners are bound, once they are and their addresses are published."""
        me = self._cluster.membership.me
        self._transport = BoundView(tuple(joined(*one) for one in transport), me.transport_address)
        self._http = BoundView(tuple(joined(*one) for one in http), me.http_address or "")

    @property
    def name(self) -> str:
        return self._cluster.membership.me.name

    @property
    def node_id(self) -> str:
        return self._cluster.membership.me.id

    @property
    def cluster_uuid(self) -> str | None:
        return self._cluster.cluster_uuid

    @property
    def version(self) -> str:
        return self._cluster.membership.me.version

    @property
    def build_hash(self) -> str:
        return self._cluster.membership.me.build_hash

    def members(self) -> Sequence[Member]:
        return self._cluster.membership.members

    def master_id(self) -> str | None:
        owner = self._cluster.membership.owner
        return None if owner is None else owner.id

    def health(self) -> ClusterHealth:
        membership = self._cluster.membership
        members, trouble = membership.members, membership.trouble
        return ClusterHealth(
            status=self._status(),
            number_of_nodes=len(members),
            number_of_data_nodes=sum("data" in member.roles for member in members),
            warnings=[
                *([trouble] if trouble else []),
                *self._warnings(),
                *(f"node [{self.name}]: {warning}" for warning in self._own_warnings()),
                *self.neighbours.warnings(),
            ],
        )

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> bool:
        return await self._cluster.membership.wait_until(holds, seconds)

    async def reports(self, node_ids: Sequence[str]) -> Mapping[str, NodeReport | str]:
        asked = [member for member in self.members() if member.id in node_ids]
        found = await asyncio.gather(*(self._report_of(member) for member in asked))
        return {member.id: report for member, report in zip(asked, found, strict=True)}

    def certificates(self) -> Sequence[CertificateView]:
        sources = (source for channel in self._channels for source in channel.generation.sources)
        return [_describe(source) for source in dict.fromkeys(sources)]

    async def reload_certificates(self, node_ids: Sequence[str]) -> Mapping[str, Sequence[ChannelReport] | str]:
        return await self._reloading.reload(node_ids)

    async def reload_secure_settings(self, node_ids: Sequence[str], password: str) -> Mapping[str, SecureReload | str]:
        return await self._secure.reload(node_ids, password)

    async def take_over(self, *, force: bool) -> Term:
        """Make this node the owner; see `ClusterService.take_over`."""
        return await self._cluster.take_over(force=force)

    def own_report(self) -> NodeReport:
        """Return what this node tells of itself."""
        report = self._meter.report(
            transport=self._transport, http=self._http, max_content_length=self._max_content_length
        )
        return msgspec.structs.replace(report, warnings=tuple(self._own_warnings()))

    def _own_warnings(self) -> Iterator[str]:
        yield from self.expiry.warnings()
        yield from self._agreement.warnings

    def _uses(self) -> Iterator[tuple[str, x509.Certificate]]:
        for channel in self._channels:
            yield from ((source.path, source.certificate) for source in channel.generation.sources)

    def _status(self) -> Status:
        """Red: in no cluster. Yellow: reads go on, but the owner is lost and metadata cannot be written."""
        membership = self._cluster.membership
        if membership.owner is not None:
            return "green"
        return "red" if membership.refused or self._cluster.cluster_uuid is None else "yellow"

    async def _report_of(self, member: Member) -> NodeReport | str:
        if member.id == self.node_id:
            return self.own_report()
        try:
            return await self._cluster.ask(member, REPORT, ReportRequest(), timeout=REPORT_TIMEOUT)
        except IsthmusError as error:
            return error.reason


def _describe(source: Source) -> CertificateView:
    from isthmus.pki.describe import describe_certificate

    description = describe_certificate(source.certificate)
    return CertificateView(
        path=source.path,
        format=source.format,
        alias=source.alias,
        subject_dn=description.subject_dn,
        serial_number=description.serial_number,
        has_private_key=source.has_private_key,
        expiry=description.expiry,
        issuer=description.issuer,
    )
