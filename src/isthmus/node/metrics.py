"""The metrics of one node: certificates, cluster, connections, process, and what was counted."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePath

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from isthmus.node.view import View
from isthmus.pki.revocation import RevocationList
from isthmus.rest.counters import HANDSHAKES, REFUSED, Counters
from isthmus.rest.exposition import Family, Sample, gauge
from isthmus.rest.view import NodeReport
from isthmus.tls.live import TlsChannel

_STATUSES = ("green", "yellow", "red")
_PARTS = {
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}

OpenConnections = Callable[[], Mapping[tuple[str, str], int]]
"""How many connections are open, by channel and direction."""


class Metrics:
    """Gives all families of the moment."""

    def __init__(
        self, view: View, channels: Sequence[TlsChannel], counters: Counters, connections: OpenConnections
    ) -> None:
        self._view = view
        self._channels = channels
        self._counters = counters
        self._connections = connections

    def families(self) -> Iterator[Family]:
        """Return the families, certificates first."""
        sources = [source for channel in self._channels for source in channel.generation.sources]
        yield from certificate_families((source.path, source.certificate) for source in sources)
        yield from revocation_families(one for channel in self._channels for one in channel.generation.revocations)
        yield from self._counters.families()
        yield from self._cluster()
        open_now = [Sample(n, {"channel": c, "direction": d}) for (c, d), n in self._connections().items()]
        yield Family("isthmus_connections_open", "gauge", "Connections that are open now.", open_now)
        yield from process_families(self._view.own_report(), time.time(), time.process_time())

    def _cluster(self) -> Iterator[Family]:
        view, health = self._view, self._view.health()
        build = {"version": view.version, "build_hash": view.build_hash, "python": platform.python_version()}
        yield gauge("isthmus_build_info", "What runs here.", 1, build)
        names = {"cluster": view.cluster_name, "name": view.name, "node_id": view.node_id}
        yield gauge("isthmus_up", "The node answers.", 1, names)
        samples = [Sample(int(health.status == color), {"color": color}) for color in _STATUSES]
        yield Family("isthmus_cluster_health_status", "gauge", "1 for the status that the cluster has now.", samples)
        yield gauge("isthmus_cluster_nodes", "Members that this node sees.", health.number_of_nodes)
        yield gauge("isthmus_cluster_data_nodes", "Members with the role data.", health.number_of_data_nodes)
        owns = int(view.master_id() == view.node_id)
        yield gauge("isthmus_node_owns_state", "Whether this node owns the cluster's state.", owns)


def counting(channels: Mapping[str, TlsChannel | None]) -> Counters:
    """Return what counts from now on how the handshakes of `channels` end, by their names."""
    counters = Counters()
    for name, channel in channels.items():
        if channel is not None:
            channel.on_ended = partial(_ended, counters, name)
    return counters


def _ended(counters: Counters, channel: str, direction: str, result: str) -> None:
    counters.count(HANDSHAKES, channel, direction, result)
    if channel == "http" and result != "success":  # the transport tells of its refusals itself
        counters.count(REFUSED, channel, "tls")


def certificate_families(uses: Iterable[tuple[str, x509.Certificate]]) -> Iterator[Family]:
    """Return the dates of certificates under the names and labels of x509-certificate-exporter."""
    found = [(_certificate_labels(path, one), one) for path, one in uses]
    ends = [Sample(one.not_valid_after_utc.timestamp(), labels) for labels, one in found]
    begins = [Sample(one.not_valid_before_utc.timestamp(), labels) for labels, one in found]
    yield Family("x509_cert_not_after", "gauge", "When the certificate expires, in Unix time.", ends)
    yield Family("x509_cert_not_before", "gauge", "From when on the certificate is valid, in Unix time.", begins)


def revocation_families(lists: Iterable[RevocationList]) -> Iterator[Family]:
    """Return until when revocation lists count."""
    ends = [
        Sample(one.next_update.timestamp(), _name_labels("issuer", one.issuer.subject))
        for one in lists
        if one.next_update is not None
    ]
    yield Family("x509_crl_next_update", "gauge", "When a newer revocation list is due, in Unix time.", ends)


def process_families(report: NodeReport, now: float, cpu_seconds: float) -> Iterator[Family]:
    """Return what Prometheus' own client libraries tell of a process, under their names."""
    yield gauge("process_start_time_seconds", "When the process started, in Unix time.", now - report.uptime)
    cpu = [Sample(cpu_seconds, {})]
    yield Family("process_cpu_seconds_total", "counter", "Processor time that the process used.", cpu)
    yield gauge("process_resident_memory_bytes", "Resident memory.", report.rss)
    yield gauge("process_open_fds", "Open files.", report.files_open)
    yield gauge("process_max_fds", "How many files may be open.", report.files_max)


def _certificate_labels(path: str, certificate: x509.Certificate) -> dict[str, str]:
    return {
        "filename": PurePath(path).name,
        "filepath": path,
        "serial_number": str(certificate.serial_number),
        **_name_labels("subject", certificate.subject),
        **_name_labels("issuer", certificate.issuer),
    }


def _name_labels(prefix: str, name: x509.Name) -> dict[str, str]:
    return {f"{prefix}_{part}": _attribute(name, oid) for part, oid in _PARTS.items()}


def _attribute(name: x509.Name, oid: ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    value = found[0].value if found else ""
    return value if isinstance(value, str) else value.hex()
