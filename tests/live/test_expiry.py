"""Certificates that end soon, as an operator hears of them: health of every node, log, metrics (complaint P9)."""

from __future__ import annotations

import urllib.request
from base64 import b64encode
from functools import partial
from ssl import create_default_context

import pytest
from prometheus_client.parser import text_string_to_metric_families

from isthmus.demo.nodes import NodeProcess, wait_for
from tests.certificates import make_ca
from tests.live.site import OWNER, PASSWORD, SOON, Site

pytestmark = pytest.mark.live


def scrape(site: Site, node: NodeProcess) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """What Prometheus would store of a node."""
    request = urllib.request.Request(f"https://{node.http}/_prometheus/metrics")
    request.add_header("Authorization", f"Basic {b64encode(f'elastic:{PASSWORD}'.encode()).decode()}")
    context = create_default_context(cafile=str(site.root / "ca.crt"))
    with urllib.request.urlopen(request, context=context, timeout=SOON) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {(s.name, frozenset(s.labels.items())): s.value for one in families for s in one.samples}


def warnings(site: Site, node: NodeProcess) -> list[str]:
    with site.client(node) as client:
        return list(client.cluster.health().get("warnings", []))


def is_warned(site: Site, node: NodeProcess, said: str) -> bool:
    return any(said in one for one in warnings(site, node))


def test_p9_every_node_warns_of_a_certificate_that_ends_soon_on_one(site: Site) -> None:
    """elasticsearch#125860, elasticsearch#105977: no warning of expiry until the crash."""
    soon = site.ca.issue("second", days=(-9, 6))
    owner = site.start(OWNER)
    second = site.start("second", seeds=[owner], issued=soon)
    site.wait_for_members(owner, OWNER, "second")
    said = f"node [second]: the certificate [CN=second] of [{second.folder / 'node.crt'}]"
    for node in (owner, second):
        wait_for(partial(is_warned, site, node, said), SOON, "the warning")
    logged = [one for one in second.log_entries() if "[CN=second]" in str(one["message"]) and "expires in" in str(one)]
    assert len(logged) == 1
    assert second.stop() == 0
    site.wait_for_members(owner, OWNER)
    assert warnings(site, owner) == []


def test_metrics_tell_of_certificates_handshakes_connections_and_refusals(site: Site) -> None:
    owner = site.start(OWNER)
    second = site.start("second", seeds=[owner])
    site.wait_for_members(owner, OWNER, "second")
    alien = site.start("alien", seeds=[owner], issued=make_ca("another CA").issue("alien"), trusted=[site.ca])
    owner.wait_until_logged("[CN=alien]")
    found = scrape(site, owner)
    by_name = {name for name, _ in found}
    assert {"x509_cert_not_after", "process_start_time_seconds", "isthmus_build_info"} <= by_name
    green = found["isthmus_cluster_health_status", frozenset({("color", "green")})]
    assert (green, found["isthmus_cluster_nodes", frozenset()]) == (1.0, 2.0)
    handshakes = {("channel", "transport"), ("direction", "inbound")}
    assert found["isthmus_tls_handshakes_total", frozenset({*handshakes, ("result", "success")})] >= 1
    assert found["isthmus_tls_handshakes_total", frozenset({*handshakes, ("result", "untrusted")})] >= 1
    assert found["isthmus_connections_refused_total", frozenset({("channel", "transport"), ("reason", "tls")})] >= 1
    assert found["isthmus_connections_open", frozenset({("channel", "http"), ("direction", "inbound")})] >= 1
    assert alien.stop() == 0
    assert second.stop() == 0
