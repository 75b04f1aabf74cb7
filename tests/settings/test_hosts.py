"""Where a node listens and how others are told to reach it."""

from __future__ import annotations

import socket

import pytest

from isthmus.settings.hosts import bindable, expand
from isthmus.settings.network_settings import (
    HTTP_BIND_HOST,
    HTTP_PUBLISH_HOST,
    TRANSPORT_BIND_HOST,
    TRANSPORT_PUBLISH_HOST,
)
from tests.settings.conftest import Load, Refused

LEVELS = ["http.bind_host: a", "http.host: b", "network.bind_host: c", "network.host: d"]


@pytest.mark.parametrize("given", range(4))
def test_the_narrower_bind_host_wins(read: Load, given: int) -> None:
    settings = read("\n".join(LEVELS[given:]))
    assert settings.get(HTTP_BIND_HOST) == ("abcd"[given],)
    assert settings.get(TRANSPORT_BIND_HOST) == ("d",) if given == 3 else ("c",)


@pytest.mark.parametrize(
    ("lines", "published"),
    [
        ("http.publish_host: a\nhttp.host: b\nnetwork.publish_host: c\nnetwork.host: d", "a"),
        ("http.host: b\nnetwork.publish_host: c\nnetwork.host: d", "b"),
        ("network.publish_host: c\nnetwork.host: d", "c"),
        ("network.host: d", "d"),
        ("network.host: [_local_, 0.0.0.0, d]", "d"),
        ("network.host: 0.0.0.0", None),
        ("http.bind_host: a", None),
        ("", None),
    ],
)
def test_the_narrower_publish_host_wins(read: Load, lines: str, published: str | None) -> None:
    assert read(lines).get(HTTP_PUBLISH_HOST) == published


def test_an_address_that_stands_for_all_cannot_be_published(refused: Refused) -> None:
    assert "[http.publish_host] is [0.0.0.0]: others cannot reach" in refused("http.publish_host: 0.0.0.0\n")


def test_local_is_published_as_an_address(read: Load) -> None:
    assert read("network.publish_host: _local_\n").get(TRANSPORT_PUBLISH_HOST) == "127.0.0.1"


def test_a_node_listens_somewhere(refused: Refused) -> None:
    assert "[network.host] is []: the list is empty" in refused("network.host: []\n")


def test_one_channels_host_is_not_the_others(read: Load) -> None:
    settings = read("http.host: a\n")
    assert settings.get(TRANSPORT_BIND_HOST) == ("_local_",)
    assert settings.get(TRANSPORT_PUBLISH_HOST) is None


def test_without_settings_a_node_listens_on_loopback_alone(read: Load) -> None:
    settings = read("")
    assert settings.get(HTTP_BIND_HOST) == settings.get(TRANSPORT_BIND_HOST) == ("_local_",)


def test_local_stands_for_the_loopback_addresses() -> None:
    assert expand(("_local_", "10.0.0.1", "127.0.0.1"), ("127.0.0.1", "::1")) == ("127.0.0.1", "::1", "10.0.0.1")


def test_other_hosts_are_bound_as_they_are_written() -> None:
    assert bindable(("10.0.0.1", "es-1.example.com")) == ("10.0.0.1", "es-1.example.com")


def test_the_loopback_addresses_of_this_machine_can_be_bound() -> None:
    assert bindable(("_local_",))[0] == "127.0.0.1"
    for address in bindable(("_local_",)):
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as listener:
            listener.bind((address, 0))


@pytest.mark.parametrize("special", ["_site_", "_global_", "_eth0_", "_en0:ipv4_", "_local:ipv4_", "_ec2_"])
def test_other_special_values_are_refused_by_name(refused: Refused, special: str) -> None:
    told = refused(f"network.host: ['{special}']\n")
    assert f"[network.host] is [{special}]: special values other than [_local_]" in told


@pytest.mark.parametrize("host", ["a b", "http://a", "a:9200", "1.2.3.4:5", "", "-a", "[", "a/b"])
def test_a_host_is_a_name_or_an_address(refused: Refused, host: str) -> None:
    assert "[http.host]" in refused(f"http.host: ['{host}']\n")


@pytest.mark.parametrize("host", ["::", "fe80::1%eth0", "[::1]", "es-1.example.com", "127.0.0.11"])
def test_hosts_and_addresses_of_both_families_are_accepted(read: Load, host: str) -> None:
    assert read(f"http.host: ['{host}']\n").get(HTTP_BIND_HOST) == (host.strip("[]"),)
