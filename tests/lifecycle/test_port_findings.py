"""What is judged wrong with a port, without sockets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from isthmus.lifecycle.dial import Dialled
from isthmus.lifecycle.greeting import release
from isthmus.lifecycle.port_findings import Expected, covers, findings
from isthmus.lifecycle.probe import PortReport, client_authentication
from tests.certificates import make_ca

CA = make_ca()
LEAF = CA.issue(dns=["node1", "*.example.org"], ips=["127.0.0.1"])
SEEN = Dialled(address="127.0.0.1:9300", outcome="refused_us", served=(LEAF.certificate,), asked_for_certificate=True)
REPORT = PortReport(
    address=SEEN.address,
    protocol="transport",
    tls=True,
    nobody=SEEN,
    client_authentication="required",
    alien="refused",
    namesake="refused",
)
NOW = Expected(datetime.now(UTC))


@pytest.mark.parametrize(
    ("host", "held"),
    [
        ("node1", True),
        ("NODE1", True),
        ("a.example.org", True),
        ("a.b.example.org", False),
        ("example.org", False),
        ("127.0.0.1", True),
        ("127.0.0.2", False),
        ("node", False),
    ],
)
def test_a_host_is_covered_by_a_name_an_address_or_one_wildcard_label(host: str, held: bool) -> None:
    assert covers(LEAF.certificate, host) is held


def test_a_port_that_takes_a_namesake_of_the_ca_is_an_error() -> None:
    (found,) = findings(replace(REPORT, namesake="accepted"), NOW)
    assert (found.rule, found.severity, found.where) == ("live-accepts-alien", "error", "127.0.0.1:9300")


def test_old_tls_is_a_warning_and_what_was_not_tried_is_not_claimed() -> None:
    (found,) = findings(replace(REPORT, versions=(("TLSv1", "accepted"), ("TLSv1.1", "not tried"))), NOW)
    assert (found.rule, found.sentence) == ("live-old-tls", "it accepts TLSv1")


def test_a_chain_out_of_order_is_a_warning() -> None:
    other = make_ca("other").certificate
    served = replace(SEEN, served=(LEAF.certificate, other, CA.certificate))
    assert [one.rule for one in findings(replace(REPORT, nobody=served), NOW)] == ["live-chain-order"]


def test_a_port_that_hung_up_without_a_word_is_not_said_to_require_a_certificate() -> None:
    assert client_authentication(replace(SEEN, outcome="unreachable")) == "unknown"


def test_a_release_id_is_written_as_people_do() -> None:
    assert [release(8190099), release(9010000)] == ["8.19.0", "9.1.0"]
