"""`GET /_prometheus/metrics`: authenticated, and in the form that Prometheus asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from isthmus.rest.app import basic_gate, make_app
from isthmus.rest.counters import ALL, HANDSHAKES, REFUSED, Counters
from isthmus.rest.metrics import metrics_routes
from isthmus.rest.server import start
from isthmus.security.authenticator import Authenticator
from tests.rest.client import Client
from tests.security.doubles import PASSWORD, basic

PATH = "/_prometheus/metrics"
# What Prometheus 3 sends.
ACCEPT = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
async def base(counters: Counters, authenticator: Authenticator) -> AsyncIterator[str]:
    app = make_app(metrics_routes(counters.families), basic_gate(authenticator), max_content_length=1024)
    server = await start(app, ["127.0.0.1"], [0], None)
    yield "http://{}:{}".format(*server.bound[0])
    await server.close()


async def test_what_was_counted_is_shown_in_the_form_that_prometheus_asks_for(base: str, counters: Counters) -> None:
    counters.count(HANDSHAKES, "http", "inbound", "success")
    counters.count(HANDSHAKES, "http", "inbound", "success", by=2)
    counters.count(REFUSED, "transport", "tls")
    async with aiohttp.ClientSession(headers={"Authorization": basic("elastic", PASSWORD)}) as session:
        answer = await Client(session, base).get(PATH, Accept=ACCEPT)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = {s.name: (s.labels, s.value) for one in text_string_to_metric_families(answer.text) for s in one.samples}
    assert samples == {
        HANDSHAKES.name: ({"channel": "http", "direction": "inbound", "result": "success"}, 3.0),
        REFUSED.name: ({"channel": "transport", "reason": "tls"}, 1.0),
    }


async def test_nobody_sees_them_without_a_password(base: str) -> None:
    async with aiohttp.ClientSession() as session:
        answer = await Client(session, base).get(PATH)
    assert (answer.status, answer.type) == (401, "security_exception")


def test_a_count_without_its_labels_is_a_mistake_of_ours(counters: Counters) -> None:
    with pytest.raises(ValueError, match=HANDSHAKES.name):
        counters.count(HANDSHAKES, "http")
    assert [family.name for family in counters.families()] == [one.name for one in ALL]
