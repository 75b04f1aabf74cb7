"""What a node is to its cluster follows from its settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from isthmus.node import configuration
from isthmus.settings import Settings, load
from isthmus.tls.live import TlsChannel
from tests.certificates import DAY, make_ca
from tests.revoking import revocation_list
from tests.tls.handshakes import config


def settings(folder: Path, **names: str) -> Settings:
    overrides = [f"{name.replace('__', '.')}={value}" for name, value in names.items()]
    return load(folder, overrides=["node.name=me", *overrides], environ={})


@pytest.mark.parametrize(
    ("masters", "seeds", "may_make_a_cluster"),
    [
        ("me", "", True),
        ("me,other", "10.0.0.1", True),
        ("other,me", "10.0.0.1", False),
        ("", "10.0.0.1", False),
        ("", "", True),
    ],
    ids=["alone in the list", "first of two", "second of two", "seeds only", "nothing is said"],
)
def test_the_first_of_the_initial_masters_may_make_the_cluster(
    masters: str, seeds: str, may_make_a_cluster: bool, tmp_path: Path
) -> None:
    given = {
        **({"cluster__initial_master_nodes": masters} if masters else {}),
        **({"discovery__seed_hosts": seeds} if seeds else {}),
    }
    assert configuration.cluster_rules(settings(tmp_path, **given)).initial_master is may_make_a_cluster


def test_a_single_node_asks_nobody_and_makes_its_cluster(tmp_path: Path) -> None:
    rules = configuration.cluster_rules(settings(tmp_path, discovery__type="single-node"))
    assert (rules.initial_master, rules.single_node, list(rules.seeds)) == (True, True, [])


def test_a_transport_that_trusts_its_network_is_warned_of(tmp_path: Path) -> None:
    assert configuration.warnings(settings(tmp_path), []) == []
    (warning,) = configuration.warnings(settings(tmp_path, isthmus__transport__trust_network="true"), [])
    assert "isthmus.transport.trust_network" in warning


def test_without_tls_a_channel_has_none(tmp_path: Path) -> None:
    from isthmus.settings.ssl_settings import TRANSPORT_SSL

    assert configuration.tls_channel(settings(tmp_path), TRANSPORT_SSL) is None


def test_a_revocation_list_that_is_over_is_warned_of_while_the_node_runs(tmp_path: Path) -> None:
    ca = make_ca("root")
    crl = revocation_list(tmp_path / "crl", ca, days=(-1, 1))
    channel = TlsChannel(config(tmp_path / "own", ca.issue("own"), [ca.certificate], revocation_lists=(crl,)))
    assert configuration.warnings(settings(tmp_path), [channel]) == []
    (warning,) = configuration.warnings(settings(tmp_path), [channel], datetime.now(UTC) + 2 * DAY)
    assert "the revocation list of [CN=root] expired on" in warning
