"""What is judged wrong with a port, without sockets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from isthmus.lifecycle.probing.dial import Dialled
from isthmus.lifecycle.probing.findings import Expected, findings
from isthmus.lifecycle.probing.greeting import release
from isthmus.lifecycle.probing.port import PortReport, client_authentication
from isthmus.lifecycle.probing.suites import Suites
from isthmus.pki.rules import Circumstances, Finding
from tests.certificates import make_ca

CA = make_ca()
LEAF = CA.issue()
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
AROUND = Circumstances(now=datetime.now(UTC))


def judged(report: PortReport, expected: Expected | None = None) -> list[Finding]:
    """What is found of a port today."""
    return list(findings(report, expected or Expected(), AROUND))


def rules(report: PortReport, expected: Expected | None = None) -> list[str]:
    """The rules that it breaks."""
    return [one.rule for one in judged(report, expected)]


def test_a_port_that_is_well_has_no_findings() -> None:
    assert judged(REPORT, Expected(trusted=(CA.certificate,), certificates={"transport": LEAF.certificate})) == []


def test_a_port_that_takes_a_namesake_of_the_ca_is_an_error() -> None:
    (found,) = judged(replace(REPORT, namesake="accepted"))
    assert (found.rule, found.severity, found.where) == ("live-accepts-alien", "error", SEEN.address)
    assert found.node == SEEN.address


def test_a_port_that_ends_an_aliens_dial_without_a_word_is_not_said_to_refuse_it() -> None:
    (found,) = judged(replace(REPORT, alien="no answer"))
    assert (found.rule, found.severity) == ("live-alien-undecided", "note")


def test_old_tls_is_told_by_the_rule_and_what_was_not_tried_is_not_claimed() -> None:
    (found,) = judged(replace(REPORT, versions=(("TLSv1", "accepted"), ("TLSv1.1", "not tried"))))
    assert (found.rule, found.severity) == ("old-tls-version", "error")
    assert "TLSv1 allowed" in found.sentence


def test_weak_suites_that_were_accepted_are_told_by_the_rule() -> None:
    suites = Suites(
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_NULL_SHA")
    )
    found = judged(replace(REPORT, suites=suites))
    assert [(one.rule, one.severity) for one in found] == [("weak-cipher-suite", s) for s in ("error", "warning")]
    assert "TLS_RSA_WITH_NULL_SHA" in found[0].sentence


def test_a_chain_out_of_order_is_a_warning() -> None:
    other = make_ca("other").certificate
    served = replace(SEEN, served=(LEAF.certificate, other, CA.certificate))
    assert rules(replace(REPORT, nobody=served)) == ["chain-order"]


def test_what_only_files_can_show_is_not_said_of_a_port() -> None:
    """No trusted CA, no key and no file is known of a port, which is no fault of it."""
    assert rules(replace(REPORT, protocol="TLS"), Expected()) == []


def test_nothing_is_said_of_trust_where_nobody_said_whom_to_trust() -> None:
    stranger = replace(REPORT, nobody=replace(SEEN, served=(make_ca("another").issue().certificate,)))
    assert "chain-untrusted" not in rules(stranger)
    assert rules(stranger, Expected(trusted=(CA.certificate,))) == ["chain-untrusted"]
    on_http = replace(stranger, protocol="HTTP", address="127.0.0.1:9200")
    assert rules(on_http, Expected(trusted=(CA.certificate,))) == ["live-not-trusted"]


def test_a_refusal_is_a_fault_only_where_a_certificate_was_shown() -> None:
    assert rules(REPORT) == []
    assert rules(replace(REPORT, known=replace(SEEN, why="unknown CA"))) == ["live-refuses-us"]


def test_a_port_without_tls_whose_settings_switch_it_on_is_an_error_else_the_rule_decides() -> None:
    plain = PortReport(address=SEEN.address, protocol="transport", tls=False, nobody=replace(SEEN, served=()))
    assert [(one.rule, one.severity) for one in judged(plain)] == [("transport-tls-off", "warning")]
    assert [(one.rule, one.severity) for one in judged(plain, Expected(tls=True))] == [("live-plain", "error")]


def test_a_port_that_hung_up_without_a_word_is_not_said_to_require_a_certificate() -> None:
    hung_up = replace(SEEN, outcome="unreachable")
    assert client_authentication(hung_up) == "unknown"
    assert rules(replace(REPORT, nobody=hung_up, client_authentication="unknown")) == []


def test_a_release_id_is_written_as_people_do() -> None:
    assert [release(8190099), release(9010000)] == ["8.19.0", "9.1.0"]


def test_a_port_of_another_kind_is_told_with_where_the_one_that_was_meant_listens() -> None:
    """docs-content#3245: 9300, 9443 and 9200 are mixed up."""
    at_9443 = replace(REPORT, address="127.0.0.1:9443")
    (found,) = judged(at_9443)
    assert (found.rule, found.severity) == ("live-other-port", "warning")
    assert "it is the transport port" in found.sentence
    assert "the remote cluster port was probably meant" in found.mend
    (by_folder,) = judged(at_9443, Expected(node="n1", ports={"remote_cluster_server": "9444"}))
    assert "by the settings of [n1] it listens on 9444" in by_folder.mend
    (restart,) = judged(REPORT, Expected(node="n1", channel="http"))
    assert (restart.severity, "other settings than its folder has" in restart.mend) == ("error", True)
