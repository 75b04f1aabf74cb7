"""Rules between settings."""

from __future__ import annotations

import pytest

from tests.settings.conftest import Load, Refused

TLS = "xpack.security.transport.ssl"


def lines(*members: str) -> str:
    return "".join(f"{TLS}.{member}\n" for member in members)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (("enabled: true", "certificate: c"), f"[{TLS}.certificate] is set without [{TLS}.key] (set both)"),
        (("enabled: true", "key: k"), f"[{TLS}.key] is set without [{TLS}.certificate] (set both)"),
        (("enabled: true", "keystore.path: p", "certificate: c", "key: k"), "are both set, and only one can be used"),
        (
            ("enabled: true", "keystore.path: p", "truststore.path: t", "certificate_authorities: c"),
            f"[{TLS}.truststore.path] and [{TLS}.certificate_authorities] are both set",
        ),
        (("enabled: true",), f"set {TLS}.keystore.path, or {TLS}.certificate and {TLS}.key"),
        (("keystore.path: p",), f"[{TLS}.keystore.path] is set, but [{TLS}.enabled] is not"),
        (("verification_mode: none",), f"[{TLS}.verification_mode] is set, but [{TLS}.enabled] is not"),
    ],
)
def test_contradictions_within_a_channel_are_refused(refused: Refused, members: tuple[str, ...], told: str) -> None:
    assert told in refused(lines(*members))


@pytest.mark.parametrize(
    "members",
    [
        ("enabled: true", "keystore.path: p", "truststore.path: p"),
        ("enabled: true", "certificate: c", "key: k", "certificate_authorities: [ca]"),
        ("enabled: true", "keystore.path: p", "certificate_authorities: [ca]"),
        ("enabled: false", "keystore.path: p"),
        (),
    ],
)
def test_channels_that_make_sense_are_accepted(read: Load, members: tuple[str, ...]) -> None:
    assert read(lines(*members)).warnings == ()


def test_a_single_node_has_no_initial_master_nodes(refused: Refused) -> None:
    told = refused("discovery.type: single-node\ncluster.initial_master_nodes: [a]\n")
    assert "isthmus.yml:2: [cluster.initial_master_nodes] is set" in told


def test_roles_cannot_be_read_from_certificates_without_tls(refused: Refused) -> None:
    told = refused("isthmus.transport.node_role_pattern: '(?P<role>[a-z]+)-.*'\n")
    assert f"[{TLS}.enabled] is false" in told


@pytest.mark.parametrize(
    ("text", "secure", "part"),
    [
        ("discovery.type: single-node\ndiscovery.seed_hosts: [a]\n", {}, "[discovery.seed_hosts] has no effect"),
        ("", {f"{TLS}.secure_key_passphrase": "x"}, f"[{TLS}.key] is not set"),
        (
            "xpack.security.remote_cluster_server.ssl.enabled: true\n",
            {},
            "has no effect without [remote_cluster_server.enabled: true]",
        ),
    ],
)
def test_what_has_no_effect_is_warned_of(read: Load, text: str, secure: dict[str, str], part: str) -> None:
    (warning,) = read(text, secure=secure).warnings
    assert part in warning


def test_contradictions_are_told_together_with_their_places(refused: Refused) -> None:
    told = refused(lines("enabled: true", "key: k") + "discovery.type: single-node\ncluster.initial_master_nodes: a\n")
    assert "2 mistakes" not in told
    assert told.startswith("3 mistakes in the settings:\n")
    assert "isthmus.yml:2" in told
    assert "isthmus.yml:4" in told
