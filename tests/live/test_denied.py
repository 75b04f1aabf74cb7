"""A stolen node certificate is denied: the node is out at once, the others stay, and a restart does not forget it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from elasticsearch import ApiError, BadRequestError, Elasticsearch, TransportError

from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.pki.explain import fingerprint
from tests.certificates import Issued
from tests.live.site import OWNER, SOON, Site

pytestmark = pytest.mark.live
DENIED = "isthmus.tls.denied_certificates"


@dataclass
class Trio:
    """An owner and two members, the third with a certificate that will be stolen."""

    owner: NodeProcess
    second: NodeProcess
    third: NodeProcess
    stolen: Issued


@pytest.fixture
def trio(site: Site) -> Trio:
    stolen = site.ca.issue("third")
    owner = site.start(OWNER)
    second = site.start("second", seeds=[owner])
    third = site.start("third", seeds=[owner], issued=stolen)
    for node in (owner, second, third):
        site.wait_for_members(node, OWNER, "second", "third")
    return Trio(owner, second, third, stolen)


@dataclass
class Load:
    """What came of requests that were sent one after another."""

    answered: int = 0
    failed: list[str] = field(default_factory=list)


@contextmanager
def requests(site: Site, *nodes: NodeProcess) -> Iterator[list[Load]]:
    """Send requests to `nodes`, one thread each, that the nodes answer only by asking each other."""
    stop = threading.Event()
    loads = [Load() for _ in nodes]

    def send(client: Elasticsearch, load: Load) -> None:
        while not stop.is_set():
            try:
                client.nodes.info(node_id=f"{OWNER},second")
                load.answered += 1
            except (ApiError, TransportError) as error:
                load.failed.append(str(error))

    clients = [site.client(node) for node in nodes]
    threads = [threading.Thread(target=send, args=pair) for pair in zip(clients, loads, strict=True)]
    for thread in threads:
        thread.start()
    try:
        yield loads
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for client in clients:
            client.close()


def test_a_node_whose_certificate_is_denied_is_out_at_once_and_no_request_to_the_others_fails(
    site: Site, trio: Trio
) -> None:
    with requests(site, trio.owner, trio.second) as loads:
        with site.client(trio.second) as client:
            answer = client.cluster.put_settings(
                persistent={DENIED: [f"sha256:{fingerprint(trio.stolen.certificate)}"]}
            )
        assert answer["acknowledged"] is True
        for node in (trio.owner, trio.second):
            site.wait_for_members(node, OWNER, "second")
        before = [load.answered for load in loads]
        wait_for(
            lambda: all(now.answered > then + 5 for now, then in zip(loads, before, strict=True)), SOON, "more answers"
        )
    assert [load.failed for load in loads] == [[], []]
    # It tries to come back, and is refused before a byte of it is believed.
    entry = trio.owner.wait_until_logged("it is refused although its CA is trusted")
    assert "[CN=third]" in str(entry["message"])
    assert site.names(trio.owner) == [OWNER, "second"]


def test_a_restarted_node_still_denies_before_it_has_a_cluster(site: Site, trio: Trio) -> None:
    with site.client(trio.owner) as client:
        client.cluster.put_settings(transient={DENIED: f"serial:{trio.stolen.certificate.serial_number:X}"})
    site.wait_for_members(trio.owner, OWNER, "second")
    trio.owner.stop()
    trio.second.stop()
    refusal = "it is refused although its CA is trusted"
    before = len([e for e in trio.second.log_entries() if refusal in str(e["message"])])
    trio.second.start()  # its owner is down: all it has is its own copy
    trio.second.wait_until_bound()

    def refused_again() -> bool:
        return len([e for e in trio.second.log_entries() if refusal in str(e["message"])]) > before

    wait_for(refused_again, SOON, "the restarted node to refuse the thief")


def test_a_list_that_would_cut_off_the_node_that_is_asked_or_the_owner_is_refused(site: Site, trio: Trio) -> None:
    """opensearch security#6245: one wrong list of names bricks the cluster."""
    owner, ca = _served(site, OWNER), site.ca.certificate
    for node in (trio.owner, trio.second):
        with site.client(node) as client, pytest.raises(BadRequestError, match=rf"would cut off node \[{OWNER}\]"):
            client.cluster.put_settings(persistent={DENIED: [owner]})
    with site.client(trio.second) as client, pytest.raises(BadRequestError, match=r"would cut off node \[second\]"):
        client.cluster.put_settings(persistent={DENIED: [f"sha256:{fingerprint(ca)}"]})
    assert site.names(trio.owner) == [OWNER, "second", "third"]


def test_the_official_client_sets_reads_and_deletes(site: Site) -> None:
    node = site.start(OWNER)
    site.wait_for_members(node, OWNER)
    with site.client(node) as client:
        client.cluster.put_settings(persistent={"cluster.metadata": {"owner": "me"}}, flat_settings=True)
        assert client.cluster.get_settings(flat_settings=True)["persistent"] == {"cluster.metadata.owner": "me"}
        assert "defaults" in client.cluster.get_settings(include_defaults=True)
        client.cluster.put_settings(persistent={"cluster.metadata.*": None})
        assert client.cluster.get_settings().body == {"persistent": {}, "transient": {}}
        with pytest.raises(BadRequestError) as caught:
            client.cluster.put_settings(persistent={"http.port": 1})
    assert caught.value.error == "illegal_argument_exception"


def _served(site: Site, name: str) -> str:
    from isthmus.pki.bundles import load_certificates

    (certificate, *_) = load_certificates((site.root / name / "node.crt").read_bytes(), name)
    return f"sha256:{fingerprint(certificate)}"
