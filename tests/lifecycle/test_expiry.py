"""Expiry while a node runs: each threshold is logged once a certificate, and the health tells it all the time (P9)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from isthmus.lifecycle.expiry import MAX_TOLD, ExpiryWatch
from tests.certificates import make_ca


class Site:
    """Certificates in use, and a clock that the test sets."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self.uses = [("node.crt", certificate)]
        self.end = certificate.not_valid_after_utc
        self.now = self.end - timedelta(days=99)
        self.watch = ExpiryWatch(lambda: self.uses, self._time)

    def _time(self) -> datetime:
        return self.now


@pytest.fixture
def site() -> Site:
    return Site(make_ca("first").certificate)


def test_p9_each_threshold_is_logged_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    levels = []
    for days in (40, 31, 30, 29, 20, 14, 13, 8, 7, 6, 2, 1, 0.5, -0.5, -1, -9):
        site.now = site.end - timedelta(days=days)
        caplog.clear()
        site.watch.look()
        site.watch.look()
        levels += [(days, record.levelno) for record in caplog.records]
    warned = [(days, logging.WARNING) for days in (30, 14, 7, 1)]
    assert levels == [*warned, (-0.5, logging.ERROR)]


def test_a_certificate_that_came_by_a_reload_is_told_by_itself(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.now = site.end - timedelta(days=5)
    site.watch.look()
    site.uses = [("node.crt", make_ca("second").certificate)]
    site.watch.look()
    assert ["[CN=first]" in caplog.messages[0], "[CN=second]" in caplog.messages[1]] == [True, True]
    assert len(caplog.messages) == 2


def test_the_health_tells_it_as_long_as_it_is_so(site: Site) -> None:
    assert site.watch.warnings() == []
    site.now = site.end - timedelta(days=5)
    for _ in range(2):
        (warning,) = site.watch.warnings()
        assert "[CN=first] of [node.crt]" in warning
    site.uses = []
    assert site.watch.warnings() == []


def test_the_number_of_sentences_is_bounded(site: Site) -> None:
    site.now = site.end
    site.uses = [(f"{number}.crt", site.uses[0][1]) for number in range(MAX_TOLD + 3)]
    told = site.watch.warnings()
    assert len(told) == MAX_TOLD + 1
    assert told[-1] == "3 more certificates end soon"
