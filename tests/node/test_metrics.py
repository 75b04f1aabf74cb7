"""A node's own metrics, as Prometheus reads them."""

from __future__ import annotations

from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from isthmus.node.metrics import certificate_families, process_families, revocation_families
from isthmus.pki.revocation import RevocationList
from isthmus.rest.exposition import expose
from tests.certificates import make_ca
from tests.rest.node import REPORT

# The labels of x509-certificate-exporter for certificates of files.
LABELS = {
    "filename",
    "filepath",
    "serial_number",
    *(f"{who}_{part}" for who in ("subject", "issuer") for part in ("C", "ST", "L", "O", "OU", "CN")),
}


def read(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    return {one.name: [(s.labels, s.value) for s in one.samples] for one in text_string_to_metric_families(text)}


def test_certificates_have_the_names_and_labels_that_dashboards_know() -> None:
    ca = make_ca("a CA")
    certificate = ca.issue('no"de').certificate
    found = read(expose(certificate_families([("/certs/node.crt", certificate), ("/certs/node.crt", certificate)])))
    ((labels, end),) = found["x509_cert_not_after"]
    assert set(labels) == LABELS
    assert labels["filepath"] == "/certs/node.crt"
    assert labels["filename"] == "node.crt"
    assert (labels["subject_CN"], labels["issuer_CN"], labels["subject_O"]) == ('no"de', "a CA", "")
    assert labels["serial_number"] == str(certificate.serial_number)
    assert datetime.fromtimestamp(end, UTC) == certificate.not_valid_after_utc
    ((_, begin),) = found["x509_cert_not_before"]
    assert datetime.fromtimestamp(begin, UTC) == certificate.not_valid_before_utc


def test_revocation_lists_tell_when_a_newer_one_is_due() -> None:
    ca, due = make_ca("a CA").certificate, datetime(2030, 1, 1, tzinfo=UTC)
    lists = [RevocationList(ca, frozenset(), due, due), RevocationList(ca, frozenset(), due, None)]
    ((labels, value),) = read(expose(revocation_families(lists)))["x509_crl_next_update"]
    assert (labels["issuer_CN"], value) == ("a CA", due.timestamp())


def test_the_process_is_told_under_the_names_of_prometheus_own_libraries() -> None:
    found = read(expose(process_families(REPORT, 10_000.0, 1.5)))
    assert found == {
        "process_start_time_seconds": [({}, 4600.0)],
        "process_cpu_seconds": [({}, 1.5)],
        "process_resident_memory_bytes": [({}, float(80 << 20))],
        "process_open_fds": [({}, 64.0)],
        "process_max_fds": [({}, 1024.0)],
    }
