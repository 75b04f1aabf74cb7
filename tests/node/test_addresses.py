"""Which address others are told."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from isthmus.node.addresses import joined, publish_address
from isthmus.node.ports_file import write_ports


def test_the_publish_host_wins_and_keeps_its_name_for_certificates() -> None:
    assert publish_address([("127.0.0.1", 9300)], "localhost")[0] == "localhost"
    assert publish_address([("127.0.0.1", 9300)], "127.0.0.9") == ("127.0.0.9", "127.0.0.9", 9300)


def test_without_one_it_is_the_first_bound_address_that_others_can_reach() -> None:
    bound = [("::1", 1), ("127.0.0.1", 2), ("192.0.2.7", 3), ("2001:db8::7", 4)]
    assert publish_address(bound, None) == ("192.0.2.7", "192.0.2.7", 3)
    assert publish_address(bound[:2], None) == ("127.0.0.1", "127.0.0.1", 2)


def test_a_wildcard_is_never_published() -> None:
    for wildcard in ("0.0.0.0", "::"):
        _, ip, port = publish_address([(wildcard, 9300)], None)
        assert not ipaddress.ip_address(ip).is_unspecified
        assert port == 9300


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert joined("::1", 9300) == "[::1]:9300"
    assert joined("127.0.0.1", 9300) == "127.0.0.1:9300"


def test_the_ports_file_has_an_address_a_line_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_ports(tmp_path, "http", [("127.0.0.1", 9200), ("::1", 9200)])
    assert (tmp_path / "http.ports").read_text() == "127.0.0.1:9200\n[::1]:9200\n"
    assert [file.name for file in tmp_path.iterdir()] == ["http.ports"]
